"""Queries about who has accepted which version of a round's rules."""

from __future__ import annotations

from typing import NamedTuple

from sqlmodel import Session, col, select

from server.db.people_tables import RulesAcceptance
from server.db.tables import Person, Round


class AcceptanceRow(NamedTuple):
    """One acceptance, with whoever gave it."""

    acceptance: RulesAcceptance
    person: Person


def has_accepted(session: Session, *, round_id: int, person_id: int, digest: str) -> bool:
    """Whether the person has accepted this version."""
    found = select(RulesAcceptance.id).where(
        RulesAcceptance.round_id == round_id, RulesAcceptance.person_id == person_id, RulesAcceptance.digest == digest
    )
    return session.exec(found).first() is not None


def acceptances_of_round(session: Session, round_id: int) -> list[AcceptanceRow]:
    """Every acceptance, in the order they were given."""
    rows = session.exec(
        select(RulesAcceptance, Person)
        .join(Person, col(Person.id) == col(RulesAcceptance.person_id))
        .where(RulesAcceptance.round_id == round_id)
        .order_by(col(RulesAcceptance.id))
    )
    return [AcceptanceRow(*row) for row in rows]


def acceptances_by(session: Session, person_id: int) -> list[tuple[RulesAcceptance, str]]:
    """What the person has accepted, with the short name of each round."""
    rows = session.exec(
        select(RulesAcceptance, Round.slug)
        .join(Round, col(Round.id) == col(RulesAcceptance.round_id))
        .where(RulesAcceptance.person_id == person_id)
        .order_by(col(RulesAcceptance.id))
    )
    return [(row[0], row[1]) for row in rows]
