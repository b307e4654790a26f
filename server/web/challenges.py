"""The rounds of one challenge beside each other: which is open, and until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from scoring.tasks import find_task
from server.auth.viewer import Viewer
from server.services.rounds import RoundFacts, RoundState, list_rounds
from server.web.moments import Moment, optional_moment

_DATES: dict[RoundState, str] = {"before": "opens", "open": "closes", "paused": "paused", "closed": "closed"}


@dataclass(frozen=True, kw_only=True, slots=True)
class ChallengeLine:
    """One of the rounds."""

    slug: str
    title: str
    task: str
    state: str
    is_shown: bool  # whether it is the round whose page this is
    date: str  # what comes, or came, at that moment
    at: Moment | None  # None: no deadline


def challenge_lines(session: Session, facts: RoundFacts, viewer: Viewer, now: datetime) -> tuple[ChallengeLine, ...]:
    """The rounds of a round's challenge that the viewer may know of; none where it is the only one."""
    if facts.challenge_slug is None:
        return ()
    found = list_rounds(session, viewer, challenge_slug=facts.challenge_slug)
    if not any(one.id != facts.id for one in found):
        return ()
    return tuple(_line(one, is_shown=one.id == facts.id, now=now) for one in sorted(found, key=lambda one: one.title))


def _line(facts: RoundFacts, *, is_shown: bool, now: datetime) -> ChallengeLine:
    state, policy = facts.state(now), facts.policy
    at = policy.opens if state == "before" else policy.closes
    return ChallengeLine(
        slug=facts.slug,
        title=facts.title,
        task=find_task(facts.task).title,
        state="not open yet" if state == "before" else state,
        is_shown=is_shown,
        date=_DATES[state],
        at=optional_moment(at, now, time_zone=policy.time_zone),
    )
