"""A new password by mail, for who has forgotten the old one."""

from __future__ import annotations

from datetime import datetime

from server.auth.passwords import hash_password, password_fault
from server.db.engine import Database
from server.db.events import append_event
from server.db.invitations import revoke_invitations_of
from server.db.persons import person_of_email
from server.db.sessions import delete_sessions_of
from server.db.tables import stored_id
from server.errors import WeakPassword
from server.services.accounts import MAX_EMAIL_CHARACTERS
from server.services.mail import SERVER, queue_mail
from server.services.mail_kinds import MailKind
from server.services.mail_links import Purpose, new_link, person_of_link, use_link
from server.services.tokens import end_tokens_of

# The id of nobody, in the event that somebody asked for an address which has no account.
NOBODY = 0

_BODY = """Somebody, probably you, asked to set a new password for {email}.
Follow this link within an hour; it works once:

{link}

A new password ends every log-in and every API token of the account, and the
invitations it has made.
If it was not you, do nothing: your password stays as it is.
"""


def ask_for_reset(database: Database, *, email: str, now: datetime) -> None:
    """Mail a link to the person with this address; where there is none, nothing happens but the same writing."""
    address = email.strip().lower()[: MAX_EMAIL_CHARACTERS + 1]
    with database.write() as session:
        person = person_of_email(session, address)
        if person is not None:
            path = new_link(session, person, Purpose.RESET, now=now)
            queue_mail(
                session,
                person,
                kind=MailKind.RESET,
                subject="A new password for Heldout",
                body=_BODY.format(email=person.email, link=SERVER + path),
                now=now,
            )
        append_event(
            session,
            at=now,
            actor="system",
            action="password.reset-asked",
            object_type="person",
            object_id=NOBODY if person is None else stored_id(person.id),
        )


def check_reset_link(database: Database, secret: str, *, now: datetime) -> None:
    """Whether a link can still set a password.

    Raises:
        MailLinkNotFound: it cannot.
    """
    with database.read() as session:
        person_of_link(session, secret, Purpose.RESET, now=now)


def reset_password(database: Database, *, secret: str, password: str, now: datetime) -> None:
    """Set a new password by a link; every log-in, API token and invitation ends: somebody else may have them.

    Whoever holds the link reads the address's mail, so the address is verified too.

    Raises:
        WeakPassword: the link can be used once more, with a better one.
        MailLinkNotFound: it does not work.
    """
    fault = password_fault(password)
    if fault is not None:
        raise WeakPassword(f"The password {fault}.", details={"field": "password"})
    check_reset_link(database, secret, now=now)  # hashing is dear; not for links that are none
    password_hash = hash_password(password)
    with database.write() as session:
        person = use_link(session, secret, Purpose.RESET, now=now)
        person_id = stored_id(person.id)
        person.password_hash = password_hash
        person.email_verified_at = person.email_verified_at or now
        session.add(person)
        delete_sessions_of(session, person_id)
        end_tokens_of(session, person_id, now=now)
        revoke_invitations_of(session, person_id=person_id, now=now)
        append_event(
            session,
            at=now,
            actor=f"person:{person_id}",
            action="password.reset",
            object_type="person",
            object_id=person_id,
        )
