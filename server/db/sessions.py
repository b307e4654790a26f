"""Queries about log-ins of browsers."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, delete, select

from server.db.tables import Person, WebSession


def person_of_session(session: Session, *, secret_hash: str, now: datetime) -> Person | None:
    """The person whose unexpired log-in has this hash."""
    return session.exec(
        select(Person)
        .join(WebSession, col(WebSession.person_id) == col(Person.id))
        .where(WebSession.secret_hash == secret_hash, col(WebSession.expires_at) > now)
    ).one_or_none()


def delete_session(session: Session, secret_hash: str) -> None:
    """Forget one log-in."""
    session.exec(delete(WebSession).where(col(WebSession.secret_hash) == secret_hash))


def delete_expired_sessions(session: Session, now: datetime) -> None:
    """Forget the log-ins that no longer count."""
    session.exec(delete(WebSession).where(col(WebSession.expires_at) <= now))
