"""Queries about log-ins of browsers."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam
from sqlmodel import Session, col, delete, select

from server.db.tables import Person, WebSession

# Asked with every request of a browser: to put the statement together takes longer than to have it answered.
_UNEXPIRED = (
    select(Person, WebSession)
    .join(WebSession, col(WebSession.person_id) == col(Person.id))
    .where(col(WebSession.secret_hash) == bindparam("secret_hash"), col(WebSession.expires_at) > bindparam("now"))
)


def person_of_session(session: Session, *, secret_hash: str, now: datetime) -> tuple[Person, WebSession] | None:
    """The unexpired log-in of this hash, and whose it is."""
    return session.exec(_UNEXPIRED, params={"secret_hash": secret_hash, "now": now}).one_or_none()


def delete_session(session: Session, secret_hash: str) -> None:
    """Forget one log-in."""
    session.exec(delete(WebSession).where(col(WebSession.secret_hash) == secret_hash))


def delete_expired_sessions(session: Session, now: datetime) -> None:
    """Forget the log-ins that no longer count."""
    session.exec(delete(WebSession).where(col(WebSession.expires_at) <= now))


def delete_sessions_of(session: Session, person_id: int) -> None:
    """Forget every log-in of a person."""
    session.exec(delete(WebSession).where(col(WebSession.person_id) == person_id))
