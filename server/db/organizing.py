"""Queries about what organizers and teams tell each other, and about the state of a round."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement
from sqlmodel import Session, and_, col, func, or_, select

from server.db.organizing_tables import Announcement, Appeal, Question
from server.db.participation import takes_part
from server.db.tables import OPEN_STATES, Entry, Event, Round, State, Submission, Team

# What organizers are told of the teams that take part; for which of theirs people act in a browser is their own affair.
TEAM_ACTIONS = (
    "team.signed-up", "team.joined", "team.left", "team.described", "invitation.made", "invitation.revoked",
)  # fmt: skip

TROUBLED_STATES = (State.FAILED, State.ERROR)


@dataclass(frozen=True, kw_only=True, slots=True)
class Health:
    """How a round is doing."""

    submissions: int
    teams: int  # that have sent something; baselines are of none
    open: int  # submissions that wait or run
    troubled: int  # that ended as failed or error


class QuestionRow(NamedTuple):
    """A question with the team that asked."""

    question: Question
    team: Team


class SentEntry(NamedTuple):
    """An entry with its team and what it has sent."""

    entry: Entry
    team: Team
    submissions: int


class AppealRow(NamedTuple):
    """An appeal with the entry it is about."""

    appeal: Appeal
    entry: Entry


class TroubledRow(NamedTuple):
    """A submission that waits, runs or went wrong, with its team."""

    submission: Submission
    team: Team


def announcements_of(session: Session, round_id: int) -> Sequence[Announcement]:
    """What was announced, newest first."""
    return session.exec(
        select(Announcement).where(Announcement.round_id == round_id).order_by(col(Announcement.id).desc())
    ).all()


def was_announced(session: Session, *, round_id: int, text: str, since: datetime) -> bool:
    """Whether just this was announced after that moment."""
    query = select(Announcement.id).where(
        Announcement.round_id == round_id, Announcement.text == text, col(Announcement.announced_at) > since
    )
    return session.exec(query.limit(1)).first() is not None


def questions_of(session: Session, round_id: int) -> list[QuestionRow]:
    """Every question, those without an answer first, each kind newest first."""
    rows = session.exec(
        select(Question, Team)
        .join(Team, col(Team.id) == col(Question.team_id))
        .where(Question.round_id == round_id)
        .order_by(col(Question.answered_at).is_not(None), col(Question.id).desc())
    )
    return [QuestionRow(*row) for row in rows]


def open_question_count(session: Session, *, round_id: int, team_id: int) -> int:
    """How many questions of the team wait for an answer."""
    return session.exec(
        select(func.count()).where(
            Question.round_id == round_id, Question.team_id == team_id, col(Question.answered_at).is_(None)
        )
    ).one()


def entry_with_round(session: Session, entry_id: int) -> tuple[Entry, Round] | None:
    """An entry and its round."""
    row = session.exec(
        select(Entry, Round).join(Round, col(Round.id) == col(Entry.round_id)).where(Entry.id == entry_id)
    ).first()
    return None if row is None else (row[0], row[1])


def entries_of_round(session: Session, round_id: int) -> list[SentEntry]:
    """Every entry of the round, disqualified ones first, then in order of their making."""
    rows = session.exec(
        select(Entry, Team, func.count(col(Submission.id)))
        .join(Team, col(Team.id) == col(Entry.team_id))
        .join(Submission, col(Submission.entry_id) == col(Entry.id), isouter=True)
        .where(Entry.round_id == round_id)
        .group_by(col(Entry.id), col(Team.id))
        .order_by(col(Entry.disqualified_at).is_(None), col(Entry.id))
    )
    return [SentEntry(*row) for row in rows]


def appeal_against(session: Session, *, entry_id: int, disqualified_at: datetime) -> Appeal | None:
    """What the team said against this disqualification."""
    return session.exec(
        select(Appeal).where(Appeal.entry_id == entry_id, Appeal.disqualified_at == disqualified_at)
    ).first()


def appeals_of_round(session: Session, round_id: int) -> list[AppealRow]:
    """Every appeal of the round, those undecided first."""
    rows = session.exec(
        select(Appeal, Entry)
        .join(Entry, col(Entry.id) == col(Appeal.entry_id))
        .where(Entry.round_id == round_id)
        .order_by(col(Appeal.decided_at).is_not(None), col(Appeal.id).desc())
    )
    return [AppealRow(*row) for row in rows]


def health_of(session: Session, round_id: int) -> Health:
    """How many submissions of the round there are, and how many of them need something."""
    submissions, teams, is_open, troubled = session.exec(
        select(
            func.count(),
            func.count(func.distinct(Submission.team_id)).filter(col(Entry.is_baseline).is_(False)),
            func.count().filter(col(Submission.state).in_(OPEN_STATES)),
            func.count().filter(col(Submission.state).in_(TROUBLED_STATES)),
        )
        .join(Entry, col(Entry.id) == col(Submission.entry_id))
        .where(Submission.round_id == round_id)
    ).one()
    return Health(submissions=submissions, teams=teams, open=is_open, troubled=troubled)


def unfinished_of(session: Session, round_id: int, *, limit: int) -> list[TroubledRow]:
    """Submissions that went wrong, then those that wait or run, oldest first."""
    rows = session.exec(
        select(Submission, Team)
        .join(Team, col(Team.id) == col(Submission.team_id))
        .where(Submission.round_id == round_id, col(Submission.state).in_((*TROUBLED_STATES, *OPEN_STATES)))
        .order_by(col(Submission.state).in_(OPEN_STATES), col(Submission.id))
        .limit(limit)
    )
    return [TroubledRow(*row) for row in rows]


def events_of_round(session: Session, round_id: int, *, limit: int, after: int = 0) -> Sequence[Event]:
    """What happened in the round and in the teams that take part in it, in order, from the event after `after` on."""
    return session.exec(
        select(Event).where(_belongs_to(round_id), col(Event.id) > after).order_by(col(Event.id)).limit(limit)
    ).all()


def latest_events(session: Session, round_id: int, *, limit: int) -> Sequence[Event]:
    """What happened last, newest first."""
    return session.exec(select(Event).where(_belongs_to(round_id)).order_by(col(Event.id).desc()).limit(limit)).all()


def _belongs_to(round_id: int) -> ColumnElement[bool]:
    """An event of a team belongs to every round that the team takes part in, also one from before it did."""
    is_of_team = and_(
        col(Event.round_id).is_(None),
        Event.object_type == "team",
        col(Event.action).in_(TEAM_ACTIONS),
        takes_part(col(Event.object_id), (round_id,)),
    )
    return or_(Event.round_id == round_id, is_of_team)
