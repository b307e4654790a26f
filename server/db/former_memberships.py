"""Queries about the teams that people have left."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from server.db.people_tables import FormerMembership
from server.db.tables import Membership, Team


def record_leaving(session: Session, *, person_id: int, team_id: int, now: datetime) -> None:
    """Remember that the person was in the team until now."""
    session.merge(FormerMembership(person_id=person_id, team_id=team_id, left_at=now))


def teams_left_by_members(session: Session, team_id: int) -> Sequence[tuple[int, datetime]]:
    """The teams that people of this team were in before, and until when."""
    return session.exec(
        select(FormerMembership.team_id, FormerMembership.left_at)
        .join(Membership, col(Membership.person_id) == col(FormerMembership.person_id))
        .where(Membership.team_id == team_id, FormerMembership.team_id != team_id)
    ).all()


def teams_left_by(session: Session, person_id: int) -> Sequence[tuple[Team, datetime]]:
    """The teams that the person has left, and when."""
    return session.exec(
        select(Team, FormerMembership.left_at)
        .join(FormerMembership, col(FormerMembership.team_id) == col(Team.id))
        .where(FormerMembership.person_id == person_id)
        .order_by(col(FormerMembership.left_at), col(Team.id))
    ).all()
