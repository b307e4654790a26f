"""What boards are computed from: scored submissions with their entries and teams. Per-class figures stay behind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlmodel import Session, col, func, select

from server.db.scores import SPLIT_ALL
from server.db.tables import Entry, Event, Score, State, Submission, Team


@dataclass(frozen=True, kw_only=True, slots=True)
class ScoredRow:
    """One scored submission, as a board needs it."""

    submission_id: int
    entry_id: int
    submitted_at: datetime
    scores: Mapping[str, float | None]


@dataclass(frozen=True, kw_only=True, slots=True)
class EntryRow:
    """One entry with its team, and how many of its submissions were ever scored."""

    id: int
    team_id: int
    team: str
    method: str
    scored_count: int


def scored_rows(session: Session, *, truth_id: int) -> list[ScoredRow]:
    """Every submission scored with this truth on the whole split, by the newest scorer that scored it."""
    newest = (
        select(func.max(col(Score.id)))
        .where(Score.truth_id == truth_id, Score.split == SPLIT_ALL)
        .group_by(col(Score.submission_id))
    )
    found = session.exec(
        select(Submission.id, Submission.entry_id, Submission.accepted_at, Score.scores)
        .join(Score, col(Score.submission_id) == col(Submission.id))
        .where(col(Score.id).in_(newest), Submission.state == State.SCORED)
    )
    return [
        ScoredRow(submission_id=cast(int, number), entry_id=entry_id, submitted_at=moment, scores=scores)
        for number, entry_id, moment, scores in found
    ]


def entry_rows(session: Session, *, round_id: int) -> list[EntryRow]:
    """The round's entries that have a scored submission."""
    found = session.exec(
        select(Entry, Team.name, func.count(col(Submission.id)))
        .join(Team, col(Team.id) == col(Entry.team_id))
        .join(Submission, col(Submission.entry_id) == col(Entry.id))
        .where(Entry.round_id == round_id, Submission.state == State.SCORED)
        .group_by(col(Entry.id), col(Team.name))
        .order_by(col(Entry.id))
    )
    return [
        EntryRow(id=cast(int, entry.id), team_id=entry.team_id, team=team, method=entry.method, scored_count=count)
        for entry, team, count in found
    ]


def last_event_id(session: Session, *, round_id: int) -> int:
    """The number of the last thing that happened in the round; 0 before the first."""
    return session.exec(select(func.max(col(Event.id))).where(Event.round_id == round_id)).one() or 0
