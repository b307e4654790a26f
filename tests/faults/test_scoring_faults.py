"""Scoring that goes wrong in every way: nothing is lost, nothing is done twice, nobody is charged for our faults."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from server.db.events import events_of
from server.db.tables import Event, Score, State, Submission
from server.deployment import Deployment
from server.errors import DataFolderInUse
from server.jobs.leases import Outcome, claim, finish
from server.jobs.orders import SCORE_TASK
from server.services.spending import quota_of_team
from server.settings import DATABASE_FILE
from server.workers import Workers, utc_now
from tests import stand_in_tasks
from tests.faults.server_process import is_alive
from tests.server.making import NOW, add_team, predictions, send, tiny_deployment
from tests.waiting import wait_until

Make = Callable[..., Deployment]
Run = Callable[..., Deployment]


class AdjustableClock:
    """The real time, set forward or back at will."""

    def __init__(self) -> None:
        self.offset = timedelta()

    def __call__(self) -> datetime:
        return utc_now() + self.offset


@pytest.fixture
def clock() -> AdjustableClock:
    return AdjustableClock()


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[..., Deployment]]:
    """A data folder with the round `tiny`, twenty submissions a team, nothing running."""
    made: list[Deployment] = []

    def make(**changes: object) -> Deployment:
        wishes = {"round_submissions_total": 20, "drain_seconds": 0.0, **changes}
        made.append(tiny_deployment(tmp_path / "data", **wishes))
        return made[-1]

    yield make
    for deployment in made:
        deployment.close()


@pytest.fixture
def run(make: object, clock: AdjustableClock) -> Iterator[Run]:
    """Start workers whose children run the task that is asked for."""
    running: list[Workers] = []

    def run(deployment: Deployment, task: str = SCORE_TASK) -> Deployment:
        running.append(Workers(deployment, task=task, clock=clock))
        running[-1].start()
        return deployment

    yield run
    for workers in running:
        workers.stop()


def row(deployment: Deployment, submission_id: int) -> Submission:
    with deployment.database.read() as session:
        return session.get_one(Submission, submission_id)


def ended(deployment: Deployment, submission_id: int) -> Submission:
    def look() -> Submission | None:
        found = row(deployment, submission_id)
        return None if State(found.state).is_open else found

    found = wait_until(look, what="the end of the submission")
    assert found is not None
    return found


def begun_child(deployment: Deployment, *, after: int = 0) -> int:
    """The child that waits behind the gate, once more than `after` have begun."""
    begun = wait_until(
        lambda: found if len(found := sorted(deployment.folders.root.glob("begun-*"), key=_age)) > after else None,
        what="a child at work",
    )
    assert begun is not None
    return int(begun[-1].name.rpartition("-")[2])


def _age(path: Path) -> float:
    return path.stat().st_mtime


def open_gate(deployment: Deployment) -> None:
    stand_in_tasks.gate_of(deployment.folders.root).touch()


def spent(deployment: Deployment, team_id: int) -> int:
    with deployment.database.read() as session:
        return quota_of_team(session, slug="tiny", team_id=team_id, now=NOW).spent_total


def score_count(deployment: Deployment) -> int:
    with deployment.database.read() as session:
        return len(session.exec(select(Score)).all())


@pytest.mark.parametrize("task", [stand_in_tasks.HANG, stand_in_tasks.HANG_IGNORING_SIGTERM])
def test_a_child_that_hangs_is_killed_at_the_limit_and_the_quota_given_back(make: Make, run: Run, task: str) -> None:
    deployment = run(make(child_time_seconds=0.5), task)
    team_id = add_team(deployment)
    found = ended(deployment, send(deployment, team_id).id)
    assert (found.state, found.failure, found.attempt) == (State.FAILED, "time-limit", 1)
    assert spent(deployment, team_id) == 0


def test_a_child_out_of_memory_fails_its_submission_and_no_other(make: Make, run: Run) -> None:
    deployment = run(make(child_memory_bytes=2 << 30), stand_in_tasks.TAKE_ALL_MEMORY_FOR_FIVE_BYTES)
    team_id = add_team(deployment)
    greedy, modest = send(deployment, team_id, b"5byte"), send(deployment, team_id)
    found = ended(deployment, greedy.id)
    assert (found.state, found.failure) == (State.FAILED, "memory-limit")
    assert ended(deployment, modest.id).state == State.SCORED
    assert spent(deployment, team_id) == 1


def test_a_child_that_always_dies_makes_an_error_after_the_last_attempt(make: Make, run: Run) -> None:
    deployment = run(make(), stand_in_tasks.KILL_ITSELF)
    team_id = add_team(deployment)
    found = ended(deployment, send(deployment, team_id).id)
    assert (found.state, found.failure, found.attempt) == (State.ERROR, "worker-lost", 4)
    assert spent(deployment, team_id) == 0


def test_an_exception_is_kept_for_the_organizers_without_its_message(
    make: Make, run: Run, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        deployment = run(make(), stand_in_tasks.RAISE)
        found = ended(deployment, send(deployment, add_team(deployment)).id)
    assert (found.state, found.failure, found.attempt) == (State.ERROR, "internal-error", 4)
    with deployment.database.read() as session:
        events = events_of(session, object_type="submission", object_id=found.id or 0)
        everything = repr([event.detail for event in session.exec(select(Event))])
    assert events[-1].detail["error"] == "ValueError"
    assert events[-1].detail["where"][-1].startswith("stand_in_tasks.py:")
    assert stand_in_tasks.SECRET not in everything + caplog.text
    assert any(record.levelno == logging.ERROR for record in caplog.records)


@pytest.mark.parametrize("damage", ["removed", "changed"])
def test_a_stored_file_that_cannot_be_read_is_our_error_and_costs_nothing(make: Make, run: Run, damage: str) -> None:
    deployment = make()
    team_id = add_team(deployment)
    receipt = send(deployment, team_id)
    stored = deployment.folders.blobs / row(deployment, receipt.id).blob_key
    if damage == "removed":
        stored.unlink()
    else:
        stored.write_bytes(predictions(salt=7))
    found = ended(run(deployment), receipt.id)
    assert (found.state, found.failure, found.attempt) == (State.ERROR, "internal-error", 4)
    assert spent(deployment, team_id) == 0
    assert score_count(deployment) == 0


@pytest.mark.parametrize("shift", [timedelta(hours=1), timedelta(hours=-1)])
def test_a_clock_that_jumps_by_an_hour_neither_loses_nor_repeats_what_runs(
    make: Make, run: Run, clock: AdjustableClock, shift: timedelta
) -> None:
    deployment = run(make(worker_count=2, lease_seconds=2.0), stand_in_tasks.SCORE_BEHIND_GATE)
    team_id = add_team(deployment)
    receipt = send(deployment, team_id)
    begun_child(deployment)
    clock.offset = shift
    leased_until = clock() + timedelta(seconds=1)
    wait_until(
        lambda: (
            (lease := row(deployment, receipt.id).lease_expires_at) is not None
            and leased_until < lease < leased_until + timedelta(minutes=1)
        ),
        what="a renewal by the new time",
    )
    second = send(deployment, team_id, predictions(salt=1))  # wakes the idle worker, which looks for lost leases
    begun_child(deployment, after=1)
    open_gate(deployment)
    for submission in (receipt.id, second.id):
        found = ended(deployment, submission)
        assert (found.state, found.attempt) == (State.SCORED, 1)
    assert score_count(deployment) == 2


def test_a_worker_whose_row_was_taken_kills_its_child_and_records_nothing(make: Make, run: Run) -> None:
    deployment = run(make(), stand_in_tasks.SCORE_BEHIND_GATE)
    receipt = send(deployment, add_team(deployment))
    child = begun_child(deployment)
    with deployment.database.write() as session:
        session.get_one(Submission, receipt.id).state = State.QUEUED
        session.flush()
        taken = claim(
            session, owner="worker:other", now=NOW, lease_expires_at=NOW + timedelta(days=365), max_attempts=4
        )
    assert taken is not None
    wait_until(lambda: not is_alive(child), what="the death of the fenced-out child")
    assert (row(deployment, receipt.id).owner, score_count(deployment)) == ("worker:other", 0)
    with deployment.database.write() as session:
        assert finish(session, taken, Outcome(state=State.REJECTED), now=NOW)
    assert ended(deployment, receipt.id).state == State.REJECTED


def test_a_result_is_held_while_the_database_is_locked_and_recorded_afterwards(
    make: Make, run: Run, caplog: pytest.LogCaptureFixture
) -> None:
    deployment = run(make(database_wait_seconds=0.1), stand_in_tasks.SCORE_BEHIND_GATE)
    receipt = send(deployment, add_team(deployment))
    begun_child(deployment)
    with closing(sqlite3.connect(deployment.folders.root / DATABASE_FILE, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        open_gate(deployment)
        wait_until(lambda: "what is done is held" in caplog.text, what="the held result")
        assert row(deployment, receipt.id).state == State.RUNNING
        other.execute("ROLLBACK")
    found = ended(deployment, receipt.id)
    assert (found.state, found.attempt, score_count(deployment)) == (State.SCORED, 1, 1)


def test_a_server_started_on_a_folder_in_use_is_refused(make: Make, run: Run) -> None:
    deployment = run(make())
    with pytest.raises(DataFolderInUse):
        Workers(deployment).start()


def test_orphans_are_swept_and_what_rows_name_is_kept(make: Make, run: Run, clock: AdjustableClock) -> None:
    deployment = make(worker_count=0)
    receipt = send(deployment, add_team(deployment))
    orphan = deployment.blobs.receive()
    orphan.write(b"nobody names this")
    orphan_key = orphan.commit().key
    broken = deployment.blobs.receive()
    broken.write(b"broken off")
    (deployment.folders.work / "left by a child").touch()
    clock.offset = timedelta(days=2)
    run(deployment)
    wait_until(lambda: orphan_key not in {blob.key for blob in deployment.blobs.ages()}, what="the sweep")
    assert {blob.key for blob in deployment.blobs.ages()} == {row(deployment, receipt.id).blob_key}
    assert list(deployment.folders.incoming.iterdir()) == list(deployment.folders.work.iterdir()) == []
    broken.discard()
