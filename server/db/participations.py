"""Queries about teams in rounds: who asked, who was let in, who has sent something."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlmodel import Session, col, select, union

from server.db.people_tables import Participation
from server.db.tables import Entry, Membership, Person, Team

ASKED, ADMITTED, REFUSED = "asked", "admitted", "refused"


class ParticipationRow(NamedTuple):
    """A team's wish to take part, with the team."""

    participation: Participation
    team: Team


def participation_of(session: Session, *, round_id: int, team_id: int) -> Participation | None:
    """Whether the team has asked to take part, and what became of it."""
    return session.exec(
        select(Participation).where(Participation.round_id == round_id, Participation.team_id == team_id)
    ).first()


def participations_of_round(session: Session, round_id: int) -> list[ParticipationRow]:
    """Every team that has asked, those undecided first, then in order of asking."""
    rows = session.exec(
        select(Participation, Team)
        .join(Team, col(Team.id) == col(Participation.team_id))
        .where(Participation.round_id == round_id)
        .order_by(col(Participation.state) != ASKED, col(Participation.asked_at), col(Participation.id))
    )
    return [ParticipationRow(*row) for row in rows]


def rounds_of_team(session: Session, team_id: int) -> frozenset[int]:
    """The ids of the rounds that the team was let into, or has sent something to."""
    admitted = select(Participation.round_id).where(Participation.team_id == team_id, Participation.state == ADMITTED)
    sent = select(Entry.round_id).where(Entry.team_id == team_id)
    return frozenset(session.scalars(union(admitted, sent)))


def members_of_round(session: Session, round_id: int) -> Sequence[Person]:
    """Everybody in a team that was let into the round, or has sent something to it; each once."""
    admitted = select(Participation.team_id).where(Participation.round_id == round_id, Participation.state == ADMITTED)
    sent = select(Entry.team_id).where(Entry.round_id == round_id)
    members = select(Membership.person_id).where(col(Membership.team_id).in_(union(admitted, sent)))
    return session.exec(select(Person).where(col(Person.id).in_(members)).order_by(col(Person.id))).all()


def has_entries(session: Session, *, round_id: int, team_id: int | None = None) -> bool:
    """Whether anything was sent to the round, by that team or by any."""
    query = select(Entry.id).where(Entry.round_id == round_id).limit(1)
    if team_id is not None:
        query = query.where(Entry.team_id == team_id)
    return session.exec(query).first() is not None
