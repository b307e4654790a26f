"""Queries about submissions, but for the moves between states: those are server/jobs/leases.py."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, ScalarSelect
from sqlalchemy.orm import aliased
from sqlmodel import Session, and_, col, func, or_, select, update

from server.db.former_memberships import teams_left_by_members
from server.db.tables import CHARGED_STATES, OPEN_STATES, Entry, Round, Score, State, Submission, Team

# Well below what any database takes as parameters of one statement.
_KEYS_PER_QUERY = 500

_Period = tuple[datetime, datetime]

RETRY_WINDOW = timedelta(hours=1)  # rejected files are counted over this long


@dataclass(frozen=True, kw_only=True, slots=True)
class Spending:
    """What a team has taken of a round's quota and of the server's patience."""

    today: int  # places taken in this round on the UTC calendar day
    this_week: int  # places taken in this round in the week from Monday, UTC
    total: int  # places taken in this round
    open: int  # submissions waiting or running, in all rounds
    rejected: int  # rejected files in all rounds within RETRY_WINDOW
    oldest_rejected_at: datetime | None  # of those


class SubmissionRow(NamedTuple):
    """A submission with what belongs to it."""

    submission: Submission
    entry: Entry
    round: Round
    team: Team


def lock_team(session: Session, team_id: int) -> Team | None:
    """The team's row, locked until the transaction ends: what is counted for it stays counted.

    SQLite knows no row locks and needs none: the writing transaction holds the only write lock.
    """
    return session.exec(select(Team).where(Team.id == team_id).with_for_update()).first()


def spending_of(
    session: Session, *, team_id: int, round_id: int, day: _Period, week: _Period, now: datetime
) -> Spending:
    """What the team has spent; `day` and `week` are from their start up to that of the next.

    What people of the team have left behind in other teams counts for it: nobody gets a second quota by moving.
    """
    left_behind = [
        and_(Submission.team_id == left, col(Submission.upload_started_at) < left_at)
        for left, left_at in teams_left_by_members(session, team_id)
    ]
    in_round = and_(Submission.round_id == round_id, col(Submission.state).in_(CHARGED_STATES))
    is_rejected = and_(Submission.state == State.REJECTED, col(Submission.finished_at) > now - RETRY_WINDOW)
    today, this_week, total, is_open, rejected, oldest = session.exec(
        select(  # type: ignore[call-overload]  # SQLModel types four columns at most
            func.count().filter(in_round, _is_within(day)),
            func.count().filter(in_round, _is_within(week)),
            func.count().filter(in_round),
            func.count().filter(col(Submission.state).in_(OPEN_STATES)),
            func.count().filter(is_rejected),
            func.min(col(Submission.finished_at)).filter(is_rejected),
        ).where(or_(Submission.team_id == team_id, *left_behind))
    ).one()
    return Spending(
        today=today, this_week=this_week, total=total, open=is_open, rejected=rejected, oldest_rejected_at=oldest
    )


def _is_within(period: _Period) -> ColumnElement[bool]:
    return and_(col(Submission.accepted_at) >= period[0], col(Submission.accepted_at) < period[1])


def by_idempotency_key(session: Session, *, team_id: int, key: str) -> Submission | None:
    """The submission this team has made under this key."""
    return session.exec(
        select(Submission).where(Submission.team_id == team_id, Submission.idempotency_key == key)
    ).first()


def earlier_with_same_bytes(session: Session, *, team_id: int, round_id: int, sha256: str) -> Submission | None:
    """The team's first submission of exactly these bytes that waits, runs or has a score or findings."""
    return session.exec(
        select(Submission)
        .where(
            Submission.team_id == team_id,
            Submission.round_id == round_id,
            Submission.sha256 == sha256,
            col(Submission.state).in_((*CHARGED_STATES, State.REJECTED)),
        )
        .order_by(col(Submission.id))
    ).first()


def submissions_of_round(session: Session, round_id: int) -> Sequence[Submission]:
    """Every submission to the round, in order of arrival."""
    return session.exec(select(Submission).where(Submission.round_id == round_id).order_by(col(Submission.id))).all()


def states_of_round(session: Session, round_id: int) -> dict[int, State]:
    """The state of every submission to the round, by its id, in order of arrival; without their findings."""
    rows = session.exec(
        select(Submission.id, Submission.state).where(Submission.round_id == round_id).order_by(col(Submission.id))
    )
    return {number: State(state) for number, state in rows if number is not None}


def finals_of_team(session: Session, *, round_id: int, team_id: int, track: str) -> list[int]:
    """The submissions that the team has chosen among its entries of a track, in order of arrival."""
    numbers = session.exec(
        select(Submission.id)
        .join(Entry, col(Entry.id) == col(Submission.entry_id))
        .where(
            Submission.round_id == round_id, Submission.team_id == team_id, Entry.track == track,
            col(Submission.is_final).is_(True),
        )
        .order_by(col(Submission.id))
    )  # fmt: skip
    return [number for number in numbers if number is not None]


