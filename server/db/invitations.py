"""Queries about invitations. Only hashes of their secrets are ever looked for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement
from sqlmodel import Session, and_, col, func, select, update

from server.db.people_tables import Invitation
from server.db.tables import Person, Team


def valid_invitation(session: Session, secret_hash: str, *, now: datetime) -> tuple[Invitation, Team, Person] | None:
    """The invitation with this hash that still counts, its team and who made it."""
    return session.exec(
        select(Invitation, Team, Person)
        .join(Team, col(Team.id) == col(Invitation.team_id))
        .join(Person, col(Person.id) == col(Invitation.person_id))
        .where(Invitation.secret_hash == secret_hash, _counts(now))
    ).one_or_none()


def invitations_of_team(session: Session, team_id: int, *, now: datetime) -> Sequence[tuple[Invitation, Person]]:
    """The invitations of a team that still count, newest first, with who made them."""
    return session.exec(
        select(Invitation, Person)
        .join(Person, col(Person.id) == col(Invitation.person_id))
        .where(Invitation.team_id == team_id, _counts(now))
        .order_by(col(Invitation.id).desc())
    ).all()


def invitations_by_person(session: Session, person_id: int, *, now: datetime) -> Sequence[tuple[Team, int]]:
    """The teams into which a person has made links that still count, and how many."""
    return session.exec(
        select(Team, func.count())
        .join(Invitation, col(Invitation.team_id) == col(Team.id))
        .where(Invitation.person_id == person_id, _counts(now))
        .group_by(col(Team.id))
        .order_by(col(Team.id))
    ).all()


def revoke_invitations_of(session: Session, *, person_id: int, now: datetime, team_id: int | None = None) -> None:
    """End every invitation a person has made, of one team or of all."""
    query = update(Invitation).where(col(Invitation.person_id) == person_id, col(Invitation.revoked_at).is_(None))
    if team_id is not None:
        query = query.where(col(Invitation.team_id) == team_id)
    session.exec(query.values(revoked_at=now))


def _counts(now: datetime) -> ColumnElement[bool]:
    return and_(col(Invitation.revoked_at).is_(None), col(Invitation.expires_at) > now)
