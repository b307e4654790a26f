"""The moves of a submission between states, each one transaction fenced by what it knows of the row.

Our row is the truth about a job. A worker owns it as long as (id, attempt, owner, state) match; whoever was
silent past the lease has lost the row, and nothing it does later changes it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, update
from sqlmodel import Session, and_, col, or_, select

from server.db.events import append_event
from server.db.submissions import has_lost_lease, is_claimable, open_count_of_team
from server.db.tables import Score, State, Submission, stored_id
from server.jobs.failures import WORKER_LOST, Failure

SYSTEM = "system"


@dataclass(frozen=True, kw_only=True, slots=True)
class Lease:
    """One attempt at one submission, by one worker."""

    submission_id: int
    round_id: int
    attempt: int  # from 1
    owner: str
    blob_key: str

    def holds(self) -> ColumnElement[bool]:
        """True for the row as long as nobody else has taken it."""
        return and_(
            Submission.id == self.submission_id,
            Submission.attempt == self.attempt,
            Submission.owner == self.owner,
            Submission.state == State.RUNNING,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """How an attempt ended."""

    state: State  # terminal
    lines: int | None = None
    findings: list[dict[str, Any]] = field(default_factory=list)
    failure: Failure | None = None
    scores: tuple[Score, ...] = ()  # one a split, with state SCORED
    detail: dict[str, Any] = field(default_factory=dict)  # for organizers, on the event


def claim(
    session: Session,
    *,
    owner: str,
    now: datetime,
    lease_expires_at: datetime,
    max_attempts: int,
    held: Collection[int] = (),
) -> Lease | None:
    """Take the next submission in the fair order, the only way into running; None when there is none.

    Teams with fewer open submissions come first. The row lock, where the database has them, lets several
    servers claim side by side without waiting for each other.

    Args:
        session: the writing transaction.
        owner: the worker that claims.
        now: the current moment.
        lease_expires_at: when the row may be taken from it again.
        max_attempts: attempts a submission gets.
        held: submissions this process is working on: a clock set forward makes their leases look run out.
    """
    candidate = (
        select(Submission.id)
        .where(
            is_claimable(now),
            # what waits has an attempt to come, also where a server allows fewer than the one that queued it
            or_(Submission.state == State.QUEUED, Submission.attempt < max_attempts),
            col(Submission.id).not_in(held),
        )
        .order_by(open_count_of_team(Submission), col(Submission.id))
        .limit(1)
        .with_for_update(skip_locked=True, of=Submission)
    )
    row = session.exec(
        update(Submission)
        .where(col(Submission.id).in_(candidate))
        .values(
            state=State.RUNNING,
            attempt=Submission.attempt + 1,
            owner=owner,
            lease_expires_at=lease_expires_at,
            started_at=now,
        )
        .returning(col(Submission.id), col(Submission.round_id), col(Submission.attempt), col(Submission.blob_key))
        .execution_options(synchronize_session=False)
    ).first()
    if row is None:
        return None
    submission_id, round_id, attempt, blob_key = row
    return Lease(submission_id=submission_id, round_id=round_id, attempt=attempt, owner=owner, blob_key=blob_key)


def renew(session: Session, lease: Lease, *, lease_expires_at: datetime) -> bool:
    """Prolong the lease. False: fenced out, somebody else has the row."""
    return _move(session, lease, lease_expires_at=lease_expires_at)


def finish(session: Session, lease: Lease, outcome: Outcome, *, now: datetime) -> bool:
    """Record how the attempt ended: state, findings, score and event at once. False: fenced out, nothing done."""
    is_ours = _move(
        session,
        lease,
        state=outcome.state,
        findings=outcome.findings,
        failure=outcome.failure.code if outcome.failure else None,
        finished_at=now,
        owner=None,
        lease_expires_at=None,
        **({} if outcome.lines is None else {"lines": outcome.lines}),
    )
    if not is_ours:
        return False
    for score in outcome.scores:
        session.add(score)
    _tell(session, lease.submission_id, lease.round_id, now=now, actor=lease.owner, state=outcome.state,
          detail={"attempt": lease.attempt, **outcome.detail})  # fmt: skip
    return True


def give_back(session: Session, lease: Lease, *, now: datetime, detail: dict[str, Any]) -> bool:
    """Queue the submission again after an attempt that failed for reasons of ours."""
    is_ours = _move(session, lease, state=State.QUEUED, owner=None, lease_expires_at=None)
    if is_ours:
        _tell(session, lease.submission_id, lease.round_id, now=now, actor=lease.owner, state=State.QUEUED,
              detail={"attempt": lease.attempt, **detail})  # fmt: skip
    return is_ours


def unclaim(session: Session, lease: Lease) -> bool:
    """Queue the submission again as if it had never been claimed: the server stops, the attempt is not its fault."""
    return _move(session, lease, state=State.QUEUED, owner=None, lease_expires_at=None, attempt=lease.attempt - 1)


def queue_again(session: Session, submission_id: int, *, round_id: int, actor: str, now: datetime) -> bool:
    """Queue a submission that ended as failed or error, all its attempts before it. False: it has not ended so."""
    changed = session.exec(
        update(Submission)
        .where(col(Submission.id) == submission_id, col(Submission.state).in_((State.FAILED, State.ERROR)))
        .values(state=State.QUEUED, attempt=0, failure=None, finished_at=None)
        .execution_options(synchronize_session=False)
    )
    if changed.rowcount != 1:
        return False
    _tell(session, submission_id, round_id, now=now, actor=actor, state=State.QUEUED, detail={"again": True})
    return True


def reap(
    session: Session,
    *,
    now: datetime,
    max_attempts: int,
    held: Collection[int] = (),
    is_everybody_dead: bool = False,
) -> list[int]:
    """Take rows back from workers that are silent: queue them again, or end them after the last attempt.

    Args:
        session: the writing transaction.
        now: the current moment.
        max_attempts: attempts a submission gets.
        held: submissions this process is working on, as for `claim`.
        is_everybody_dead: whether every running row is lost, whatever its lease says. Only for a server that has
            just taken the lock on its data folder.

    Returns:
        the submissions that were taken back.
    """
    lost = Submission.state == State.RUNNING if is_everybody_dead else has_lost_lease(now)
    query = select(Submission).where(lost, col(Submission.id).not_in(held)).with_for_update(skip_locked=True)
    rows = session.exec(query).all()
    for row in rows:
        is_last = row.attempt >= max_attempts
        row.state = State.ERROR if is_last else State.QUEUED
        row.failure = WORKER_LOST.code if is_last else None
        row.finished_at = now if is_last else None
        detail = {"attempt": row.attempt, "lost_worker": row.owner}
        row.owner = None
        row.lease_expires_at = None
        session.add(row)
        _tell(session, stored_id(row.id), row.round_id, now=now, actor=SYSTEM, state=State(row.state), detail=detail)
    return [stored_id(row.id) for row in rows]


def _move(session: Session, lease: Lease, **values: Any) -> bool:
    changed = session.exec(
        update(Submission).where(lease.holds()).values(**values).execution_options(synchronize_session=False)
    )
    return bool(changed.rowcount == 1)


def _tell(
    session: Session,
    submission_id: int,
    round_id: int,
    *,
    now: datetime,
    actor: str,
    state: State,
    detail: dict[str, Any],
) -> None:
    append_event(
        session,
        at=now,
        actor=actor,
        action=f"submission.{state}",
        object_type="submission",
        object_id=submission_id,
        round_id=round_id,
        detail=detail,
    )