def finals_of_round(session: Session, round_id: int) -> list[tuple[str, str, int]]:
    """Team, track, and how many submissions that team has chosen there; those that have chosen most first."""
    count = func.count(col(Submission.id))
    rows = session.exec(
        select(Team.name, Entry.track, count)
        .join(Entry, col(Entry.team_id) == col(Team.id))
        .join(Submission, col(Submission.entry_id) == col(Entry.id))
        .where(Submission.round_id == round_id, col(Submission.is_final).is_(True))
        .group_by(col(Team.id), col(Team.name), col(Entry.track))
        .order_by(count.desc(), col(Team.id))
    )
    return [(team, track, chosen) for team, track, chosen in rows]


def submission_row(session: Session, submission_id: int) -> SubmissionRow | None:
    """One submission."""
    row = session.exec(_rows().where(Submission.id == submission_id)).first()
    return None if row is None else SubmissionRow(*row)


def cancel_queued(session: Session, submission_id: int, *, now: datetime) -> bool:
    """Cancel a submission that still waits; False where a worker has claimed it meanwhile."""
    changed = session.exec(
        update(Submission)
        .where(col(Submission.id) == submission_id, col(Submission.state) == State.QUEUED)
        .values(state=State.CANCELLED, finished_at=now)
        .execution_options(synchronize_session=False)
    )
    return bool(changed.rowcount)


def rows_of_team(session: Session, *, team_id: int, round_id: int | None = None, limit: int) -> list[SubmissionRow]:
    """The team's submissions, newest first."""
    query = _rows().where(Submission.team_id == team_id).order_by(col(Submission.id).desc()).limit(limit)
    if round_id is not None:
        query = query.where(Submission.round_id == round_id)
    return [SubmissionRow(*row) for row in session.exec(query)]


def _rows() -> Any:
    return (
        select(Submission, Entry, Round, Team)
        .join(Entry, col(Entry.id) == col(Submission.entry_id))
        .join(Round, col(Round.id) == col(Submission.round_id))
        .join(Team, col(Team.id) == col(Submission.team_id))
    )


def open_count_of_team(submission: Any) -> ScalarSelect[int]:
    """How many open submissions the team of `submission` has: the fair order's first key, the id being the second."""
    other = aliased(Submission)
    return (
        select(func.count())
        .where(other.team_id == submission.team_id, col(other.state).in_(OPEN_STATES))
        .scalar_subquery()
    )


def queue_positions(session: Session, submissions: Iterable[Submission]) -> dict[int, int]:
    """The place of each queued one of these in the fair order, from 1, by submission id."""
    return {
        submission.id: _queue_position(session, submission)
        for submission in submissions
        if submission.state == State.QUEUED and submission.id is not None
    }


def _queue_position(session: Session, submission: Submission) -> int:
    is_open = col(Submission.state).in_(OPEN_STATES)
    teams = (
        select(col(Submission.team_id).label("team_id"), func.count().label("open_count"))
        .where(is_open)
        .group_by(col(Submission.team_id))
        .subquery()
    )
    own = select(func.count()).where(is_open, Submission.team_id == submission.team_id).scalar_subquery()
    is_ahead = or_(teams.c.open_count < own, and_(teams.c.open_count == own, col(Submission.id) < submission.id))
    return (
        1
        + session.exec(
            select(func.count())
            .select_from(Submission)
            .join(teams, teams.c.team_id == col(Submission.team_id))
            .where(Submission.state == State.QUEUED, is_ahead)
        ).one()
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Queue:
    """What waits for the whole server."""

    queued: int
    running: int
    oldest_accepted_at: datetime | None  # of those that wait


def queue_of_server(session: Session) -> Queue:
    """How much waits, how much runs, and since when the longest waits."""
    queued, running, oldest = session.exec(
        select(
            func.count().filter(col(Submission.state) == State.QUEUED),
            func.count().filter(col(Submission.state) == State.RUNNING),
            func.min(col(Submission.accepted_at)).filter(col(Submission.state) == State.QUEUED),
        ).where(col(Submission.state).in_(OPEN_STATES))
    ).one()
    return Queue(queued=queued, running=running, oldest_accepted_at=oldest)


def is_blob_named(session: Session, key: str) -> bool:
    """Whether any row needs this blob."""
    return bool(_named_among(session, (key,)))


def unnamed_blobs(session: Session, keys: Iterable[str]) -> set[str]:
    """Those of `keys` that no row needs."""
    wanted = tuple(keys)
    named: set[str] = set()
    for start in range(0, len(wanted), _KEYS_PER_QUERY):
        named |= _named_among(session, wanted[start : start + _KEYS_PER_QUERY])
    return set(wanted) - named


def _named_among(session: Session, keys: tuple[str, ...]) -> set[str]:
    uploads = session.exec(select(Submission.blob_key).where(col(Submission.blob_key).in_(keys)))
    outcomes = session.exec(select(Score.outcomes_key).where(col(Score.outcomes_key).in_(keys)))
    return {key for key in (*uploads, *outcomes) if key is not None}


def is_claimable(now: datetime) -> ColumnElement[bool]:
    """Queued, or running under a lease that has run out."""
    return or_(Submission.state == State.QUEUED, has_lost_lease(now))


def has_lost_lease(now: datetime) -> ColumnElement[bool]:
    """Running, but its worker has been silent for too long."""
    return and_(Submission.state == State.RUNNING, col(Submission.lease_expires_at) < now)
