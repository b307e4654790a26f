"""Queries about teams and who is in them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from server.db.tables import Membership, Person, Team


def team_of_name_key(session: Session, name_key: str) -> Team | None:
    """The team whose name looks like this key."""
    return session.exec(select(Team).where(Team.name_key == name_key)).one_or_none()


def first_team_of_person(session: Session, person_id: int) -> Team | None:
    """The team a person joined first: the one they act for in a browser."""
    return session.exec(
        select(Team)
        .join(Membership, col(Membership.team_id) == col(Team.id))
        .where(Membership.person_id == person_id)
        .order_by(col(Membership.joined_at), col(Team.id))
        .limit(1)
    ).first()


def members_of_team(session: Session, team_id: int) -> Sequence[Person]:
    """The people of a team, in the order they joined."""
    return session.exec(
        select(Person)
        .join(Membership, col(Membership.person_id) == col(Person.id))
        .where(Membership.team_id == team_id)
        .order_by(col(Membership.joined_at), col(Person.id))
    ).all()


def joining_times(session: Session, team_id: int) -> Sequence[tuple[str, datetime]]:
    """When the people of a team joined it, by name."""
    return session.exec(
        select(Person.name, Membership.joined_at)
        .join(Membership, col(Membership.person_id) == col(Person.id))
        .where(Membership.team_id == team_id)
        .order_by(col(Membership.joined_at), col(Person.id))
    ).all()


def teams_of_person(session: Session, person_id: int) -> Sequence[Team]:
    """The teams a person is in, in the order they joined."""
    return session.exec(
        select(Team)
        .join(Membership, col(Membership.team_id) == col(Team.id))
        .where(Membership.person_id == person_id)
        .order_by(col(Membership.joined_at), col(Team.id))
    ).all()


def lock_members(session: Session, team_id: int) -> Sequence[Person]:
    """The people of a team, locked until the transaction ends: which teams they are in stays true.

    In the order of their ids, so that two transactions never wait for each other.
    """
    return session.exec(
        select(Person)
        .join(Membership, col(Membership.person_id) == col(Person.id))
        .where(Membership.team_id == team_id)
        .order_by(col(Person.id))
        .with_for_update(of=Person)
    ).all()


def lock_person(session: Session, person_id: int) -> Person | None:
    """One person's row, locked until the transaction ends."""
    return session.exec(select(Person).where(Person.id == person_id).with_for_update()).first()


def memberships_elsewhere(session: Session, person_ids: Collection[int], *, team_id: int) -> Sequence[tuple[int, int]]:
    """Pairs of a person and another team than `team_id` that they are in."""
    return session.exec(
        select(Membership.person_id, Membership.team_id).where(
            col(Membership.person_id).in_(person_ids), Membership.team_id != team_id
        )
    ).all()
