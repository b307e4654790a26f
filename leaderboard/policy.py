"""What a round declares about its board, and which phase of its life it is in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Rows = Literal["team", "entry"]
Phase = Literal["before", "open", "closed"]


@dataclass(frozen=True, kw_only=True, slots=True)
class RoundPolicy:
    """The part of a round's policy that a board depends on."""

    opens: datetime | None  # aware; None: open from the beginning
    closes: datetime | None  # aware; None: open for good
    rows: Rows  # one row per team (its best entry), or one per entry
    best_by: str  # name of the metric that decides


def phase(policy: RoundPolicy, now: datetime) -> Phase:
    """Where `now` falls: a round is open from the moment it opens until just before the moment it closes."""
    if policy.closes is not None and now >= policy.closes:
        return "closed"
    if policy.opens is not None and now < policy.opens:
        return "before"
    return "open"
