"""The dates of a round, as everybody may plan by them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from leaderboard.policy import Policy
from server.services.rounds import RoundFacts
from server.web.moments import Moment, moment


@dataclass(frozen=True, kw_only=True, slots=True)
class RoundDate:
    """One of them."""

    label: str
    at: Moment | None
    words: str = ""  # in place of a date


def round_dates(facts: RoundFacts, now: datetime) -> tuple[RoundDate, ...]:
    """Those that a round has, in the order of its life; its close always, its reveal if that shows more."""
    policy = facts.policy
    found = tuple(
        RoundDate(label=come if at <= now else coming, at=moment(at, now, time_zone=policy.time_zone))
        for at, coming, come in (
            (policy.opens, "Opens", "Opened"),
            (policy.teams_freeze, "Teams freeze", "Teams frozen since"),
            (policy.freezes, "Board freezes", "Board frozen since"),
            (policy.closes, "Closes", "Paused" if facts.state(now) == "paused" else "Closed"),
            (reveal_date(facts, now), "Reveals", "Revealed"),
        )
        if at is not None
    )
    return (*found, *_without_date(facts, now))


def _without_date(facts: RoundFacts, now: datetime) -> Iterator[RoundDate]:
    if facts.policy.closes is None:
        yield RoundDate(label="Closes", at=None, words="no deadline")
    if reveal_date(facts, now) is None and holds_back(facts.policy):
        yield RoundDate(label="Reveals", at=None, words="no date yet")


def reveal_date(facts: RoundFacts, now: datetime) -> datetime | None:
    """When there is more to see; None where all is seen before, or nobody knows yet."""
    policy = facts.policy
    return facts.reveals_at(now) if policy.reveals is not None or holds_back(policy) else None


def holds_back(policy: Policy) -> bool:
    """Whether the board shows more from the reveal on."""
    is_partly_shown = policy.freezes is not None or policy.public_share is not None or policy.is_blind
    return is_partly_shown or policy.is_anonymous or policy.ranking == "categories"
