"""Queries about what is kept of a person or of a team, whatever the round; each row with its round's short name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlmodel import Session, col, select

from server.db.organizing_tables import Announcement, Appeal, ImageReport, Question
from server.db.people_tables import Mail, Participation, RosterRow
from server.db.tables import Entry, Round, WebSession


def entries_of_team(session: Session, team_id: int) -> list[tuple[Entry, str]]:
    """Its methods, in order of their making."""
    return _with_round(session, Entry, team_id=team_id)


def questions_of_team(session: Session, team_id: int) -> list[tuple[Question, str]]:
    """What its members have asked."""
    return _with_round(session, Question, team_id=team_id)


def reports_of_team(session: Session, team_id: int) -> list[tuple[ImageReport, str]]:
    """What its members have said of images."""
    return _with_round(session, ImageReport, team_id=team_id)


def participations_of_team(session: Session, team_id: int) -> list[tuple[Participation, str]]:
    """The rounds that it has asked to take part in, or was let into."""
    return _with_round(session, Participation, team_id=team_id)


def announcements_by(session: Session, person_id: int) -> list[tuple[Announcement, str]]:
    """What a person has announced."""
    return _with_round(session, Announcement, person_id=person_id)


def rosters_naming(session: Session, email: str) -> list[tuple[RosterRow, str]]:
    """Where the person behind a (lower-case) address is expected."""
    return _with_round(session, RosterRow, email=email)


def appeals_of_team(session: Session, team_id: int) -> list[tuple[Appeal, str]]:
    """What its members have said against disqualifications."""
    rows = session.exec(
        select(Appeal, Round.slug)
        .join(Entry, col(Entry.id) == col(Appeal.entry_id))
        .join(Round, col(Round.id) == col(Entry.round_id))
        .where(Entry.team_id == team_id)
        .order_by(col(Appeal.id))
    )
    return [(row[0], row[1]) for row in rows]


def mail_to(session: Session, person_id: int) -> Sequence[Mail]:
    """Every mail to a person, sent or not."""
    return session.exec(select(Mail).where(Mail.person_id == person_id).order_by(col(Mail.id))).all()


def sessions_of(session: Session, person_id: int) -> Sequence[WebSession]:
    """The browsers a person is logged in with."""
    return session.exec(select(WebSession).where(WebSession.person_id == person_id).order_by(col(WebSession.id))).all()


def _with_round(session: Session, table: Any, **wanted: int | str) -> list[tuple[Any, str]]:
    """Rows of a table that names rounds, those with these values, in order."""
    rows = session.exec(
        select(table, Round.slug).join(Round, Round.id == table.round_id).filter_by(**wanted).order_by(table.id)
    )
    return [(row[0], row[1]) for row in rows]
