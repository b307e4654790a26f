"""A round made by program: its archive, its report, its opening, its baselines on the board."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest
from fastapi.testclient import TestClient

from server.auth.viewer import Viewer
from server.services.accounts import add_organizer
from server.services.tokens import create_token
from tests.server.drafting import archive_of, leftovers
from tests.server.running import API, BEFORE, DURING, PASSWORD, deployment_of, error_of, running_app
from tests.waiting import wait_until

BASELINES = """
[[baselines]]
file = "baselines/ants.txt"
method = "All ants"
description = "Whatever it is, it is an ant."
scores = { top1_error = 0.667, top5_error = 0 }

[[baselines]]
file = "baselines/right.txt"
method = "Oracle"
"""
FILES = {"baselines.toml": BASELINES, "baselines/ants.txt": "1 2 3\n" * 3, "baselines/right.txt": "1\n2\n3\n"}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with running_app(tmp_path_factory.mktemp("drafts") / "data", now=DURING, worker_count=1) as client:
        yield client


@pytest.fixture(scope="module")
def headers(client: TestClient) -> Mapping[str, str]:
    database = deployment_of(client).database
    person = add_organizer(database, name="Maker", email="maker@host.example", password=PASSWORD, now=BEFORE)
    token = create_token(database, Viewer(person_id=person), label="t", now=BEFORE).secret
    return {"Authorization": f"Bearer {token}"}


def test_an_archive_is_drafted_reported_and_opened_with_its_baselines(
    client: TestClient, headers: Mapping[str, str]
) -> None:
    sent = client.post(f"{API}/rounds", content=archive_of("cls", FILES), headers=headers)
    assert sent.status_code == 201, sent.text
    report = sent.json()
    assert (report["round"], report["is_draft"], report["is_right"]) == ("small", True, True)
    assert report["truth_report"]["objects"] == 3
    assert [tried["name"] for tried in report["selftest"]] == ["perfect", "empty", "random", "All ants", "Oracle"]
    assert client.get(f"{API}/rounds/small/report", headers=headers).json() == report
    assert [found["slug"] for found in client.get(f"{API}/rounds").json()["rounds"]] == []
    opened = client.post(f"{API}/rounds/small/open", headers=headers)
    assert opened.status_code == 200 and not opened.json()["is_draft"]

    def rows() -> list[dict[str, object]] | None:
        entries: list[dict[str, object]] = client.get(f"{API}/rounds/small/board").json()["entries"]
        return entries if len(entries) == 2 else None

    board = wait_until(rows, what="both baselines on the board")
    assert board is not None
    assert {(row["method"], row["team"], row["rank"], row["is_baseline"]) for row in board} == {
        ("All ants", "Baselines of small", None, True),
        ("Oracle", "Baselines of small", None, True),
    }
    assert not (deployment_of(client).folders.rounds / "small" / "baselines").exists()
    assert error_of(client.post(f"{API}/rounds/small/open", headers=headers))["code"] == "not-a-draft"


def test_a_faulty_folder_is_refused_with_every_fault(client: TestClient, headers: Mapping[str, str]) -> None:
    changes = {"labels.txt": "1\n9\n", "classes.txt": None}
    answer = client.post(f"{API}/rounds", content=archive_of("cls", changes, slug="bad"), headers=headers)
    assert answer.status_code == 422
    faults = error_of(answer)["details"]["faults"]
    assert {(fault["file"], fault["key"]) for fault in faults} == {
        ("classes.txt", "classes.table"),
        ("labels.txt", "truth.labels"),
    }
    assert leftovers(client) == []


def test_a_draft_is_deleted(client: TestClient, headers: Mapping[str, str]) -> None:
    client.post(f"{API}/rounds", content=archive_of(slug="gone"), headers=headers)
    assert client.delete(f"{API}/rounds/gone", headers=headers).status_code == 204
    assert client.get(f"{API}/rounds/gone/report", headers=headers).status_code == 404
    assert leftovers(client) == []
