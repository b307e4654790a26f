"""Scoring what was scored before: against another version of the truth, or by a newer scorer.

What is due follows from the rows: a scored submission without a score against a truth that is shown or in preparation.
So nothing is queued, and nothing can be lost; two servers at the same score store it once.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock

from sqlalchemy.exc import IntegrityError

from scoring.scorecard import SCORER_VERSION
from server.db.events import append_event
from server.db.rescorings import fulfil, next_due, note_failure
from server.db.rounds import lock_round
from server.db.tables import TruthVersion
from server.deployment import Deployment
from server.errors import StorageFull
from server.jobs.scoring_process import (
    Abandoned,
    ChildDied,
    MemoryLimitHit,
    ScoringProcess,
    TaskFault,
    TimeLimitHit,
)
from server.services.scoring_run import ScoringJob, StoredFileChanged, job_of, run_scoring, scores_of

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Rescorings:
    """Those under way in this process."""

    _lock: Lock = field(default_factory=Lock)
    _pairs: set[tuple[int, int]] = field(default_factory=set)  # submission, truth

    def take(self, choose: Callable[[set[tuple[int, int]]], ScoringJob | None]) -> ScoringJob | None:
        """Choose one that nobody here is at."""
        with self._lock:
            job = choose(self._pairs)
            if job is not None:
                self._pairs.add((job.submission_id, job.truth_id))
            return job

    def drop(self, job: ScoringJob) -> None:
        with self._lock:
            self._pairs.discard((job.submission_id, job.truth_id))


@dataclass(frozen=True, kw_only=True, slots=True)
class Rescorer:
    """What one worker scores again with, when nothing new waits."""

    deployment: Deployment
    process: ScoringProcess
    task: str
    clock: Callable[[], datetime]
    is_wanted: Callable[[], bool]
    under_way: Rescorings

    def rescore_next(self) -> bool:
        """Score the next submission that is due; False when there is none.

        Raises:
            DatabaseUnavailable: the database is away; the score stays due.
        """
        job = self.under_way.take(self._choose)
        if job is None:
            return False
        try:
            self._rescore(job)
        finally:
            self.under_way.drop(job)
        return True

    def _choose(self, taken: set[tuple[int, int]]) -> ScoringJob | None:
        with self.deployment.database.read() as session:
            due = next_due(
                session, scorer_version=SCORER_VERSION, max_attempts=self.deployment.settings.max_attempts, but=taken
            )
            if due is None:
                return None
            submission, round_, truth = due
            return job_of(session, submission=submission, round_=round_, truth=truth)

    def _rescore(self, job: ScoringJob) -> None:
        try:
            run = run_scoring(self.deployment, self.process, job, task=self.task, is_wanted=self.is_wanted)
        except Abandoned:
            return  # the server stops; the score stays due
        except (TimeLimitHit, MemoryLimitHit, ChildDied, TaskFault, StoredFileChanged, OSError, StorageFull) as error:
            self._note(job, _told(error))
            return
        scores = scores_of(job, run, now=self.clock())
        if not scores:
            self._note(job, "the file is not valid any more")
            return
        try:
            with self.deployment.database.write() as session:
                lock_round(session, job.round_id)  # as whoever gives the version up does
                fulfil(session, submission_id=job.submission_id, truth_id=job.truth_id, scorer_version=SCORER_VERSION)
                session.add_all(scores)
                append_event(
                    session, at=self.clock(), actor="system", action="submission.rescored", object_type="submission",
                    object_id=job.submission_id, round_id=job.round_id, detail={"truth": job.truth_digest},
                )  # fmt: skip
        except IntegrityError:  # another server was first, or the version was given up
            if run.outcomes_key is not None:
                self.deployment.blobs.delete(run.outcomes_key)

    def _note(self, job: ScoringJob, failure: str) -> None:
        log.error("submission %d cannot be scored again: %s", job.submission_id, failure)
        with self.deployment.database.write() as session:
            lock_round(session, job.round_id)
            if session.get(TruthVersion, job.truth_id) is not None:  # else it was given up meanwhile
                note_failure(session, submission_id=job.submission_id, truth_id=job.truth_id, failure=failure[:500])


def _told(error: Exception) -> str:
    """What organizers read, and what helps."""
    match error:
        case TimeLimitHit():
            return "it took longer than HELDOUT_CHILD_TIME_SECONDS allows"
        case MemoryLimitHit():
            return "it needed more memory than HELDOUT_CHILD_MEMORY_BYTES allows"
        case ChildDied():
            return "its scoring process was killed, or crashed"
        case StoredFileChanged():
            return "the stored file is not the one that was received; put it back from a backup"
    return f"{type(error).__name__}: {error}"
