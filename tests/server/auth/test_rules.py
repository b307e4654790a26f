"""The pure rules of who is asking: passwords, secrets, origins, rates."""

from __future__ import annotations

import pytest
from starlette.responses import Response

from server.auth.cookies import clear_session_cookie, session_cookie_name, set_session_cookie
from server.auth.origin import is_forged
from server.auth.passwords import hash_password, is_right_password, password_fault
from server.auth.rate_limits import RateLimiter, address_key
from server.auth.tokens import bearer_secret, hash_secret, new_session_secret, new_token_secret
from server.auth.viewer import ANONYMOUS, Viewer


def test_a_password_fits_its_own_hash_alone() -> None:
    kept = hash_password("four words in a row")
    assert is_right_password("four words in a row", kept)
    assert not is_right_password("four words in a Row", kept)


def test_one_password_has_a_different_hash_each_time() -> None:
    assert hash_password("four words in a row") != hash_password("four words in a row")


def test_the_hash_is_argon2id() -> None:
    assert hash_password("four words in a row").startswith("$argon2id$")


@pytest.mark.parametrize("tried", ["anything at all", "nobody has this password", "x" * 600])
def test_no_password_fits_an_account_that_does_not_exist(tried: str) -> None:
    assert not is_right_password(tried, None)


def test_half_a_character_does_no_harm_in_a_password() -> None:
    assert is_right_password("half a \ud800", hash_password("half a \ud800"))


@pytest.mark.parametrize("weak", ["", "short", "a" * 30, "x" * 513])
def test_a_weak_or_endless_password_is_refused(weak: str) -> None:
    assert password_fault(weak) is not None


def test_a_long_phrase_is_a_good_password() -> None:
    assert password_fault("correct horse battery") is None


def test_secrets_are_long_and_never_repeat() -> None:
    made = {new_token_secret() for _ in range(100)} | {new_session_secret() for _ in range(100)}
    assert len(made) == 200
    assert min(len(secret) for secret in made) >= 43


def test_a_token_is_recognised_by_its_prefix() -> None:
    assert new_token_secret().startswith("hld_")


def test_what_is_kept_of_a_secret_does_not_contain_it() -> None:
    secret = new_token_secret()
    assert secret not in hash_secret(secret)
    assert hash_secret(secret) == hash_secret(secret)


@pytest.mark.parametrize(
    ("header", "secret"),
    [
        (None, None),
        ("Bearer hld_x", "hld_x"),
        ("bearer  hld_x ", "hld_x"),
        ("Bearer", ""),
        ("Basic dXNlcjpw", None),
    ],
)
def test_only_bearer_tokens_count_as_tokens(header: str | None, secret: str | None) -> None:
    assert bearer_secret(header) == secret


def test_nobody_in_particular_is_anonymous() -> None:
    assert ANONYMOUS.is_anonymous
    assert not Viewer(person_id=1).is_anonymous


@pytest.mark.parametrize(
    ("headers", "has_session", "forged"),
    [
        ({"sec-fetch-site": "same-origin"}, True, False),
        ({"sec-fetch-site": "none"}, True, False),
        ({"sec-fetch-site": "same-site"}, True, True),
        ({"sec-fetch-site": "cross-site"}, True, True),
        ({"sec-fetch-site": "cross-site"}, False, True),  # a forged log-in is a forgery as well
        ({"sec-fetch-site": "cross-site", "origin": "https://board.example"}, True, True),
        ({"origin": "https://board.example"}, True, False),
        ({"origin": "https://BOARD.example"}, True, False),
        ({"origin": "https://public.example"}, True, False),
        ({"origin": "https://evil.example"}, True, True),
        ({"origin": "https://evil.example"}, False, True),
        ({"origin": "null"}, True, True),
        ({}, True, True),  # only browsers hold sessions, and they say where a request comes from
        ({}, False, False),  # a program
    ],
)
def test_an_unsafe_request_from_another_site_is_forged(
    headers: dict[str, str], has_session: bool, forged: bool
) -> None:
    sent = {"host": "board.example", **headers}
    assert is_forged("POST", sent, has_session=has_session, public_host="public.example") is forged


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_a_safe_request_may_come_from_anywhere(method: str) -> None:
    assert not is_forged(method, {"sec-fetch-site": "cross-site"}, has_session=True)


def test_tries_run_out_and_come_back_with_time() -> None:
    limiter = RateLimiter(burst=3, seconds_per_try=10)
    assert [limiter.spend("a", at_seconds=0) for _ in range(4)] == [0, 0, 0, 10]
    assert limiter.spend("a", at_seconds=9) == pytest.approx(1)
    assert limiter.spend("a", at_seconds=10) == 0
    assert limiter.spend("a", at_seconds=10) == pytest.approx(10)


def test_one_key_does_not_spend_the_tries_of_another() -> None:
    limiter = RateLimiter(burst=1, seconds_per_try=10)
    assert limiter.spend("a", at_seconds=0) == 0
    assert limiter.spend("b", at_seconds=0) == 0
    assert limiter.spend("a", at_seconds=0) > 0


def test_a_try_given_back_can_be_spent_again_but_never_saved_up() -> None:
    limiter = RateLimiter(burst=1, seconds_per_try=10)
    limiter.give_back("a", at_seconds=0)
    assert limiter.spend("a", at_seconds=0) == 0
    limiter.give_back("a", at_seconds=0)
    assert limiter.spend("a", at_seconds=0) == 0
    assert limiter.spend("a", at_seconds=0) > 0


def test_a_limiter_forgets_the_longest_unused_keys() -> None:
    limiter = RateLimiter(burst=1, seconds_per_try=1e9, max_keys=100)
    for number in range(1000):
        limiter.spend(str(number), at_seconds=0)
    assert len(limiter) == 100
    assert limiter.spend("999", at_seconds=0) > 0


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("testclient", "testclient"),
    ],
)
def test_addresses_of_one_customer_count_as_one(address: str, key: str) -> None:
    assert address_key(address) == key


@pytest.mark.parametrize("secure", [True, False])
def test_the_session_cookie_is_kept_from_scripts_and_other_sites(secure: bool) -> None:
    response = Response()
    set_session_cookie(response, secret="secret", secure=secure)
    cookie = response.headers["set-cookie"]
    assert cookie.startswith(session_cookie_name(secure=secure) + "=secret;")
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/" in cookie
    assert ("Secure" in cookie) is secure
    assert "Domain" not in cookie


def test_clearing_the_cookie_ends_it_at_once() -> None:
    response = Response()
    clear_session_cookie(response, secure=True)
    assert "Max-Age=0" in response.headers["set-cookie"]
    assert "Secure" in response.headers["set-cookie"]
