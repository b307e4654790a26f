"""One attempt at one submission: read, score, record. Whatever happens, the row does not stay behind."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from threading import Event
from typing import Any, TypeVar

from sqlmodel import Session

from server.db.submissions import is_blob_named, submission_row
from server.db.tables import State, TruthVersion
from server.deployment import Deployment
from server.errors import DatabaseUnavailable, StorageFull
from server.jobs.failures import INTERNAL, MEMORY_LIMIT, TIME_LIMIT, WORKER_LOST, Failure
from server.jobs.held_leases import HeldLease
from server.jobs.leases import Lease, Outcome, finish, give_back, unclaim
from server.jobs.scoring_process import (
    Abandoned,
    ChildDied,
    MemoryLimitHit,
    ScoringProcess,
    TaskFault,
    TimeLimitHit,
)
from server.services.notices import tell_of_ending
from server.services.scoring_run import (
    ScoringJob,
    ScoringRun,
    StoredFileChanged,
    job_of,
    run_scoring,
    scores_of,
)

_T = TypeVar("_T")

log = logging.getLogger(__name__)

# While the database is away, a result is held and offered again at this pace.
_DATABASE_RETRY_SECONDS = 0.5


class _ServerFault(Exception):
    """The attempt failed for reasons of ours."""

    def __init__(self, failure: Failure, **detail: Any) -> None:
        super().__init__(failure.code)
        self.failure = failure  # what the team reads after the last attempt
        self.detail = detail  # what the organizers read


@dataclass(frozen=True, kw_only=True, slots=True)
class Evaluator:
    """What one worker evaluates submissions with."""

    deployment: Deployment
    process: ScoringProcess
    task: str  # "package.module:function", looked up in the child
    clock: Callable[[], datetime]
    is_over: Event  # set when the server no longer waits: what is running goes back into the queue

    def evaluate(self, held: HeldLease) -> None:
        """Bring the submission of this lease to its end, or back into the queue."""
        lease = held.lease
        try:
            self._record(held, self._attempt(held))
        except _ServerFault as fault:
            self._retry(held, fault)
        except Abandoned:
            if not held.is_lost:  # the server stops: the attempt does not count
                with suppress(DatabaseUnavailable), self.deployment.database.write() as session:
                    unclaim(session, lease)

    def _attempt(self, held: HeldLease) -> Outcome:
        """Let the child score the file, and keep its outcomes."""
        try:
            job = self._persist(lambda session: _job(session, held.lease.submission_id), is_writing=False)
            run = run_scoring(
                self.deployment, self.process, job, task=self.task,
                is_wanted=lambda: not (held.is_lost or self.is_over.is_set()),
            )  # fmt: skip
            return _outcome(job, run, now=self.clock())
        except TimeLimitHit:
            return Outcome(state=TIME_LIMIT.state, failure=TIME_LIMIT)
        except MemoryLimitHit:
            return Outcome(state=MEMORY_LIMIT.state, failure=MEMORY_LIMIT)
        except StoredFileChanged as error:
            raise _ServerFault(INTERNAL, error="the stored file is not the one that was received") from error
        except ChildDied as error:
            raise _ServerFault(WORKER_LOST, error=f"the child died: {error}") from error
        except TaskFault as error:
            raise _ServerFault(INTERNAL, error=error.fault.error, where=error.fault.where) from error
        except (OSError, StorageFull) as error:
            raise _ServerFault(INTERNAL, error=f"{type(error).__name__}: {error}") from error

    def _record(self, held: HeldLease, outcome: Outcome) -> None:
        """Finish the row; if somebody else has it by now, nothing of this attempt stays."""
        is_ours = self._persist(lambda session: self._finish(session, held.lease, outcome))
        if not is_ours:
            log.warning("submission %d: attempt %d fenced out", held.lease.submission_id, held.lease.attempt)
            for key in {score.outcomes_key for score in outcome.scores if score.outcomes_key is not None}:
                self._drop_unless_named(key)

    def _finish(self, session: Session, lease: Lease, outcome: Outcome) -> bool:
        now = self.clock()
        is_ours = finish(session, lease, outcome, now=now)
        if is_ours:
            session.flush()
            tell_of_ending(session, lease.submission_id, now=now)
        return is_ours

    def _retry(self, held: HeldLease, fault: _ServerFault) -> None:
        """Queue the submission again, after a pause that grows; after the last attempt it is an error."""
        lease, settings = held.lease, self.deployment.settings
        if lease.attempt >= settings.max_attempts:
            log.error("submission %d ends as error: %s", lease.submission_id, fault.detail)
            self._record(held, Outcome(state=fault.failure.state, failure=fault.failure, detail=fault.detail))
            return
        log.warning("submission %d, attempt %d: %s", lease.submission_id, lease.attempt, fault.detail)
        self.is_over.wait(settings.retry_seconds * lease.attempt)
        self._persist(lambda session: give_back(session, lease, now=self.clock(), detail=fault.detail))

    def _persist(self, do: Callable[[Session], _T], *, is_writing: bool = True) -> _T:
        """Do it in one transaction, again and again while the database is away."""
        database = self.deployment.database
        while True:
            try:
                with database.write() if is_writing else database.read() as session:
                    return do(session)
            except DatabaseUnavailable:
                if self.is_over.wait(_DATABASE_RETRY_SECONDS):
                    raise Abandoned from None  # the row stays running; the next start queues it again
                log.warning("the database is away; what is done is held")

    def _drop_unless_named(self, key: str) -> None:
        try:
            with self.deployment.database.read() as session:
                is_named = is_blob_named(session, key)
        except DatabaseUnavailable:
            return  # the sweeper finds it
        if not is_named:
            self.deployment.blobs.delete(key)


def _job(session: Session, submission_id: int) -> ScoringJob:
    row = submission_row(session, submission_id)
    truth = None if row is None else session.get(TruthVersion, row.round.active_truth_id)
    if row is None or truth is None:
        raise _ServerFault(INTERNAL, error="the round has no active truth")
    return job_of(session, submission=row.submission, round_=row.round, truth=truth)


def _outcome(job: ScoringJob, run: ScoringRun, *, now: datetime) -> Outcome:
    scores = scores_of(job, run, now=now)
    return Outcome(
        state=State.SCORED if scores else State.REJECTED,
        lines=run.result.lines,
        findings=run.result.findings,
        scores=scores,
    )
