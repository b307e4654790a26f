"""Signing up and tokens, over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from server.db.tables import Person, Team
from server.doors import LOG_INS_PER_ACCOUNT
from tests.server.running import API, PASSWORD, deployment_of, error_of, running_app, sign_up


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    with running_app(tmp_path / "data") as client:
        yield client


def _wish(**changes: str) -> dict[str, str]:
    return {"name": "Ada", "email": "ada@team.example", "password": PASSWORD, "team": "Engines", **changes}


def test_one_form_makes_a_person_a_team_and_a_token_that_works(client: TestClient) -> None:
    answer = client.post(f"{API}/teams", json=_wish(email=" Ada@Team.Example ", affiliation="Analytical Society"))
    assert answer.status_code == 201
    made = answer.json()
    assert made["person"] == {"id": 1, "name": "Ada", "email": "ada@team.example"}
    assert made["team"] == {"id": 1, "name": "Engines", "affiliation": "Analytical Society"}
    mine = client.get(f"{API}/submissions", headers={"Authorization": f"Bearer {made['token']}"})
    assert mine.json() == {"submissions": []}


@pytest.mark.parametrize(
    ("changes", "status", "code", "field"),
    [
        ({"team": "ENGINES"}, 409, "team-name-taken", "team"),
        ({"team": "Others"}, 409, "email-taken", "email"),
        ({"email": "nobody", "team": "Others"}, 422, "invalid-email", "email"),
        ({"email": "two@at@signs", "team": "Others"}, 422, "invalid-email", "email"),
        ({"email": "x" * 250 + "@y.example", "team": "Others"}, 422, "invalid-email", "email"),
        ({"email": "new@team.example", "team": "\u202eenigmas"}, 422, "invalid-name", "team name"),
        ({"email": "new@team.example", "team": "  "}, 422, "invalid-name", "team name"),
        ({"email": "new@team.example", "team": "x" * 10_000}, 422, "invalid-name", "team name"),
        ({"email": "new@team.example", "team": "Others", "name": "\u200b"}, 422, "invalid-name", "name"),
        ({"email": "new@team.example", "team": "Others", "password": "short"}, 422, "weak-password", "password"),
    ],
)
def test_a_sign_up_that_cannot_be_done_names_the_field_and_makes_nothing(
    client: TestClient, changes: dict[str, str], status: int, code: str, field: str
) -> None:
    client.post(f"{API}/teams", json=_wish())
    if code != "email-taken" and "email" not in changes:
        changes = {"email": "new@team.example", **changes}
    answer = client.post(f"{API}/teams", json=_wish(**changes))
    assert (answer.status_code, error_of(answer)["code"]) == (status, code)
    assert error_of(answer)["details"] == {"field": field}
    with deployment_of(client).database.read() as session:
        assert len(session.exec(select(Person)).all()) == 1
        assert len(session.exec(select(Team)).all()) == 1


def test_missing_fields_are_named_all_at_once_and_nothing_sent_is_repeated(client: TestClient) -> None:
    answer = client.post(f"{API}/teams", json={"name": 5, "password": "a secret that stays one"})
    error = error_of(answer)
    assert (answer.status_code, error["code"]) == (422, "invalid-request")
    assert {fault["field"] for fault in error["details"]["fields"]} == {"body.name", "body.email", "body.team"}
    assert "secret" not in answer.text


def test_a_password_gives_a_token_of_the_same_team(client: TestClient) -> None:
    member = sign_up(client)
    answer = client.post(f"{API}/tokens", json={"email": member.email.upper(), "password": PASSWORD, "label": "laptop"})
    assert answer.status_code == 201
    made = answer.json()
    assert made["team"] == {"id": member.team_id, "name": "Vision Lab"}
    assert made["label"] == "laptop"
    assert client.get(f"{API}/submissions", headers={"Authorization": f"Bearer {made['token']}"}).is_success


def test_a_token_gives_another_token(client: TestClient) -> None:
    member = sign_up(client)
    made = client.post(f"{API}/tokens", json={}, headers=member.headers).json()
    assert made["token"] != member.token
    assert made["team"]["id"] == member.team_id


@pytest.mark.parametrize("email", ["vision-lab@team.example", "nobody@team.example", "not an address"])
def test_a_wrong_log_in_does_not_say_what_was_wrong(client: TestClient, email: str) -> None:
    sign_up(client)
    answer = client.post(f"{API}/tokens", json={"email": email, "password": "wrong password"})
    assert answer.status_code == 401
    assert error_of(answer)["code"] == "wrong-login"
    assert error_of(answer)["details"] == {}
    assert answer.headers["www-authenticate"] == "Bearer"


def test_wrong_passwords_run_out_for_an_account_that_exists_and_for_one_that_does_not(client: TestClient) -> None:
    member = sign_up(client)
    for email in (member.email, "nobody@team.example"):
        wrong = [
            client.post(f"{API}/tokens", json={"email": email, "password": "wrong password"}).status_code
            for _ in range(LOG_INS_PER_ACCOUNT + 1)
        ]
        assert wrong == [401] * LOG_INS_PER_ACCOUNT + [429]
    refused = client.post(f"{API}/tokens", json={"email": member.email, "password": PASSWORD})
    assert error_of(refused)["code"] == "too-many-tries"
    assert 1 <= int(refused.headers["retry-after"]) <= 60


def test_right_passwords_never_run_out(client: TestClient) -> None:
    member = sign_up(client)
    statuses = {
        client.post(f"{API}/tokens", json={"email": member.email, "password": PASSWORD}).status_code
        for _ in range(LOG_INS_PER_ACCOUNT + 2)
    }
    assert statuses == {201}


def test_asking_for_a_token_needs_a_log_in(client: TestClient) -> None:
    answer = client.post(f"{API}/tokens", json={})
    assert (answer.status_code, error_of(answer)["code"]) == (401, "not-logged-in")
    answer = client.post(f"{API}/tokens", json={"password": PASSWORD})
    assert (answer.status_code, error_of(answer)["code"]) == (422, "invalid-request")


def test_a_revoked_token_is_refused_from_the_next_request_on(client: TestClient) -> None:
    member = sign_up(client)
    assert client.delete(f"{API}/tokens/{member.token_id}", headers=member.headers).status_code == 204
    answer = client.get(f"{API}/submissions", headers=member.headers)
    assert (answer.status_code, error_of(answer)["code"]) == (401, "invalid-token")


def test_nobody_revokes_the_token_of_another(client: TestClient) -> None:
    mine, other = sign_up(client), sign_up(client, "Others")
    answer = client.delete(f"{API}/tokens/{other.token_id}", headers=mine.headers)
    assert (answer.status_code, error_of(answer)["code"]) == (404, "token-not-found")
    assert client.get(f"{API}/submissions", headers=other.headers).is_success


def test_a_wrong_token_is_refused_even_where_none_is_needed(client: TestClient) -> None:
    answer = client.get(f"{API}/rounds", headers={"Authorization": "Bearer hld_wrong"})
    assert (answer.status_code, error_of(answer)["code"]) == (401, "invalid-token")


def test_no_secret_is_kept_as_it_was_sent(client: TestClient, tmp_path: Path) -> None:
    member = sign_up(client)
    kept = b"".join(path.read_bytes() for path in (tmp_path / "data").rglob("*") if path.is_file())
    assert member.email.encode() in kept
    assert member.token.encode() not in kept
    assert PASSWORD.encode() not in kept
