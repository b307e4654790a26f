"""Links in mail: setting a new password and verifying an address, by forms."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from server.db.people_tables import Mail, MailLink
from server.db.tables import Event, Person
from server.doors import MAILS_PER_PERSON
from server.web.passwords import FORGOT_SECONDS
from tests.server.making import write_round
from tests.server.running import API, DURING, PASSWORD, app_of, deployment_of, error_of, set_clock, sign_up, submit
from tests.server.web.browsing import browser, log_in_as_organizer, send_form, sign_up_by_form, text_of

NEW = "another four words here"
EMAIL = "vision@team.example"


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    with browser(tmp_path / "data", write_round(tmp_path / "round"), public_url="https://host.example") as client:
        sign_up_by_form(client)
        yield client


@pytest.fixture
def careful(tmp_path: Path) -> Iterator[TestClient]:
    """A server whose open round takes files of verified addresses only."""
    with browser(tmp_path / "data", write_round(tmp_path / "round", verify_email=True)) as client:
        yield client


def _mails(client: TestClient) -> list[Mail]:
    with deployment_of(client).database.read() as session:
        return list(session.exec(select(Mail)))


def _link(client: TestClient) -> str:
    """The path in the last mail."""
    found = re.search(r"^\{server\}(/(?:reset|verify)/[\w-]+)$", _mails(client)[-1].body, flags=re.MULTILINE)
    assert found is not None
    return found[1]


def _ask(client: TestClient, email: str = EMAIL) -> str:
    answer = client.post("/forgot", data={"email": email})
    assert answer.status_code == 200
    return answer.text


def _log_in(client: TestClient, password: str) -> int:
    return client.post("/log-in", data={"email": EMAIL, "password": password}).status_code


def test_who_forgot_the_password_sets_another_by_a_link(client: TestClient) -> None:
    client.cookies.clear()
    assert 'href="/forgot"' in text_of(client, "/log-in")
    assert "Send the link" in text_of(client, "/forgot")
    _ask(client, " VISION@team.example ")
    link = _link(client)
    assert _mails(client)[0].address == EMAIL
    assert f'action="{link}"' in text_of(client, link)
    done = client.post(link, data={"password": NEW})
    assert (done.status_code, done.headers["location"]) == (303, "/log-in?next=/me")
    assert (_log_in(client, PASSWORD), _log_in(client, NEW)) == (401, 303)


def test_a_link_works_once_and_takes_its_siblings_along(client: TestClient) -> None:
    _ask(client)
    first = _link(client)
    _ask(client)
    client.post(_link(client), data={"password": NEW})
    for link in (first, _link(client)):
        assert client.get(link).status_code == 404
        answer = client.post(link, data={"password": PASSWORD})
        assert answer.status_code == 404
        assert "This link does not work" in answer.text and 'href="/forgot"' in answer.text
    assert _log_in(client, NEW) == 303


def test_a_link_ends_after_an_hour(client: TestClient) -> None:
    _ask(client)
    set_clock(app_of(client), DURING + timedelta(minutes=59))
    assert client.get(_link(client)).status_code == 200
    set_clock(app_of(client), DURING + timedelta(hours=1))
    assert client.get(_link(client)).status_code == 404


def test_a_weak_password_is_told_beside_the_field_and_the_link_still_works(client: TestClient) -> None:
    _ask(client)
    answer = client.post(_link(client), data={"password": "short"})
    assert answer.status_code == 422
    assert "at least 10 are needed" in answer.text and answer.text.count('aria-invalid="true"') == 1
    assert client.post(_link(client), data={"password": NEW}).status_code == 303


def test_a_new_password_ends_every_session_and_verifies_the_address(client: TestClient) -> None:
    _ask(client)
    assert client.get("/me").status_code == 200
    client.post(_link(client), data={"password": NEW})
    assert client.get("/me").status_code == 303
    with deployment_of(client).database.read() as session:
        assert session.exec(select(Person)).one().email_verified_at == DURING
        actions = session.exec(select(Event.action)).all()
    assert actions[-2:] == ["password.reset-asked", "password.reset"]


def test_the_answer_is_the_same_and_takes_the_same_time_whether_or_not_there_is_an_account(client: TestClient) -> None:
    client.cookies.clear()
    answers, seconds = [], []
    for email in (EMAIL, "nobody@team.example", "no address", "", "x" * 5000):
        started = time.monotonic()
        answers.append(_ask(client, email))
        seconds.append(time.monotonic() - started)
    assert len(set(answers)) == 1
    assert len(_mails(client)) == 1
    assert min(seconds) >= FORGOT_SECONDS


def test_nobodys_mailbox_is_filled_and_that_tells_nothing_either(client: TestClient) -> None:
    answers = []
    for email in (EMAIL, "nobody@team.example"):
        for _ in range(MAILS_PER_PERSON):
            _ask(client, email)
        refused = client.post("/forgot", data={"email": email})
        answers.append((refused.status_code, refused.text.replace(email, "")))
    assert answers[0] == answers[1]
    assert answers[0][0] == 429 and "too often" in answers[0][1]
    assert len(_mails(client)) == MAILS_PER_PERSON


def test_the_link_leads_to_the_server_whatever_host_the_request_names(client: TestClient) -> None:
    client.post("/forgot", data={"email": EMAIL}, headers={"Host": "evil.example"})
    assert "evil" not in _mails(client)[0].body


def test_only_the_hash_of_a_link_is_kept_beside_the_mail(client: TestClient) -> None:
    _ask(client)
    with deployment_of(client).database.read() as session:
        kept = session.exec(select(MailLink)).one()
    assert _link(client).rpartition("/")[2] not in repr(kept.model_dump())


def test_a_link_for_one_purpose_serves_no_other(careful: TestClient) -> None:
    sign_up_by_form(careful)
    secret = _link(careful).rpartition("/")[2]
    assert careful.post(f"/reset/{secret}", data={"password": NEW}).status_code == 404
    assert careful.post(f"/verify/{secret}").status_code == 200


def test_signing_up_sends_a_mail_where_an_open_round_asks_for_it_or_expects_the_address(
    careful: TestClient, tmp_path: Path
) -> None:
    sign_up_by_form(careful)
    (mail,) = _mails(careful)
    assert (mail.kind, mail.address) == ("verify", EMAIL)
    with browser(tmp_path / "other", write_round(tmp_path / "plain")) as other:
        sign_up_by_form(other)
        assert _mails(other) == []
        log_in_as_organizer(other)
        other.post("/organize/tiny/roster", data={"roster": "Grace,grace@team.example"})
        other.cookies.clear()
        sign_up_by_form(other, "Grace")
        assert [mail.address for mail in _mails(other)] == ["grace@team.example"]


def test_who_signs_up_before_the_opening_gets_the_mail_that_the_rounds_page_promises(tmp_path: Path) -> None:
    folder = write_round(tmp_path / "round", opens=DURING + timedelta(days=1), verify_email=True)
    with browser(tmp_path / "data", folder) as client:
        promise = "once you have signed up, follow the link that is mailed to you"
        assert promise in text_of(client, "/rounds/tiny")
        sign_up_by_form(client)
        assert [mail.kind for mail in _mails(client)] == ["verify"]


def test_who_joins_by_invitation_gets_the_mail_too(careful: TestClient) -> None:
    sign_up_by_form(careful)
    link = re.search(r"/join/[\w-]+", careful.post("/teams/1/invitations").text)
    assert link is not None
    careful.cookies.clear()
    careful.post(link[0], data={"name": "Grace", "email": "grace@team.example", "password": PASSWORD})
    assert [mail.address for mail in _mails(careful)] == [EMAIL, "grace@team.example"]


def test_a_file_is_refused_until_the_address_is_verified_and_the_refusal_says_how(careful: TestClient) -> None:
    sign_up_by_form(careful)
    refused = send_form(careful)
    assert refused.status_code == 403
    assert "yours is not verified" in refused.text
    assert '<a href="/me">/me</a> and <code>heldout account verify</code> send one' in refused.text
    assert "Send the mail that verifies it" in text_of(careful, "/me")
    link = _link(careful)
    assert f'action="{link}"' in text_of(careful, link)  # looking at it verifies nothing
    assert send_form(careful).status_code == 403
    assert "is verified" in careful.post(link).text
    assert careful.post(link).status_code == 404
    assert send_form(careful).status_code == 303
    assert "Send the mail that verifies it" not in text_of(careful, "/me")


def test_programs_are_refused_alike(careful: TestClient) -> None:
    member = sign_up(careful)
    error = error_of(submit(careful, member))
    assert error["code"] == "email-not-verified"


def test_the_mail_is_sent_again_on_demand_within_limits(careful: TestClient) -> None:
    sign_up_by_form(careful)
    for _ in range(MAILS_PER_PERSON):
        assert "on its way" in careful.post("/me/verification").text
    assert careful.post("/me/verification").status_code == 429
    careful.post(_link(careful))
    assert len(_mails(careful)) == 1 + MAILS_PER_PERSON


def test_guessed_links_open_nothing(client: TestClient) -> None:
    for path in ("/reset/guessed", "/verify/guessed", "/join/guessed", f"/reset/{'x' * 3000}"):
        assert client.get(path).status_code == 404
        assert client.post(path, data={"password": NEW}).status_code == 404
    assert client.get(f"{API}/rounds").status_code == 200
