"""What a person decides about their own account, by forms."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from server.auth.permissions import COMMAND
from server.auth.viewer import Viewer
from server.db.people_tables import Mail
from server.db.tables import Event, Membership, Person, Submission, Token
from server.doors import LOG_INS_PER_ACCOUNT
from server.services.account_settings import delete_account
from server.services.accounts import add_organizer
from server.services.announcements import ask
from server.services.disqualifications import appeal, disqualify
from server.services.image_reports import report_image
from server.services.mail_kinds import OPTIONAL_KINDS
from server.services.policy_changes import change_policy
from server.services.rosters import set_roster
from server.services.tokens import create_token
from server.settings import DATABASE_FILE
from tests.server.making import organize_all, write_round
from tests.server.running import API, BEFORE, CLOSES, DURING, OPENS, PASSWORD, app_of, deployment_of, set_clock
from tests.server.web.browsing import (
    browser,
    change_submission,
    log_in_as_organizer,
    score_silently,
    send_form,
    sign_up_by_form,
    text_of,
)

EMAIL = "vision@team.example"


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    folders = [
        write_round(tmp_path / "a"),
        write_round(tmp_path / "b", slug="blind", opens=OPENS, closes=CLOSES, blind=True),
    ]
    with browser(tmp_path / "data", *folders) as client:
        sign_up_by_form(client)
        yield client


def _person(client: TestClient) -> Person:
    with deployment_of(client).database.read() as session:
        return session.get_one(Person, 1)


def test_everybody_chooses_which_mail_they_get(client: TestClient) -> None:
    page = text_of(client, "/me")
    assert page.count(" checked>") == len(OPTIONAL_KINDS) == 5
    answer = client.post("/me/mail", data={"kind": ["erratum", "deadline", "<script>"]})
    assert (answer.status_code, answer.headers["location"]) == (303, "/me#mail")
    assert _person(client).unwanted_mail == ["failure", "announcement", "alert"]
    assert text_of(client, "/me").count(" checked>") == 2
    client.post("/me/mail")
    assert text_of(client, "/me").count(" checked>") == 0


def test_deleting_the_account_takes_the_password_once_more(client: TestClient) -> None:
    answer = client.post("/me/delete", data={"password": "wrong wrong wrong"})
    assert answer.status_code == 401
    assert "This is not your password; nothing was changed." in answer.text
    assert answer.text.count('aria-invalid="true"') == 1 and 'role="alert"' not in answer.text
    assert _person(client).email == EMAIL


def test_the_password_of_a_forgotten_browser_cannot_be_guessed(client: TestClient) -> None:
    for _ in range(LOG_INS_PER_ACCOUNT):
        client.post("/me/delete", data={"password": "wrong wrong wrong"})
    assert client.post("/me/delete", data={"password": PASSWORD}).status_code == 429
    assert _person(client).email == EMAIL


def test_of_a_deleted_account_nothing_personal_stays_and_all_that_the_team_sent_does(client: TestClient) -> None:
    send_form(client)
    viewer = Viewer(person_id=1, team_id=1)
    token = create_token(deployment_of(client).database, viewer, label="Ada's laptop", now=BEFORE).secret
    client.post("/teams/1/invitations")
    client.post("/forgot", data={"email": EMAIL})
    answer = client.post("/me/delete", data={"password": PASSWORD})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert ">Log in</a>" in text_of(client, "/")
    assert client.get(f"{API}/submissions", headers={"Authorization": f"Bearer {token}"}).status_code == 401
    with deployment_of(client).database.read() as session:
        person = session.get_one(Person, 1)
        assert (person.name, person.email.partition("@")[2]) == ("Deleted account", "deleted.invalid")
        assert session.exec(select(Token.label)).all() == ["deleted"]
        assert session.exec(select(Membership)).all() == []
        assert session.exec(select(Submission.person_id)).all() == [1]
        assert session.exec(select(Event.action)).all()[-1] == "account.deleted"
    page = text_of(client, "/teams/1")
    assert "Vision Lab" in page and "Ada" not in page
    database = deployment_of(client).settings.data / DATABASE_FILE
    assert database.exists()


def test_a_deleted_account_cannot_log_in_and_its_address_is_free_again(client: TestClient) -> None:
    client.post("/me/delete", data={"password": PASSWORD})
    assert client.post("/log-in", data={"email": EMAIL, "password": PASSWORD}).status_code == 401
    assert client.post("/log-in", data={"email": _person(client).email, "password": PASSWORD}).status_code == 401
    assert sign_up_by_form(client, "Vision Two").status_code == 303


def test_the_last_organizer_of_a_round_cannot_go(client: TestClient) -> None:
    client.cookies.clear()
    log_in_as_organizer(client)
    answer = client.post("/me/delete", data={"password": PASSWORD})
    assert answer.status_code == 409
    assert "You are the only organizer of Round tiny" in answer.text
    database = deployment_of(client).database
    second = add_organizer(database, name="Second", email="second@host.example", password=PASSWORD, now=BEFORE)
    organize_all(database, second)
    assert client.post("/me/delete", data={"password": PASSWORD}).status_code == 303


def test_an_export_holds_everything_of_ones_own_as_far_as_it_may_be_seen(client: TestClient) -> None:
    send_form(client)
    send_form(client, slug="blind")
    score_silently(deployment_of(client), 1, {"top5_error": 0.25})
    score_silently(deployment_of(client), 2, {"top5_error": 0.5}, truth_id=2)
    change_submission(deployment_of(client), 1, findings=[{"code": "crlf"}])
    client.post("/me/tokens", data={"label": "cluster"})
    answer = client.get("/me/export.json")
    assert answer.headers["content-disposition"] == 'attachment; filename="heldout-export.json"'
    assert answer.headers["cache-control"] == "no-store"
    document = answer.json()
    assert document["person"]["email"] == EMAIL
    (team,) = document["teams"]
    assert [(sent["round"], sent["scores"]) for sent in team["submissions"]] == [
        ("blind", {}),
        ("tiny", {"all": {"top5_error": 0.25}}),
    ]
    assert team["submissions"][1]["findings"] == [{"code": "crlf"}]
    assert [token["label"] for token in document["tokens"]] == ["cluster"]
    assert document["events"][0]["action"] == "team.signed-up"
    assert "password" not in json.dumps(document) and "argon2" not in json.dumps(document)


def test_an_export_holds_what_was_said_of_methods_and_to_organizers(client: TestClient) -> None:
    said = {"description": "Two nets.", "paper": "https://a.example/p", "code": "https://a.example/c", "track": "open"}
    deployment = deployment_of(client)
    change_policy(deployment, COMMAND, slug="tiny", changes={"tracks": ["open"]}, now=BEFORE)
    send_form(client, **said)
    viewer = Viewer(person_id=1, team_id=1, team_name="Vision Lab")
    ask(deployment.database, viewer, slug="tiny", text="May we?", now=DURING)
    report_image(deployment, viewer, slug="tiny", image="3", text="A dog.", now=DURING)
    disqualify(deployment.database, COMMAND, entry_id=1, reason="Late.", now=DURING)
    appeal(deployment.database, viewer, entry_id=1, text="It was not.", now=DURING)
    set_roster(deployment.database, COMMAND, slug="tiny", text=f"Ada,{EMAIL},A", now=DURING)
    document = client.get("/me/export.json").json()
    (team,) = document["teams"]
    (entry,) = team["entries"]
    assert {name: entry[name] for name in said} == said
    assert (entry["round"], entry["disqualified_for"]) == ("tiny", "Late.")
    assert team["submissions"][0]["entry"] == entry["id"]
    assert [(one["round"], one["text"]) for one in team["questions"]] == [("tiny", "May we?")]
    assert [(one["image"], one["text"]) for one in team["reports"]] == [(3, "A dog.")]
    assert [(one["entry"], one["text"]) for one in team["appeals"]] == [(1, "It was not.")]
    assert len(document["sessions"]) == 1
    assert document["expected_in"] == []  # nobody has shown yet that this address is theirs
    _verify(client)
    assert client.get("/me/export.json").json()["expected_in"] == [{"round": "tiny", "name": "Ada", "team": "A"}]


def test_an_export_tells_what_an_address_has_left_to_who_reads_its_mail(client: TestClient) -> None:
    send_form(client)
    delete_account(deployment_of(client).database, Viewer(person_id=1, team_id=1), now=DURING)
    client.cookies.clear()
    sign_up_by_form(client, "Squatters", email=EMAIL)
    assert _teams_left(client) == []
    set_clock(app_of(client), DURING + timedelta(seconds=1))
    assert client.post("/teams/2/leave").status_code == 303
    assert _teams_left(client) == ["Squatters"]  # left by this account itself
    _verify(client, person_id=2)
    assert _teams_left(client) == ["Vision Lab", "Squatters"]


def _teams_left(client: TestClient) -> list[str]:
    return [one["name"] for one in client.get("/me/export.json").json()["teams_left"]]


def test_an_export_names_mail_without_the_links_in_it(client: TestClient) -> None:
    with deployment_of(client).database.write() as session:
        session.add(
            Mail(
                person_id=1, address=EMAIL, kind="reset", subject="A new password", body="https://x/reset/secret",
                created_at=DURING, next_try_at=DURING,
            )
        )  # fmt: skip
    document = client.get("/me/export.json").json()
    assert [mail["subject"] for mail in document["mail"]] == ["A new password"]
    assert "reset/secret" not in json.dumps(document)


def _verify(client: TestClient, person_id: int = 1) -> None:
    with deployment_of(client).database.write() as session:
        person = session.get_one(Person, person_id)
        person.email_verified_at = DURING
        session.add(person)


def test_an_export_holds_nothing_of_other_teams(client: TestClient) -> None:
    send_form(client)
    client.cookies.clear()
    sign_up_by_form(client, "Others")
    document = client.get("/me/export.json").json()
    assert [team["name"] for team in document["teams"]] == ["Others"]
    assert document["teams"][0]["submissions"] == []


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/me/mail"),
        ("POST", "/me/verification"),
        ("POST", "/me/delete"),
        ("GET", "/me/export.json"),
        ("POST", "/me/team"),
    ],
)
def test_nobody_in_particular_is_asked_to_log_in(client: TestClient, method: str, path: str) -> None:
    client.cookies.clear()
    answer = client.request(method, path, data={"team_id": "1"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/log-in?next=/me")
