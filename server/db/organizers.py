"""Queries about who organizes which round."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from server.db.organizing_tables import RoundOrganizer
from server.db.tables import Person

# Asked with every request of somebody: to put the statement together takes longer than to have it answered.
_ORGANIZED = select(RoundOrganizer.round_id).where(col(RoundOrganizer.person_id) == bindparam("person_id"))


def rounds_of_organizer(session: Session, person_id: int) -> frozenset[int]:
    """The ids of the rounds that a person organizes."""
    return frozenset(session.exec(_ORGANIZED, params={"person_id": person_id}))


def organizers_of_round(session: Session, round_id: int) -> Sequence[Person]:
    """Who organizes a round, in the order they came."""
    return session.exec(
        select(Person)
        .join(RoundOrganizer, col(RoundOrganizer.person_id) == col(Person.id))
        .where(RoundOrganizer.round_id == round_id)
        .order_by(col(RoundOrganizer.added_at), col(Person.id))
    ).all()


def add_round_organizer(session: Session, *, round_id: int, person_id: int, now: datetime) -> bool:
    """Make a person an organizer of a round; False where they were one already."""
    if session.get(RoundOrganizer, (round_id, person_id)) is not None:
        return False
    session.add(RoundOrganizer(round_id=round_id, person_id=person_id, added_at=now))
    return True


def remove_round_organizer(session: Session, *, round_id: int, person_id: int) -> bool:
    """Take a round out of a person's hands; False where it was not in them."""
    known = session.get(RoundOrganizer, (round_id, person_id))
    if known is None:
        return False
    session.delete(known)
    return True
