"""Links sent by mail: each stands for one person and one purpose, and works once."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from sqlmodel import Session

from server.auth.tokens import hash_secret, new_session_secret
from server.db.mail_links import end_links, valid_link
from server.db.people_tables import MailLink
from server.db.tables import Person, stored_id
from server.people_errors import MailLinkNotFound


class Purpose(StrEnum):
    """What a link is for."""

    VERIFY = "verify"
    RESET = "reset"


# A password can be set for as long as it takes to read one's mail; an address can be verified after a holiday.
LIFETIMES = {Purpose.VERIFY: timedelta(days=14), Purpose.RESET: timedelta(hours=1)}


def new_link(session: Session, person: Person, purpose: Purpose, *, now: datetime) -> str:
    """The path of a new link: the only moment its secret is known."""
    secret = new_session_secret()
    session.add(
        MailLink(
            person_id=stored_id(person.id),
            purpose=purpose,
            secret_hash=hash_secret(secret),
            created_at=now,
            expires_at=now + LIFETIMES[purpose],
        )
    )
    return f"/{purpose}/{secret}"


def person_of_link(session: Session, secret: str, purpose: Purpose, *, now: datetime) -> Person:
    """Whose link it is; it stays unused.

    Raises:
        MailLinkNotFound: it does not work, or not any more.
    """
    found = valid_link(session, hash_secret(secret), purpose=purpose, now=now)
    if found is None:
        raise MailLinkNotFound
    return found[1]


def use_link(session: Session, secret: str, purpose: Purpose, *, now: datetime) -> Person:
    """Whose link it is; it does not work again, nor do others for the same purpose.

    Raises:
        MailLinkNotFound: it does not work, or not any more.
    """
    person = person_of_link(session, secret, purpose, now=now)
    end_links(session, stored_id(person.id), purpose=purpose, now=now)
    return person
