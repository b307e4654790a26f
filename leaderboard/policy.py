"""Which phase of its life a round is in, and whether what it held back is shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from scoring.policies import Policy, Rows

__all__ = ["Phase", "Policy", "Rows", "RuledRound", "is_revealed", "phase"]

Phase = Literal["before", "open", "closed"]


@dataclass(frozen=True, kw_only=True, slots=True)
class RuledRound:
    """A round as the rules of visibility know it."""

    id: int
    policy: Policy


def phase(policy: Policy, now: datetime) -> Phase:
    """Where `now` falls: a round is open from the moment it opens until just before the moment it closes."""
    if policy.closes is not None and now >= policy.closes:
        return "closed"
    if policy.opens is not None and now < policy.opens:
        return "before"
    return "open"


def is_revealed(policy: Policy, now: datetime) -> bool:
    """Whether private scores, names and figures per class are shown: from the reveal, or else from the close on."""
    moment = policy.reveals or policy.closes
    return moment is not None and now >= moment
