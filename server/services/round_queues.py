"""What a round's organizers watch while it runs: how it is doing, what waits and what went wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from server.auth.permissions import Action
from server.auth.viewer import Viewer
from server.db.organizing import Health, TroubledRow, health_of, unfinished_of
from server.services.organizing import organized_round

MAX_UNFINISHED = 50


@dataclass(frozen=True, kw_only=True, slots=True)
class RoundQueue:
    """Of one round."""

    health: Health
    unfinished: Sequence[TroubledRow]  # what went wrong first; at most MAX_UNFINISHED


def queue_of(session: Session, viewer: Viewer, *, slug: str, now: datetime) -> RoundQueue:
    """All there is to look at.

    Raises:
        NotLoggedIn, RoundNotFound: it is not theirs.
    """
    round_id = organized_round(session, viewer, slug, action=Action.ORGANIZE_ROUND, now=now).round_id
    return RoundQueue(
        health=health_of(session, round_id), unfinished=unfinished_of(session, round_id, limit=MAX_UNFINISHED)
    )
