"""An organizer's program corrects the truth of a round."""

from __future__ import annotations

from typing import Any

from fastapi.testclient import TestClient
from httpx2 import Response

from server.db.rescorings import note_failure
from tests.server.making import score
from tests.server.running import API, deployment_of, error_of, sign_up, submit

ERRATUM = f"{API}/rounds/tiny/erratum"


def prepare(client: TestClient, host: dict[str, str], labels: str, note: str = "Mended.") -> dict[str, Any]:
    given = {"part": "labels", "note": note, "file_name": "labels.txt"}
    answer = client.post(ERRATUM, params=given, content="\n".join(labels).encode(), headers=host)
    assert answer.status_code == 201, answer.text
    told: dict[str, Any] = answer.json()
    return told


def show(client: TestClient, host: dict[str, str], **wanted: Any) -> Response:
    return client.post(f"{ERRATUM}/show", json=wanted, headers=host)


def test_a_program_goes_on_without_what_cannot_be_scored(client: TestClient, host: dict[str, str]) -> None:
    score(deployment_of(client), submit(client, sign_up(client)).json()["id"], all=0.25)
    prepare(client, host, "223456")
    with deployment_of(client).database.write() as session:
        for _ in range(deployment_of(client).settings.max_attempts):
            note_failure(session, submission_id=1, truth_id=2, failure="it is gone")
    state = client.get(ERRATUM, headers=host).json()
    assert (state["waiting"], state["given_up"]) == (1, 1)
    assert state["failures"] == [
        {"submission": 1, "team": "Vision Lab", "method": "ResNet-50", "attempts": 4, "failure": "it is gone"}
    ]
    assert [(move["rank_after"], move["is_scored"], move["split"]) for move in state["moves"]] == [(None, False, "all")]
    assert error_of(show(client, host, version=2))["code"] == "erratum-not-ready"
    assert show(client, host, version=2, without_failures=True).json() == {"version": 2}
    assert client.post(f"{ERRATUM}/retry", headers=host).json() == {"submissions": 1}


def test_a_program_shows_the_correction_that_it_has_looked_at_or_whichever_there_is(
    client: TestClient, host: dict[str, str]
) -> None:
    looked_at = prepare(client, host, "223456")["version"]
    assert client.get(ERRATUM, headers=host).json()["version"] == looked_at == 2
    assert prepare(client, host, "323456")["version"] == 3
    refused = show(client, host, version=looked_at)
    assert (refused.status_code, error_of(refused)["code"]) == (409, "erratum-replaced")
    assert "Look at the preview again" in error_of(refused)["advice"]
    kept = client.delete(ERRATUM, params={"version": looked_at}, headers=host)
    assert (kept.status_code, error_of(kept)["code"]) == (409, "erratum-replaced")
    assert show(client, host, version=3).json() == {"version": 3}
    assert prepare(client, host, "123456", note="It was right.")["version"] == 4
    assert show(client, host).json() == {"version": 4}
    told = client.get(f"{API}/rounds/tiny").json()["corrections"]
    assert [one["text"] for one in told] == ["It was right.", "Mended."]
