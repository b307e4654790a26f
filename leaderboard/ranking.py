"""Ranks, from exact values: ties share one (1, 1, 3), and a missing value never comes first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from leaderboard.rules import Standing, value_of

if TYPE_CHECKING:
    from scoring.tasks import Metric


def ranks(ordered: Sequence[Standing], metric: Metric) -> tuple[int, ...]:
    """The rank of each standing, given best first.

    Values are compared as they are, never as they are printed: two methods that read alike can still differ.
    """
    found: list[int] = []
    previous: float | None = None
    for place, standing in enumerate(ordered, start=1):
        value = value_of(standing.submission, metric)
        found.append(found[-1] if found and value == previous else place)
        previous = value
    return tuple(found)
