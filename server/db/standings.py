"""What boards are computed from: scored submissions with their entries and teams."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, func, select

from server.db.tables import Entry, Event, Score, State, Submission, Team

# More events of a round than transactions may append side by side.
_COMMITTED_AT_ONCE = 64


@dataclass(frozen=True, kw_only=True, slots=True)
class ScoredRow:
    """One scored submission, as a board needs it."""

    submission_id: int
    entry_id: int
    submitted_at: datetime
    is_final: bool
    split: str
    scores: Mapping[str, float | None]
    intervals: Mapping[str, Any]  # by metric, by level


@dataclass(frozen=True, kw_only=True, slots=True)
class EntryRow:
    """One entry with its team, as a board needs it."""

    id: int
    team_id: int
    team: str
    method: str
    track: str
    is_anonymous: bool
    is_competing: bool
    is_baseline: bool
    disqualified_at: datetime | None
    disqualified_for: str
    paper_url: str
    code_url: str
    scored_at: tuple[datetime, ...]  # when those of its submissions were accepted that were ever scored


def scored_rows(session: Session, *, truth_id: int, splits: Collection[str]) -> list[ScoredRow]:
    """Every submission scored with this truth on these splits, by the newest scorer that scored it.

    Neither those of withdrawn entries nor withdrawn ones. Figures per class stay behind.
    """
    newest = (
        select(func.max(col(Score.id)))
        .where(Score.truth_id == truth_id, col(Score.split).in_(splits))
        .group_by(col(Score.submission_id), col(Score.split))
    )
    found = session.exec(
        select(Submission.id, Submission.entry_id, Submission.accepted_at, Submission.is_final,  # type: ignore[call-overload]  # SQLModel types four columns at most
               Score.split, Score.scores, Score.intervals)
        .join(Score, col(Score.submission_id) == col(Submission.id))
        .join(Entry, col(Entry.id) == col(Submission.entry_id))
        .where(
            col(Score.id).in_(newest), Submission.state == State.SCORED,
            col(Submission.withdrawn_at).is_(None), col(Entry.withdrawn_at).is_(None),
        )
    )  # fmt: skip
    return [
        ScoredRow(
            submission_id=number, entry_id=entry_id, submitted_at=moment, is_final=is_final,
            split=split, scores=scores, intervals=intervals,
        )
        for number, entry_id, moment, is_final, split, scores, intervals in found
    ]  # fmt: skip


def class_rows(session: Session, *, truth_id: int, split: str) -> dict[int, list[dict[str, Any]]]:
    """The figures per class of every scored submission, by its id: for a board that ranks by categories won."""
    newest = (
        select(func.max(col(Score.id)))
        .where(Score.truth_id == truth_id, Score.split == split)
        .group_by(col(Score.submission_id))
    )
    found = session.exec(select(Score.submission_id, Score.per_class).where(col(Score.id).in_(newest)))
    return {number: list(classes) for number, classes in found}


def outcome_keys(session: Session, *, truth_id: int, split: str) -> dict[int, str]:
    """The blobs of the outcomes behind the scores of a split, by submission id, as far as they were kept."""
    newest = (
        select(func.max(col(Score.id)))
        .where(Score.truth_id == truth_id, Score.split == split)
        .group_by(col(Score.submission_id))
    )
    found = session.exec(select(Score.submission_id, Score.outcomes_key).where(col(Score.id).in_(newest)))
    return {number: key for number, key in found if key is not None}


def entry_rows(session: Session, *, round_id: int) -> list[EntryRow]:
    """The round's entries that have a scored submission and are not withdrawn."""
    accepted: defaultdict[int, list[datetime]] = defaultdict(list)
    for entry_id, moment in session.exec(
        select(Submission.entry_id, Submission.accepted_at).where(
            Submission.round_id == round_id, Submission.state == State.SCORED
        )
    ):
        accepted[entry_id].append(moment)
    found = session.exec(
        select(Entry.id, Entry.team_id, Team.name, Entry.method, Entry.track,  # type: ignore[call-overload]  # SQLModel types four columns at most
               Entry.is_anonymous, Entry.is_competing, Entry.is_baseline,
               Entry.disqualified_at, Entry.disqualified_for, Entry.paper_url, Entry.code_url)
        .join(Team, col(Team.id) == col(Entry.team_id))
        .where(Entry.round_id == round_id, col(Entry.withdrawn_at).is_(None))
        .order_by(col(Entry.id))
    )  # fmt: skip
    return [
        EntryRow(
            id=number, team_id=team_id, team=team, method=method, track=track,
            is_anonymous=is_anonymous, is_competing=is_competing, is_baseline=is_baseline,
            disqualified_at=disqualified_at, disqualified_for=disqualified_for,
            paper_url=paper_url, code_url=code_url, scored_at=tuple(accepted[number]),
        )
        for (
            number, team_id, team, method, track, is_anonymous, is_competing, is_baseline,
            disqualified_at, disqualified_for, paper_url, code_url,
        ) in found
        if number in accepted
    ]  # fmt: skip


def events_mark(session: Session, *, round_id: int) -> int:
    """A number that grows with everything that happens in the round; 0 before the first.

    It is the sum of the last events' numbers, because PostgreSQL may commit the smaller of two later: the largest
    alone would not tell of that one.
    """
    last = (
        select(Event.id)
        .where(Event.round_id == round_id)
        .order_by(col(Event.id).desc())
        .limit(_COMMITTED_AT_ONCE)
        .subquery()
    )
    return int(session.exec(select(func.sum(last.c.id))).one() or 0)
