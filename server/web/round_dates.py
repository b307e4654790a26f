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
    return (
        *_told(facts, now, (facts.policy.opens, "Opens", "Opened")),
        *freeze_dates(facts, now),
        close_date(facts, now),
        *_told(facts, now, (reveal_date(facts, now), "Reveals", "Revealed")),
        *_without_date(facts, now),
    )


def close_date(facts: RoundFacts, now: datetime) -> RoundDate:
    """When it closes or has closed; or since when it is paused."""
    come = "Paused" if facts.state(now) == "paused" else "Closed"
    told = _told(facts, now, (facts.policy.closes, "Closes", come))
    return next(told, RoundDate(label="Closes", at=None, words="no deadline"))


def freeze_dates(facts: RoundFacts, now: datetime) -> tuple[RoundDate, ...]:
    """From when on its teams and its board stand still, the earlier first."""
    policy = facts.policy
    told = _told(
        facts,
        now,
        (policy.teams_freeze, "Teams freeze", "Teams frozen since"),
        (policy.freezes, "Board freezes", "Board frozen since"),
    )
    return tuple(sorted(told, key=lambda date: date.at.iso if date.at else ""))


def _told(facts: RoundFacts, now: datetime, *dates: tuple[datetime | None, str, str]) -> Iterator[RoundDate]:
    for at, coming, come in dates:
        if at is not None:
            label = come if at <= now and not facts.is_draft else coming
            yield RoundDate(label=label, at=moment(at, now, time_zone=facts.policy.time_zone))


def _without_date(facts: RoundFacts, now: datetime) -> Iterator[RoundDate]:
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
