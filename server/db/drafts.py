"""Queries about rounds that are not open yet."""

from __future__ import annotations

from sqlalchemy import delete, update
from sqlmodel import Session, col

from server.db.organizing_tables import Announcement, RoundOrganizer
from server.db.people_tables import RosterRow
from server.db.tables import Event, Round, stored_id
from server.db.truths import forget_versions


def delete_draft(session: Session, row: Round) -> None:
    """Forget a draft. What was done to it stays in the log with no round beside it, the one change that events take."""
    round_id = stored_id(row.id)
    session.exec(update(Event).where(col(Event.round_id) == round_id).values(round_id=None))
    session.exec(delete(Announcement).where(col(Announcement.round_id) == round_id))
    session.exec(delete(RosterRow).where(col(RosterRow.round_id) == round_id))
    session.exec(delete(RoundOrganizer).where(col(RoundOrganizer.round_id) == round_id))
    forget_versions(session, round_id)
    session.delete(row)
