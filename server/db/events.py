"""Events: what happened, appended in the transaction that did it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from server.db.tables import Event


def append_event(
    session: Session,
    *,
    at: datetime,
    actor: str,
    action: str,
    object_type: str,
    object_id: int,
    round_id: int | None = None,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Add one event.

    Args:
        session: the writing transaction that the event belongs to.
        at: when it happened.
        actor: "person:12", "worker:..." or "system".
        action: noun and verb: "submission.accepted".
        object_type: the noun of what it happened to: "submission".
        object_id: its id.
        round_id: the round whose board may change by it.
        detail: facts for the organizers; nothing of the ground truth.
    """
    session.add(
        Event(
            at=at,
            actor=actor,
            action=action,
            object_type=object_type,
            object_id=object_id,
            round_id=round_id,
            detail=dict(detail or {}),
        )
    )


def events_of(session: Session, *, object_type: str, object_id: int) -> list[Event]:
    """What happened to one object, in order."""
    return list(
        session.exec(
            select(Event).where(Event.object_type == object_type, Event.object_id == object_id).order_by(col(Event.id))
        )
    )


def events_by(session: Session, *, actor: str) -> list[Event]:
    """What somebody did, in order."""
    return list(session.exec(select(Event).where(Event.actor == actor).order_by(col(Event.id))))
