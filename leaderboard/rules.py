"""Which submission stands for an entry, and which entries get a row."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from leaderboard.entries import Entry, ScoredSubmission
from leaderboard.policy import Rows

if TYPE_CHECKING:
    from scoring.tasks import Metric

# Sorts from best to worst: missing values last, ties by the earlier date, then by the earlier number.
OrderKey = tuple[bool, float, float, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """An entry, and the submission that stands for it."""

    entry: Entry
    submission: ScoredSubmission


def value_of(submission: ScoredSubmission, metric: Metric) -> float | None:
    """The exact value of `metric`, or None where it is missing, undefined or not a number."""
    value = submission.scores.get(metric.name)
    return None if value is None or value != value else value  # noqa: PLR0124  (only NaN differs from itself)


def order_key(submission: ScoredSubmission, metric: Metric) -> OrderKey:
    """Smaller is better, whatever the metric's direction."""
    value = value_of(submission, metric)
    moment = submission.submitted_at.timestamp()
    if value is None:
        return True, 0.0, moment, submission.id
    return False, value if metric.is_lower_better else -value, moment, submission.id


def standings(entries: Iterable[Entry], *, rows: Rows, metric: Metric) -> tuple[Standing, ...]:
    """One standing per entry or per team, best first.

    An entry stands by its best submission, a team by its best entry; an entry without a scored
    submission has no standing.
    """
    candidates = [
        Standing(entry=entry, submission=min(entry.submissions, key=lambda sent: order_key(sent, metric)))
        for entry in entries
        if entry.submissions
    ]
    candidates.sort(key=lambda standing: order_key(standing.submission, metric))
    if rows == "entry":
        return tuple(candidates)
    best_of_team: dict[int, Standing] = {}
    for standing in candidates:
        best_of_team.setdefault(standing.entry.team_id, standing)
    return tuple(best_of_team.values())
