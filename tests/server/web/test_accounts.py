"""Signing up, logging in and out, by forms."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from server.doors import LOG_INS_PER_ACCOUNT
from tests.server.making import write_round
from tests.server.running import PASSWORD
from tests.server.web.browsing import browser, sign_up_by_form, text_of


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    with browser(tmp_path / "data", write_round(tmp_path / "round")) as client:
        yield client


def test_signing_up_leads_back_to_the_upload(client: TestClient) -> None:
    first = client.get("/rounds/tiny/submit")
    assert (first.status_code, first.headers["location"]) == (303, "/sign-up?next=/rounds/tiny/submit")
    form = text_of(client, first.headers["location"])
    assert "Next: send your predictions." in form
    assert 'name="next" value="/rounds/tiny/submit"' in form
    done = sign_up_by_form(client, next="/rounds/tiny/submit")
    assert (done.status_code, done.headers["location"]) == (303, "/rounds/tiny/submit")
    assert "For Vision Lab." in text_of(client, "/rounds/tiny/submit")


def test_from_a_rounds_page_the_head_leads_back_to_the_round_too(client: TestClient) -> None:
    links = [f'href="/{way}?next=/rounds/tiny/board"' for way in ("log-in", "sign-up")]
    for address in (
        "/rounds/tiny/board?sort=team",
        "/sign-up?next=/rounds/tiny/board",
        "/log-in?next=/rounds/tiny/board",
    ):
        assert all(link in text_of(client, address) for link in links)
    for address in ("/", "/sign-up", "/log-in?next=//elsewhere.example", "/check"):
        assert 'href="/sign-up"' in text_of(client, address)


def test_the_session_cookie_is_out_of_reach_for_scripts_and_other_sites(client: TestClient) -> None:
    cookie = sign_up_by_form(client).headers["set-cookie"]
    assert "HttpOnly" in cookie and "samesite=lax" in cookie.lower()


@pytest.mark.parametrize(
    ("fields", "status", "words"),
    [
        ({"team": "\u202eenigne"}, 422, "The team name holds characters that do not show: U+202E."),
        ({"team": "\u200b"}, 422, "The team name holds characters that do not show: U+200B."),
        ({"team": "   "}, 422, "The team name needs at least one letter or digit."),
        ({"team": "x" * 10_000}, 422, "The team name has 10000 characters"),
        ({"email": "nobody"}, 422, "This is not an e-mail address."),
        ({"password": "short"}, 422, "The password has 5 characters; at least 10 are needed."),
        ({"name": ""}, 422, "The name needs at least one letter or digit."),
    ],
)
def test_a_wrong_field_is_named_beside_it_and_the_rest_stays_filled_in(
    client: TestClient, fields: dict[str, str], status: int, words: str
) -> None:
    answer = sign_up_by_form(client, **fields)
    assert answer.status_code == status
    assert words in answer.text
    assert answer.text.count('aria-invalid="true"') == 1
    assert 'role="alert"' not in answer.text
    assert PASSWORD not in answer.text
    assert 'value="Ada"' in answer.text or "name" in fields


def test_a_name_with_markup_comes_back_as_text(client: TestClient) -> None:
    answer = sign_up_by_form(client, team="<script>alert(1)</script>", email="nobody")
    assert "<script>alert" not in answer.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in answer.text


def test_a_team_name_that_is_taken_is_told_beside_the_field(client: TestClient) -> None:
    sign_up_by_form(client)
    client.cookies.clear()
    answer = sign_up_by_form(client, team="VISION LAB", email="other@team.example")
    assert answer.status_code == 409
    assert "Another team has this name" in answer.text


def test_who_has_an_account_logs_in_and_out(client: TestClient) -> None:
    sign_up_by_form(client)
    assert ">Vision Lab</a>" in text_of(client, "/")
    out = client.post("/log-out")
    assert (out.status_code, out.headers["location"]) == (303, "/")
    assert ">Log in</a>" in text_of(client, "/")
    assert "Next: your team&#39;s page." in text_of(client, "/log-in?next=/me")
    back = client.post("/log-in", data={"email": "vision@team.example", "password": PASSWORD, "next": "/me"})
    assert (back.status_code, back.headers["location"]) == (303, "/me")
    assert ">Vision Lab</a>" in text_of(client, "/")


def test_logging_out_twice_is_no_fault(client: TestClient) -> None:
    assert client.post("/log-out").status_code == 303
    assert client.post("/log-out").status_code == 303


def test_a_wrong_password_says_no_more_than_that(client: TestClient) -> None:
    sign_up_by_form(client)
    client.cookies.clear()
    answers = [
        client.post("/log-in", data={"email": email, "password": "wrong wrong wrong"})
        for email in ("vision@team.example", "nobody@team.example")
    ]
    assert [answer.status_code for answer in answers] == [401, 401]
    assert all("do not belong together" in answer.text for answer in answers)


def test_too_many_wrong_passwords_have_to_wait(client: TestClient) -> None:
    wrong = {"email": "ada@team.example", "password": "wrong wrong wrong"}
    statuses = [client.post("/log-in", data=wrong).status_code for _ in range(LOG_INS_PER_ACCOUNT + 1)]
    assert statuses[-1] == 429
    assert "too often" in client.post("/log-in", data=wrong).text


def test_who_is_logged_in_needs_no_form(client: TestClient) -> None:
    sign_up_by_form(client)
    for page in ("/log-in", "/sign-up"):
        answer = client.get(page, params={"next": "/me"})
        assert (answer.status_code, answer.headers["location"]) == (303, "/me")


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "javascript:alert(1)",
        "/a\nb",
        "/" + "x" * 400,
        "",
    ],
)
def test_nobody_is_led_to_another_site(client: TestClient, elsewhere: str) -> None:
    assert 'name="next" value="/"' in client.get("/sign-up", params={"next": elsewhere}).text
    assert sign_up_by_form(client, next=elsewhere).headers["location"] == "/"


def test_a_form_sent_from_another_site_is_refused_with_a_page(client: TestClient) -> None:
    sign_up_by_form(client)
    answer = client.post("/log-out", headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert "another site" in answer.text and answer.headers["content-type"].startswith("text/html")
    assert ">Vision Lab</a>" in text_of(client, "/")
