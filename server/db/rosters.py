"""Queries about rosters: who is expected in a round, in which teams they are, and what those have scored."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import delete
from sqlmodel import Session, col, func, select

from server.db.people_tables import RosterRow
from server.db.tables import CHARGED_STATES, Membership, Person, Submission, Team


class RosteredTeam(NamedTuple):
    """A team that has sent something to the round, and somebody expected who is in it."""

    email: str
    team_id: int
    team: str
    submissions: int
    last_at: datetime
    is_verified: bool  # whether that person reads the mail of the address


def roster_of(session: Session, round_id: int) -> Sequence[RosterRow]:
    """Who is expected, in the list's order."""
    return session.exec(select(RosterRow).where(RosterRow.round_id == round_id).order_by(col(RosterRow.id))).all()


def is_on_roster(session: Session, *, round_id: int, email: str) -> bool:
    """Whether somebody with this (lower-case) address is expected."""
    found = select(RosterRow.id).where(RosterRow.round_id == round_id, RosterRow.email == email)
    return session.exec(found).first() is not None


def replace_roster(session: Session, round_id: int, rows: Iterable[RosterRow]) -> None:
    """Have these be expected, and nobody else."""
    session.exec(delete(RosterRow).where(col(RosterRow.round_id) == round_id))
    session.add_all(rows)


def rostered_teams(session: Session, round_id: int) -> list[RosteredTeam]:
    """The teams of those expected that have sent something which takes a place in the quota."""
    found = session.exec(
        select(RosterRow.email, Team.id, Team.name, func.count(col(Submission.id)), func.max(Submission.accepted_at),  # type: ignore[call-overload]  # SQLModel types four columns at most
               col(Person.email_verified_at).is_not(None))
        .join(Person, col(Person.email) == col(RosterRow.email))
        .join(Membership, col(Membership.person_id) == col(Person.id))
        .join(Team, col(Team.id) == col(Membership.team_id))
        .join(Submission, col(Submission.team_id) == col(Team.id))
        .where(
            RosterRow.round_id == round_id, Submission.round_id == round_id,
            col(Submission.state).in_(CHARGED_STATES),
        )
        .group_by(col(RosterRow.email), col(Team.id), col(Team.name), col(Person.email_verified_at))
    )  # fmt: skip
    return [RosteredTeam(*row) for row in found]
