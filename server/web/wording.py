"""Sentences that several pages share: rules of the quota and of the rows, in words."""

from __future__ import annotations

from datetime import datetime

from leaderboard.policy import Phase
from server.services.quotas import QuotaState
from server.services.rounds import RoundFacts
from server.web.moments import distance, moment

_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")


def ordinal(place: int) -> str:
    """A place in a queue: third, 12th."""
    if place <= len(_ORDINALS):
        return _ORDINALS[place - 1]
    suffix = "th" if 10 <= place % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(place % 10, "th")
    return f"{place}{suffix}"


def counted(number: int, noun: str) -> str:
    """A number with its noun: 1 line, 20 lines, 2 entries."""
    if number == 1:
        return f"1 {noun}"
    return f"{number:,} {noun[:-1]}ies" if noun.endswith("y") else f"{number:,} {noun}s"


def rows_rule(facts: RoundFacts) -> str:
    """What a row of the board stands for."""
    if facts.rows == "entry":
        return "One row per method: its best submission."
    return "One row per team: its best submission."


def quota_rule(facts: RoundFacts) -> str:
    """How much a team may send."""
    day, total = facts.submissions_per_day, facts.submissions_total
    if day is None and total is None:
        return "A team may send any number of submissions."
    limits = [f"{counted(day, 'submission')} a UTC day"] if day is not None else []
    if total is not None:
        limits.append(f"{total:,} in all" if limits else f"{counted(total, 'submission')} in all")
    return f"A team may send {' and '.join(limits)}."


def quota_left(quota: QuotaState, now: datetime) -> str:
    """What is left of it now, and when there is more."""
    if quota.remaining is None:
        return "No limit on submissions."
    text = f"{counted(quota.remaining, 'submission')} left now."
    return f"{text} More {distance(quota.resets_at, now)}." if quota.resets_at else text


def round_state(facts: RoundFacts, phase: Phase, now: datetime) -> str:
    """Whether the ranking can still change, and until when."""
    if phase == "before":
        return f"The round opens {distance(facts.opens_at, now)}." if facts.opens_at else ""
    if facts.closes_at is None:
        return "The round is open, without a deadline."
    when = moment(facts.closes_at, now)
    return f"The round {'closes' if phase == 'open' else 'closed'} {when.distance}, on {when.text}."


def empty_board(phase: Phase) -> str:
    """What will stand on a board without rows, and what to do now."""
    return {
        "before": "The board starts when the round opens. Get your first file ready with heldout validate.",
        "open": "Teams will stand here, best first, as soon as a submission is scored. Yours can be the first.",
        "closed": "No submission was scored in this round.",
    }[phase]
