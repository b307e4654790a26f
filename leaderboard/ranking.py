"""Ranks, from exact values: ties share one (1, 1, 3), and a missing value never comes first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from leaderboard.rules import Standing, value_of

if TYPE_CHECKING:
    from scoring.tasks import Metric


def ranks(ordered: Sequence[Standing], metric: Metric) -> tuple[int | None, ...]:
    """The rank of each standing within its track, given best first; None for one out of competition.

    Values are compared as they are, never as they are printed: two methods that read alike can still differ.
    """
    found: list[int | None] = []
    last: dict[str, tuple[int, int, float | None]] = {}  # of each track: how many so far, the last rank and value
    for standing in ordered:
        if not standing.entry.is_ranked:
            found.append(None)
            continue
        value = value_of(standing.submission, metric)
        count, rank, previous = last.get(standing.entry.track, (0, 0, None))
        rank = rank if count and value == previous else count + 1
        last[standing.entry.track] = count + 1, rank, value
        found.append(rank)
    return tuple(found)
