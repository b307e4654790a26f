"""Mail: queued in the transaction that causes it, sent afterwards by server/mail_sender.py."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from server.db.engine import Database
from server.db.mail import latest_mail
from server.db.people_tables import Mail
from server.db.tables import Person, stored_id
from server.people_errors import UnsafeMail
from server.services.mail_kinds import MailKind

# Stands for this server's address in the text of a mail: services know no address, the sender does.
SERVER = "{server}"

# As many as a page can show and a person will look through.
SHOWN_MAILS = 50


@dataclass(frozen=True, kw_only=True, slots=True)
class MailFacts:
    """A mail as it was, or will be, sent."""

    id: int
    address: str
    subject: str
    body: str
    created_at: datetime
    sent_at: datetime | None
    given_up_at: datetime | None
    attempts: int


def queue_mail(
    session: Session, person: Person, *, kind: MailKind, subject: str, body: str, now: datetime
) -> Mail | None:
    """Have a mail sent to a person once the transaction is committed; None where they do not want this kind.

    Args:
        session: the writing transaction of what the mail tells about.
        person: who gets it.
        kind: why.
        subject: one line; texts of others may stand in it.
        body: plain text; SERVER stands for this server's address.
        now: from when on it may be sent.

    Raises:
        UnsafeMail: a line break stands in the subject or the address: it would make a header of its own.
    """
    if kind in person.unwanted_mail:
        return None
    if any(not text.isprintable() for text in (subject, person.email)):
        raise UnsafeMail
    footer = f"\n\n-- \nChoose which mails you get: {SERVER}/me#mail\n" if kind.is_optional else "\n"
    mail = Mail(
        person_id=stored_id(person.id),
        address=person.email,
        kind=kind,
        subject=subject,
        body=body.rstrip() + footer,
        created_at=now,
        next_try_at=now,
    )
    session.add(mail)
    return mail


def addressed(body: str, *, server: str) -> str:
    """The text of a mail with the server's address in it."""
    return body.replace(SERVER, server)


def latest_mails(database: Database, *, server: str) -> list[MailFacts]:
    """The last mails, newest first, as they would arrive: for a trial server that sends none."""
    with database.read() as session:
        return [
            MailFacts(
                id=stored_id(mail.id),
                address=mail.address,
                subject=mail.subject,
                body=addressed(mail.body, server=server),
                created_at=mail.created_at,
                sent_at=mail.sent_at,
                given_up_at=mail.given_up_at,
                attempts=mail.attempts,
            )
            for mail in latest_mail(session, limit=SHOWN_MAILS)
        ]
