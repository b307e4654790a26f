"""One file scored by a child: what the first scoring and every later one have in common."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from sqlmodel import Session

from server.db.tables import Round, Score, Submission, TruthVersion, stored_id
from server.db.truths import first_digest
from server.deployment import Deployment
from server.jobs.orders import ScoredFile, ScoringOrder
from server.jobs.scoring_process import ScoringProcess
from server.storage.blobs import Blobs

_COPY_BYTES = 1 << 20


class StoredFileChanged(Exception):
    """The stored file is not the one that was received."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ScoringJob:
    """What the rows say about the work."""

    submission_id: int
    blob_key: str
    sha256: str  # of the bytes as they were received
    round_id: int
    slug: str
    public_digest: str
    truth_id: int
    truth_digest: str
    split_seed: str | None
    split_truth_digest: str  # of the first version: a correction leaves both halves as they are


@dataclass(frozen=True, kw_only=True, slots=True)
class ScoringRun:
    """What came of it."""

    result: ScoredFile
    outcomes_key: str | None  # of the blob that keeps the outcomes; None where the file is not valid


def job_of(session: Session, *, submission: Submission, round_: Round, truth: TruthVersion) -> ScoringJob:
    """The work of scoring a submission against one version of its round's truth."""
    return ScoringJob(
        submission_id=stored_id(submission.id),
        blob_key=submission.blob_key,
        sha256=submission.sha256,
        round_id=stored_id(round_.id),
        slug=round_.slug,
        public_digest=round_.public_digest,
        truth_id=stored_id(truth.id),
        truth_digest=truth.digest,
        split_seed=round_.split_seed,
        split_truth_digest=first_digest(session, stored_id(round_.id)),
    )


def run_scoring(
    deployment: Deployment, process: ScoringProcess, job: ScoringJob, *, task: str, is_wanted: Callable[[], bool]
) -> ScoringRun:
    """Let the child score the file, and keep its outcomes.

    Raises:
        StoredFileChanged: a read error, or worse.
        OSError, StorageFull: the file cannot be read, or the outcomes not kept.
        Abandoned, TimeLimitHit, MemoryLimitHit, ChildDied, TaskFault: as the process says.
    """
    work = deployment.folders.work / uuid4().hex
    result_file, outcomes_file = work.with_suffix(".json"), work.with_suffix(".npz")
    try:
        with deployment.blobs.as_file(job.blob_key) as file:
            order = ScoringOrder(
                public_half=deployment.folders.public_half(job.slug),
                public_digest=job.public_digest,
                truth_file=deployment.folders.truth_file(job.slug, job.truth_digest),
                file=file,
                result_file=result_file,
                outcomes_file=outcomes_file,
                split_seed=job.split_seed,
                split_truth_file=deployment.folders.truth_file(job.slug, job.split_truth_digest),
            )
            process.run(task, order, is_wanted=is_wanted)
        result = ScoredFile.read(result_file)
        if result.sha256 != job.sha256:
            raise StoredFileChanged
        outcomes_key = _keep(deployment.blobs, outcomes_file) if result.is_valid else None
        return ScoringRun(result=result, outcomes_key=outcomes_key)
    finally:
        result_file.unlink(missing_ok=True)
        outcomes_file.unlink(missing_ok=True)


def scores_of(job: ScoringJob, run: ScoringRun, *, now: datetime) -> tuple[Score, ...]:
    """The rows to store, one a split; none where the file is not valid."""
    return tuple(
        Score(
            submission_id=job.submission_id,
            truth_id=job.truth_id,
            scorer_version=run.result.scorer_version,
            split=split,
            scores=found.scores,
            counts=found.counts,
            per_class=found.per_class,
            intervals=found.intervals,
            outcomes_key=run.outcomes_key,
            created_at=now,
        )
        for split, found in run.result.splits.items()
    )


def _keep(blobs: Blobs, path: Path) -> str:
    """Copy a file into the blobs; its key."""
    incoming = blobs.receive()
    try:
        with path.open("rb") as stream:
            while chunk := stream.read(_COPY_BYTES):
                incoming.write(chunk)
        return incoming.commit().key
    finally:
        incoming.discard()
