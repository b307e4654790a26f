"""Queries about links sent by mail. Only hashes of their secrets are ever looked for."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, delete, select, update

from server.db.people_tables import MailLink
from server.db.tables import Person


def valid_link(session: Session, secret_hash: str, *, purpose: str, now: datetime) -> tuple[MailLink, Person] | None:
    """The unused link with this hash, and whose it is; its row is locked until a writing transaction ends."""
    return session.exec(
        select(MailLink, Person)
        .join(Person, col(Person.id) == col(MailLink.person_id))
        .where(
            MailLink.secret_hash == secret_hash,
            MailLink.purpose == purpose,
            col(MailLink.used_at).is_(None),
            col(MailLink.expires_at) > now,
        )
        .with_for_update(of=MailLink)
    ).one_or_none()


def end_links(session: Session, person_id: int, *, purpose: str, now: datetime) -> None:
    """Make every link of this purpose useless: one has done what they were for."""
    session.exec(
        update(MailLink)
        .where(col(MailLink.person_id) == person_id, col(MailLink.purpose) == purpose, col(MailLink.used_at).is_(None))
        .values(used_at=now)
    )


def delete_links_of(session: Session, person_id: int) -> None:
    """Forget every link of a person."""
    session.exec(delete(MailLink).where(col(MailLink.person_id) == person_id))
