"""A person's program looks after their own account."""

from __future__ import annotations

import json
from typing import get_args

from fastapi.testclient import TestClient
from sqlmodel import select

from server.api.account import OptionalKind
from server.db.people_tables import Mail
from server.db.tables import Person
from server.doors import MAILS_PER_PERSON
from server.services.mail_kinds import OPTIONAL_KINDS
from tests.server.making import score
from tests.server.running import (
    API,
    PASSWORD,
    deployment_of,
    error_of,
    organizing_headers,
    sign_up,
    submit,
)

ACCOUNT = f"{API}/account"


def test_an_account_tells_who_one_is_and_which_mail_one_gets(client: TestClient) -> None:
    team = sign_up(client)
    own = {"id": team.team_id, "name": "Vision Lab"}
    assert client.get(ACCOUNT, headers=team.headers).json() == {
        "name": "Member of Vision Lab", "email": team.email, "is_verified": False,
        "created_at": "2026-11-20T12:00:00Z", "mail": {"wanted": [kind.value for kind in OPTIONAL_KINDS]},
        "team": own, "teams": [own], "token_id": team.token_id,
        "scope": "account",
    }  # fmt: skip
    assert client.get(ACCOUNT, headers=organizing_headers(client)).json()["team"] is None


def test_mail_is_chosen_by_kind_and_no_other_kind_passes(client: TestClient) -> None:
    assert set(get_args(OptionalKind)) == set(OPTIONAL_KINDS)
    team = sign_up(client)
    answer = client.put(f"{ACCOUNT}/mail", json={"wanted": ["erratum", "deadline"]}, headers=team.headers)
    assert answer.json()["mail"] == {"wanted": ["erratum", "deadline"]}
    for wrong in (["reset"], ["spam"], "erratum", None):
        refused = client.put(f"{ACCOUNT}/mail", json={"wanted": wrong}, headers=team.headers)
        assert (refused.status_code, error_of(refused)["code"]) == (422, "invalid-request")
    assert client.get(ACCOUNT, headers=team.headers).json()["mail"] == {"wanted": ["erratum", "deadline"]}
    assert client.put(f"{ACCOUNT}/mail", json={"wanted": []}, headers=team.headers).json()["mail"] == {"wanted": []}


def test_the_mail_that_verifies_an_address_is_sent_again_some_times(client: TestClient) -> None:
    team = sign_up(client)
    statuses = [
        client.post(f"{ACCOUNT}/verification", headers=team.headers).status_code for _ in range(MAILS_PER_PERSON + 1)
    ]
    assert statuses == [204] * MAILS_PER_PERSON + [429]
    with deployment_of(client).database.read() as session:
        assert session.exec(select(Mail.kind)).all() == ["verify"] * MAILS_PER_PERSON


def test_an_export_is_what_the_page_gives(client: TestClient) -> None:
    team = sign_up(client)
    score(deployment_of(client), submit(client, team).json()["id"], all=0.25)
    document = client.get(f"{ACCOUNT}/export", headers=team.headers).json()
    page = client.get("/me/export.json", headers=team.headers).json()
    assert page["events"].pop()["action"] == "account.exported"  # of the page itself
    assert json.loads(json.dumps(page).replace("+00:00", "Z")) == document
    assert document["teams"][0]["submissions"][0]["scores"] == {"all": {"top5_error": 0.25}}


def test_an_account_is_deleted_by_its_password_alone(client: TestClient) -> None:
    team = sign_up(client)
    address = f"{ACCOUNT}/deletion"
    refused = client.post(address, json={"password": "wrong wrong wrong"}, headers=team.headers)
    assert (refused.status_code, error_of(refused)["code"]) == (401, "wrong-login")
    assert client.post(address, headers=team.headers).status_code == 422
    assert client.get(ACCOUNT, headers=team.headers).status_code == 200
    assert client.post(address, json={"password": PASSWORD}, headers=team.headers).status_code == 204
    assert error_of(client.get(ACCOUNT, headers=team.headers))["code"] == "invalid-token"
    with deployment_of(client).database.read() as session:
        assert session.get_one(Person, 1).name == "Deleted account"
    last = client.post(address, json={"password": PASSWORD}, headers=organizing_headers(client))
    assert (last.status_code, error_of(last)["code"]) == (409, "last-organizer")
