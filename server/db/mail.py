"""Queries about mail: what is due, and how a try ended."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, delete, select, update

from server.db.people_tables import Mail


def due_mail(session: Session, *, now: datetime, limit: int) -> Sequence[Mail]:
    """Mail that is to be tried now, the longest waiting first."""
    return session.exec(
        select(Mail)
        .where(col(Mail.sent_at).is_(None), col(Mail.given_up_at).is_(None), col(Mail.next_try_at) <= now)
        .order_by(col(Mail.next_try_at), col(Mail.id))
        .limit(limit)
    ).all()


def claim_mail(session: Session, mail: Mail, *, next_try_at: datetime) -> bool:
    """Take one try of a mail; False where somebody else took it. Who dies meanwhile loses only that try."""
    done = session.exec(
        update(Mail)
        .where(col(Mail.id) == mail.id, col(Mail.attempts) == mail.attempts, col(Mail.sent_at).is_(None))
        .values(attempts=mail.attempts + 1, next_try_at=next_try_at)
    )
    return done.rowcount == 1


def latest_mail(session: Session, *, limit: int) -> Sequence[Mail]:
    """The last mails, newest first."""
    return session.exec(select(Mail).order_by(col(Mail.id).desc()).limit(limit)).all()


def delete_mail_of(session: Session, person_id: int) -> None:
    """Forget every mail to a person, sent or not."""
    session.exec(delete(Mail).where(col(Mail.person_id) == person_id))
