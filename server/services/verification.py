"""Whether somebody reads the mail of the address they gave, for rounds that ask for it."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from leaderboard.policy import phase
from scoring.policies import Policy
from server.auth.permissions import Action, authorize, own_account
from server.auth.viewer import Viewer
from server.db.engine import Database
from server.db.events import append_event
from server.db.rosters import is_on_roster
from server.db.rounds import all_rounds
from server.db.tables import Person, stored_id
from server.people_errors import EmailNotVerified
from server.services.account_settings import account_facts
from server.services.mail import SERVER, queue_mail
from server.services.mail_kinds import MailKind
from server.services.mail_links import LIFETIMES, Purpose, new_link, person_of_link, use_link
from server.services.rounds import policy_of
from server.services.tokens import acting_person

_BODY = """An account was made with {email}. If it is yours, follow this link within {days} days to verify the address:

{link}

If it is not yours, do nothing.
"""


def mail_to_verify(session: Session, person: Person, *, now: datetime) -> None:
    """Mail a person the link by which they verify their address."""
    path = new_link(session, person, Purpose.VERIFY, now=now)
    body = _BODY.format(email=person.email, days=LIFETIMES[Purpose.VERIFY].days, link=SERVER + path)
    queue_mail(session, person, kind=MailKind.VERIFY, subject="Verify your address for Heldout", body=body, now=now)
    _tell(session, "email.verification-asked", person, now=now)


def mail_to_verify_where_needed(session: Session, person: Person, *, now: datetime) -> None:
    """The same at sign-up, where a round that is or will be open takes verified addresses only, or expects this one."""
    for row in all_rounds(session):
        policy = policy_of(row.round)
        is_expected = is_on_roster(session, round_id=stored_id(row.round.id), email=person.email)
        if phase(policy, now) != "closed" and (policy.needs_email or is_expected):
            mail_to_verify(session, person, now=now)
            return


def address_to_verify(database: Database, viewer: Viewer) -> str:
    """Where the link would be mailed.

    Raises:
        NotLoggedIn, TokenTooNarrow: it is not theirs to ask for.
    """
    authorize(viewer, Action.VERIFY_EMAIL, own_account(viewer))
    return account_facts(database, viewer).email


def ask_again(database: Database, viewer: Viewer, *, now: datetime) -> None:
    """Mail the viewer the link once more, unless their address is verified."""
    authorize(viewer, Action.VERIFY_EMAIL, own_account(viewer))
    with database.write() as session:
        person = session.get_one(Person, acting_person(viewer))
        if person.email_verified_at is None:
            mail_to_verify(session, person, now=now)


def check_verify_link(database: Database, secret: str, *, now: datetime) -> str:
    """The address that a link can still verify.

    Raises:
        MailLinkNotFound: none.
    """
    with database.read() as session:
        return person_of_link(session, secret, Purpose.VERIFY, now=now).email


def verify(database: Database, secret: str, *, now: datetime) -> None:
    """Note that whoever got the link reads the address's mail.

    Raises:
        MailLinkNotFound: it does not work.
    """
    with database.write() as session:
        person = use_link(session, secret, Purpose.VERIFY, now=now)
        person.email_verified_at = person.email_verified_at or now
        session.add(person)
        _tell(session, "email.verified", person, now=now)


def require_verified(session: Session, policy: Policy, *, person_id: int | None) -> None:
    """Refuse a submission by somebody whose address is not verified, where the round asks for it.

    Raises:
        EmailNotVerified: it does, and it is not.
    """
    if must_verify(session, policy, person_id=person_id):
        raise EmailNotVerified


def must_verify(session: Session, policy: Policy, *, person_id: int | None) -> bool:
    """Whether the person has yet to verify their address before they submit to the round."""
    if not policy.needs_email or person_id is None:
        return False
    person = session.get(Person, person_id)
    return person is None or person.email_verified_at is None


def _tell(session: Session, action: str, person: Person, *, now: datetime) -> None:
    person_id = stored_id(person.id)
    append_event(session, at=now, actor=f"person:{person_id}", action=action, object_type="person", object_id=person_id)
