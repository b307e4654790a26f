"""Which submission stands for an entry, and which entries get a row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from leaderboard.entries import Entry, ScoredSubmission
from leaderboard.policy import Rows
from scoring.policies import Represents

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
    return _value(submission.scores, metric)


def _value(scores: Mapping[str, float | None], metric: Metric) -> float | None:
    value = scores.get(metric.name)
    return None if value is None or value != value else value  # noqa: PLR0124  (only NaN differs from itself)


def order_key(submission: ScoredSubmission, metric: Metric) -> OrderKey:
    """Smaller is better, whatever the metric's direction."""
    return _order_key(submission, metric, value_of(submission, metric))


def _order_key(submission: ScoredSubmission, metric: Metric, value: float | None) -> OrderKey:
    moment = submission.submitted_at.timestamp()
    if value is None:
        return True, 0.0, moment, submission.id
    return False, value if metric.is_lower_better else -value, moment, submission.id


def representative(entry: Entry, *, represents: Represents, metric: Metric) -> ScoredSubmission:
    """The submission that stands for an entry that has some.

    The best is told by the scores its team saw; among submissions that the team has chosen the best one counts,
    whatever it saw; who has chosen none is represented by its best.
    """
    finals = [sent for sent in entry.submissions if sent.is_final] if represents == "finals" else []
    if finals:
        return min(finals, key=lambda sent: order_key(sent, metric))
    if represents == "latest":
        return max(entry.submissions, key=lambda sent: (sent.submitted_at, sent.id))
    return min(entry.submissions, key=lambda sent: _order_key(sent, metric, _value(sent.chosen_by, metric)))


def within_choice(entries: Iterable[Entry], *, finals: int) -> list[Entry]:
    """The entries with no more choices of a team in a track than it may have: those that were sent first.

    No team can choose more; should a policy ever have let some, they gain nothing by it.
    """
    found = list(entries)
    chosen: dict[tuple[int, str], list[ScoredSubmission]] = {}
    for entry in found:
        chosen.setdefault((entry.team_id, entry.track), []).extend(sent for sent in entry.submissions if sent.is_final)
    surplus = {
        sent.id
        for group in chosen.values()
        for sent in sorted(group, key=lambda sent: (sent.submitted_at, sent.id))[finals:]
    }
    if not surplus:
        return found
    return [
        replace(
            entry,
            submissions=tuple(
                replace(sent, is_final=False) if sent.id in surplus else sent for sent in entry.submissions
            ),
        )
        for entry in found
    ]


def standings(
    entries: Iterable[Entry],
    *,
    rows: Rows,
    metric: Metric,
    represents: Represents = "best",
    are_names_hidden: bool = False,
) -> tuple[Standing, ...]:
    """One standing per entry or per team, best first.

    An entry stands by the submission that represents it, a team by its best entry of each track (those out of
    competition beside): the best of those that hold its choices, else the best by the scores it saw. An entry without
    a scored submission has no standing. While `are_names_hidden`, those of a team's entries that are anonymous have a
    standing beside the others: one that took their place would tell whose it is.
    """
    candidates = [
        Standing(entry=entry, submission=representative(entry, represents=represents, metric=metric))
        for entry in entries
        if entry.submissions
    ]
    candidates.sort(key=lambda standing: order_key(standing.submission, metric))
    if rows == "entry":
        return tuple(candidates)
    of_row: dict[tuple[int, str, bool, int, bool], list[Standing]] = {}
    for standing in candidates:
        entry = standing.entry
        # out of competition, each entry stands for itself
        own = 0 if entry.is_ranked else entry.id
        key = entry.team_id, entry.track, entry.is_ranked, own, are_names_hidden and entry.is_anonymous
        of_row.setdefault(key, []).append(standing)
    chosen = [_for_team(found, represents=represents, metric=metric) for found in of_row.values()]
    return tuple(sorted(chosen, key=lambda standing: order_key(standing.submission, metric)))


def _for_team(found: Sequence[Standing], *, represents: Represents, metric: Metric) -> Standing:
    """Which of its entries, the best first, stands for a team: as `representative` tells it of submissions."""
    if represents == "finals":
        chosen = next((standing for standing in found if standing.submission.is_final), None)
        if chosen is not None:
            return chosen
    return min(found, key=lambda one: _order_key(one.submission, metric, _value(one.submission.chosen_by, metric)))
