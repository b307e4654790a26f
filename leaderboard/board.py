"""The board: computed from entries and a policy, for a viewer and a moment. Nothing of it is ever stored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from leaderboard.entries import Entry
from leaderboard.policy import RoundPolicy, Rows
from leaderboard.ranking import ranks
from leaderboard.rules import standings
from leaderboard.visibility import Viewer, Visibility, visible

if TYPE_CHECKING:
    from scoring.tasks import Metric, Task


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One line of the board."""

    rank: int
    is_tied: bool  # shares its rank with another row
    team_id: int
    team: str
    method: str
    submission: int  # the id of the submission that stands for the entry
    scores: Mapping[str, float | None]
    submissions_spent: int  # by the whole team in this round
    submitted_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Board:
    """A round's ranking as one viewer may see it at one moment."""

    round_slug: str
    task_slug: str
    metric: Metric  # the one that decides
    metrics: tuple[Metric, ...]  # every metric of the task, in its order
    truth_digest: str | None  # which ground truth the scores come from; None before there is one
    row_per: Rows
    visibility: Visibility
    rows: tuple[Row, ...]


def build_board(
    entries: Sequence[Entry],
    policy: RoundPolicy,
    *,
    round_slug: str,
    task: Task,
    truth_digest: str | None,
    viewer: Viewer,
    now: datetime,
) -> Board:
    """Rank `entries` by the policy's metric, as far as `viewer` may see them at `now`."""
    seen = visible(policy, viewer, now)
    metric = task.metric(policy.best_by)
    return Board(
        round_slug=round_slug,
        task_slug=task.slug,
        metric=metric,
        metrics=_measured(task, entries, metric),
        truth_digest=truth_digest,
        row_per=policy.rows,
        visibility=seen,
        rows=_rows(entries, rows=policy.rows, metric=metric) if seen.scores else (),
    )


def _measured(task: Task, entries: Sequence[Entry], main: Metric) -> tuple[Metric, ...]:
    """The task's metrics, with those that only some rounds measure where this one does."""
    scored = {name for entry in entries for submission in entry.submissions for name in submission.scores}
    return task.metrics + tuple(m for m in task.hierarchy_metrics if m.name in scored or m == main)


def _rows(entries: Sequence[Entry], *, rows: Rows, metric: Metric) -> tuple[Row, ...]:
    ordered = standings(entries, rows=rows, metric=metric)
    places = ranks(ordered, metric)
    holders = Counter(places)
    spent: Counter[int] = Counter()
    for entry in entries:
        spent[entry.team_id] += entry.submissions_spent
    return tuple(
        Row(
            rank=rank,
            is_tied=holders[rank] > 1,
            team_id=standing.entry.team_id,
            team=standing.entry.team,
            method=standing.entry.method,
            submission=standing.submission.id,
            scores=standing.submission.scores,
            submissions_spent=spent[standing.entry.team_id],
            submitted_at=standing.submission.submitted_at,
        )
        for rank, standing in zip(places, ordered, strict=True)
    )
