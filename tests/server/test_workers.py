"""The background work of a server that nothing goes wrong with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from server.auth.viewer import Viewer
from server.db.scores import active_scores_of
from server.db.tables import State, Submission
from server.deployment import Deployment
from server.services.submissions import SubmissionFacts, submission_facts
from server.workers import Workers
from tests.server.making import NOW, add_team, predictions, quick_deployment, quick_settings, send, tiny_deployment
from tests.waiting import wait_until


@contextmanager
def working(deployment: Deployment) -> Iterator[None]:
    workers = Workers(deployment)
    workers.start()
    try:
        yield
    finally:
        workers.stop()


def ended(deployment: Deployment, submission_id: int, team_id: int) -> SubmissionFacts:
    def look() -> SubmissionFacts | None:
        with deployment.database.read() as session:
            facts = submission_facts(
                session, submission_id, viewer=Viewer(person_id=1, team_id=team_id), now=NOW + timedelta(days=1)
            )
        return None if facts.state.is_open else facts

    facts = wait_until(look, what="the end of the submission")
    assert facts is not None
    return facts


def test_files_are_scored_or_rejected_with_their_findings(tmp_path: Path) -> None:
    deployment = tiny_deployment(tmp_path / "data", round_closes=NOW + timedelta(hours=1))
    team_id = add_team(deployment)
    with working(deployment):
        good = send(deployment, team_id, predictions(right=3))
        bad = send(deployment, team_id, b"1 2 3 4 5\nx 2 3 4 5\n")
        empty = send(deployment, team_id, b"")
        scored, rejected, nothing = (ended(deployment, r.id, team_id) for r in (good, bad, empty))
    assert scored.state == State.SCORED
    assert scored.scores is not None
    assert scored.scores["top1_error"] == scored.scores["top5_error"] == 0.5
    assert (scored.lines, scored.attempt) == (6, 1)
    assert scored.counts is not None
    assert scored.counts["top1_wrong"] == 3
    assert scored.started_at is not None
    assert scored.finished_at is not None
    assert rejected.state == nothing.state == State.REJECTED
    assert {finding["code"] for finding in rejected.findings} >= {"line-count", "not-numeric"}
    assert [finding["code"] for finding in nothing.findings] == ["empty"]
    assert rejected.scores is rejected.failure is None
    with deployment.database.read() as session:
        (by_split,) = active_scores_of(session, [session.get_one(Submission, good.id)]).values()
    assert by_split["all"].score.outcomes_key in {blob.key for blob in deployment.blobs.ages()}
    assert list(deployment.folders.work.iterdir()) == []
    deployment.close()


def test_an_idle_worker_is_woken_by_a_new_submission(tmp_path: Path) -> None:
    deployment = tiny_deployment(tmp_path / "data", poll_seconds=3600.0)
    team_id = add_team(deployment)
    with working(deployment):
        for salt in range(2):
            ended(deployment, send(deployment, team_id, predictions(salt=salt)).id, team_id)
    deployment.close()


def test_work_that_nobody_announced_is_found_by_looking(tmp_path: Path) -> None:
    deployment = tiny_deployment(tmp_path / "data")
    beside = quick_deployment(quick_settings(tmp_path / "data"))  # another process would ring no bell of ours
    team_id = add_team(deployment)
    with working(deployment):
        ended(deployment, send(beside, team_id).id, team_id)
    beside.close()
    deployment.close()
