"""An organizer's program looks after who takes part in a round, and who runs it."""

from __future__ import annotations

from fastapi.testclient import TestClient

from tests.server.making import score
from tests.server.running import (
    API,
    deployment_of,
    error_of,
    sign_up,
    submit,
)

ROUND = f"{API}/rounds/tiny"


def test_a_roster_is_replaced_and_read_with_the_scores_of_its_people(client: TestClient, host: dict[str, str]) -> None:
    team = sign_up(client)
    score(deployment_of(client), submit(client, team).json()["id"], all=0.25)
    text = f"name,email\nAda,{team.email}\nBob,bob@team.example\n"
    assert client.put(f"{ROUND}/roster", json={"csv": text}, headers=host).json() == {"people": 2}
    table = client.get(f"{ROUND}/roster.csv", headers=host)
    assert table.headers["content-type"].startswith("text/csv")
    assert table.text.splitlines() == [
        "name,email,team,top5_error,submissions,last_submitted_at,verified,standing",
        f"Ada,{team.email},Vision Lab,0.25,1,2026-11-20T12:00:00Z,no,ranked",
        "Bob,bob@team.example,,,0,,,",
    ]
    refused = client.put(f"{ROUND}/roster", json={"csv": "Ada\nBob,nobody\n"}, headers=host)
    assert (refused.status_code, error_of(refused)["code"]) == (422, "faulty-roster")
    assert len(error_of(refused)["details"]["faults"]) == 2
    assert client.get(f"{ROUND}/roster.csv", headers=host).text == table.text


def test_a_join_code_is_made_used_replaced_and_removed(client: TestClient, host: dict[str, str]) -> None:
    address = f"{ROUND}/join-code"
    client.patch(f"{ROUND}/policy", json={"changes": {"listing": "private"}}, headers=host)
    assert client.get(address, headers=host).json() == {"code": None, "path": None}
    made = client.post(address, headers=host).json()
    assert made == client.get(address, headers=host).json()
    assert made["path"] == f"/rounds/tiny/join?code={made['code']}"

    def joins(name: str, code: str) -> int:
        wish = {"code": code}
        return client.post(f"{ROUND}/participation", json=wish, headers=sign_up(client, name).headers).status_code

    assert joins("In time", made["code"]) == 200
    other = client.post(address, headers=host).json()
    assert (joins("With the old one", made["code"]), joins("With the new one", other["code"])) == (404, 200)
    assert client.delete(address, headers=host).status_code == 204
    assert client.get(address, headers=host).json()["code"] is None
    assert joins("Too late", other["code"]) == 404


def test_organizers_are_listed_added_and_removed_down_to_the_last(client: TestClient, host: dict[str, str]) -> None:
    address, team = f"{ROUND}/organizers", sign_up(client)
    (first,) = client.get(address, headers=host).json()["organizers"]
    assert (first["name"], first["email"]) == ("Host", "host@host.example")
    assert client.get(address, headers=team.headers).status_code == 404
    assert error_of(client.post(address, json={"email": "nobody@x.example"}, headers=host))["code"] == (
        "person-not-found"
    )
    assert error_of(client.delete(f"{address}/{first['id']}", headers=host))["code"] == "last-organizer"
    for _ in range(2):
        added = client.post(address, json={"email": team.email}, headers=host)
        assert (added.status_code, added.json()["email"]) == (201, team.email)
    both = client.get(address, headers=team.headers).json()["organizers"]
    assert {one["name"]: one["is_verified"] for one in both} == {"Host": True, "Member of Vision Lab": False}
    assert client.delete(f"{address}/{first['id']}", headers=host).status_code == 204  # of oneself
    assert client.get(address, headers=host).status_code == 404
    missing = client.delete(f"{address}/{first['id']}", headers=team.headers)
    assert (missing.status_code, error_of(missing)["code"]) == (404, "person-not-found")
    events = client.get(f"{ROUND}/events", headers=team.headers).json()["events"]
    assert [event["action"] for event in events] == ["round.opened", "organizer.added", "organizer.removed"]
