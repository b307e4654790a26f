"""A submission tells what it scored before a correction, to whom its score is told at all, and of no hidden images."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from scoring.scorecard import SCORER_VERSION
from server.db.tables import Score
from server.deployment import Deployment
from server.services.correcting import prepare_erratum
from server.services.errata import activate_erratum
from tests.server.making import score, write_round
from tests.server.running import (
    AFTER,
    API,
    CLOSES,
    DURING,
    Member,
    app_of,
    deployment_of,
    organizing_headers,
    running_app,
    set_clock,
    sign_up,
    submit,
)

NOTE = "Image 1 shows class 2."


def served(tmp_path: Path, **policy: Any) -> Iterator[tuple[TestClient, Member]]:
    """A team whose submission 1 has a score under both truths of a round, the second one shown since DURING."""
    opened = write_round(tmp_path / "opened", closes=CLOSES, **policy)
    corrected = write_round(tmp_path / "corrected", labels=(2, 2, 3, 4, 5, 6), closes=CLOSES, **policy)
    with running_app(tmp_path / "data", opened, now=DURING) as client:
        member, deployment = sign_up(client), deployment_of(client)
        assert submit(client, member).status_code == 201
        score(deployment, 1, all=0.125, public=0.25, private=0.0)
        prepare_erratum(deployment, corrected, note=NOTE, now=DURING)
        _score_again(deployment, 2, DURING, all=0.625, public=0.75, private=0.5)
        with deployment.database.write() as session:
            activate_erratum(session, "tiny", actor="test", now=DURING)
        yield client, member


@pytest.fixture
def split(tmp_path: Path) -> Iterator[tuple[TestClient, Member]]:
    yield from served(tmp_path, public_share=0.5)


@pytest.fixture
def blind(tmp_path: Path) -> Iterator[tuple[TestClient, Member]]:
    yield from served(tmp_path, blind=True)


def _score_again(deployment: Deployment, truth_id: int, at: datetime, **errors: float) -> None:
    with deployment.database.write() as session:
        for name, error in errors.items():
            session.add(
                Score(
                    submission_id=1, truth_id=truth_id, scorer_version=SCORER_VERSION, split=name,
                    scores={"top5_error": error}, counts={}, per_class=[], created_at=at,
                )
            )  # fmt: skip


def told(client: TestClient, headers: dict[str, str]) -> list[dict[str, Any]]:
    earlier: list[dict[str, Any]] = client.get(f"{API}/submissions/1", headers=headers).json()["earlier_scores"]
    return earlier


def page(client: TestClient, address: str, headers: dict[str, str]) -> str:
    answer = client.get(address, headers=headers)
    assert answer.status_code == 200
    return answer.text


def test_the_team_is_told_what_its_submission_scored_before_a_correction(split: tuple[TestClient, Member]) -> None:
    client, member = split
    (earlier,) = told(client, member.headers)
    digest = earlier.pop("truth_digest")
    assert earlier == {
        "version": 1, "corrected_at": "2026-11-20T12:00:00Z", "note": NOTE, "scores": {"top5_error": 0.25},
    }  # fmt: skip
    line = "<dt>Before the correction of 2026-11-20 12:00 UTC, public images</dt><dd>0.25000</dd>"
    for address in ("/submissions/1", "/entries/1"):
        shown = page(client, address, member.headers)
        assert line in shown
        assert "0.00000" not in shown and "0.12500" not in shown  # of the private images, and of all
    listed = client.get(f"{API}/submissions", headers=member.headers).json()["submissions"]
    assert [one["earlier_scores"] for one in listed] == [[]]
    set_clock(app_of(client), AFTER)
    (revealed,) = told(client, member.headers)
    assert revealed["scores"] == {"top5_error": 0.0} and revealed["truth_digest"] != digest
    assert "private images</dt><dd>0.00000</dd>" in page(client, "/submissions/1", member.headers)
    entry = page(client, "/entries/1", member.headers)
    assert "private images</dt><dd>0.00000</dd>" in entry and "0.12500" not in entry


def test_a_blind_round_tells_no_earlier_score_before_its_reveal_but_to_organizers(
    blind: tuple[TestClient, Member],
) -> None:
    client, member = blind
    assert told(client, member.headers) == []
    assert "Before the correction" not in page(client, "/submissions/1", member.headers)
    assert len(told(client, organizing_headers(client))) == 1
    set_clock(app_of(client), AFTER)
    assert [one["scores"] for one in told(client, member.headers)] == [{"top5_error": 0.125}]


def test_a_truth_in_preparation_is_none_that_was_corrected(tmp_path: Path, split: tuple[TestClient, Member]) -> None:
    client, member = split
    third = write_round(tmp_path / "third", labels=(3, 2, 3, 4, 5, 6), public_share=0.5)
    prepare_erratum(deployment_of(client), third, note="Or 3.", now=DURING)
    _score_again(deployment_of(client), 3, DURING, all=0.9, public=0.9, private=0.9)
    assert [one["version"] for one in told(client, member.headers)] == [1]
