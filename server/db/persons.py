"""Queries about people."""

from __future__ import annotations

from sqlmodel import Session, select

from server.db.tables import Person


def person_of_email(session: Session, email: str) -> Person | None:
    """The person with this (lower-case) e-mail address."""
    return session.exec(select(Person).where(Person.email == email)).one_or_none()
