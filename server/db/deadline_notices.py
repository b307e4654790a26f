"""Queries about who was told of the close of a round."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, select

from server.db.organizing_tables import DeadlineNotice


def people_told(session: Session, *, round_id: int, closes: datetime) -> frozenset[int]:
    """The ids of those who were told of this close."""
    return frozenset(
        session.exec(
            select(DeadlineNotice.person_id).where(DeadlineNotice.round_id == round_id, DeadlineNotice.closes == closes)
        )
    )
