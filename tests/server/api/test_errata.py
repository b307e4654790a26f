"""An organizer's program corrects the truth of a round."""

from __future__ import annotations

from typing import Any

from fastapi.testclient import TestClient
from httpx2 import Response

from tests.server.running import API, error_of

ERRATUM = f"{API}/rounds/tiny/erratum"


def prepare(client: TestClient, host: dict[str, str], labels: str, note: str = "Mended.") -> dict[str, Any]:
    given = {"part": "labels", "note": note, "file_name": "labels.txt"}
    answer = client.post(ERRATUM, params=given, content="\n".join(labels).encode(), headers=host)
    assert answer.status_code == 201, answer.text
    told: dict[str, Any] = answer.json()
    return told


def show(client: TestClient, host: dict[str, str], **wanted: Any) -> Response:
    return client.post(f"{ERRATUM}/show", json=wanted, headers=host)


def test_a_program_shows_the_correction_that_it_has_looked_at_or_whichever_there_is(
    client: TestClient, host: dict[str, str]
) -> None:
    looked_at = prepare(client, host, "223456")["version"]
    assert client.get(ERRATUM, headers=host).json()["version"] == looked_at == 2
    assert prepare(client, host, "323456")["version"] == 3
    refused = show(client, host, version=looked_at)
    assert (refused.status_code, error_of(refused)["code"]) == (409, "erratum-replaced")
    assert "Look at the preview again" in error_of(refused)["advice"]
    assert show(client, host, version=3).json() == {"version": 3}
    assert prepare(client, host, "123456", note="It was right.")["version"] == 4
    assert show(client, host).json() == {"version": 4}
    told = client.get(f"{API}/rounds/tiny").json()["corrections"]
    assert [one["text"] for one in told] == ["It was right.", "Mended."]
