"""What a person decides about their own account: which mail they get, and its end."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, delete, update

from server.auth.passwords import hash_password
from server.auth.permissions import Action, actor_of, authorize, own_account
from server.auth.tokens import new_session_secret
from server.auth.viewer import Viewer
from server.db.engine import Database
from server.db.events import append_event
from server.db.former_memberships import record_leaving
from server.db.invitations import revoke_invitations_of
from server.db.mail import delete_mail_of
from server.db.mail_links import delete_links_of
from server.db.organizers import organizers_of_round, rounds_of_organizer
from server.db.organizing_tables import RoundOrganizer
from server.db.sessions import delete_sessions_of
from server.db.tables import Membership, Person, Round, Token, stored_id
from server.db.teams import lock_person, teams_of_person
from server.errors import NotLoggedIn
from server.people_errors import LastOrganizer
from server.services.departed_addresses import remember_address
from server.services.mail_kinds import OPTIONAL_KINDS
from server.services.tokens import acting_person, end_tokens_of

DELETED_NAME = "Deleted account"


@dataclass(frozen=True, kw_only=True, slots=True)
class AccountFacts:
    """An account as its owner sees it."""

    name: str
    email: str
    email_verified_at: datetime | None
    unwanted_mail: tuple[str, ...]  # kinds
    created_at: datetime


def account_facts(database: Database, viewer: Viewer) -> AccountFacts:
    """The viewer's own account.

    Raises:
        NotLoggedIn: there is none.
    """
    with database.read() as session:
        person = session.get(Person, acting_person(viewer))
    if person is None:
        raise NotLoggedIn
    return AccountFacts(
        name=person.name,
        email=person.email,
        email_verified_at=person.email_verified_at,
        unwanted_mail=tuple(person.unwanted_mail),
        created_at=person.created_at,
    )


def choose_mail(database: Database, viewer: Viewer, *, wanted: Collection[str], now: datetime) -> None:
    """Have only these of the optional kinds of mail sent to the viewer from now on."""
    authorize(viewer, Action.CHOOSE_MAIL, own_account(viewer))
    with database.write() as session:
        person = _locked(session, viewer)
        person.unwanted_mail = [kind.value for kind in OPTIONAL_KINDS if kind not in wanted]
        session.add(person)
        _tell(session, viewer, "account.mail-chosen", now=now)


def delete_account(database: Database, viewer: Viewer, *, now: datetime) -> None:
    """Make the person nobody: name, address and every way in end, while what their teams have sent stays.

    It counts for who signs up with the same address before the teams' rounds are closed.

    The caller has asked for the password again.

    Raises:
        LastOrganizer: a round would have nobody to run it.
    """
    authorize(viewer, Action.DELETE_ACCOUNT, own_account(viewer))
    nobody = new_session_secret()  # an address that nobody can have taken, a password that nobody knows
    password_hash = hash_password(nobody)
    with database.write() as session:
        person = _locked(session, viewer)
        person_id = acting_person(viewer)
        _refuse_last_organizer(session, person_id)
        _end_every_way_in(session, person_id, now=now)
        for team in teams_of_person(session, person_id):
            append_event(
                session, at=now, actor=actor_of(viewer), action="team.left", object_type="team",
                object_id=stored_id(team.id),
            )  # fmt: skip
            record_leaving(session, person_id=person_id, team_id=stored_id(team.id), now=now)
        session.flush()
        remember_address(session, person, now=now)
        session.exec(delete(Membership).where(col(Membership.person_id) == person_id))
        session.exec(delete(RoundOrganizer).where(col(RoundOrganizer.person_id) == person_id))
        delete_mail_of(session, person_id)
        person.name, person.email, person.password_hash = DELETED_NAME, f"{nobody}@deleted.invalid", password_hash
        person.is_organizer, person.is_admin, person.email_verified_at = False, False, None
        person.unwanted_mail = [kind.value for kind in OPTIONAL_KINDS]
        session.add(person)
        _tell(session, viewer, "account.deleted", now=now)


def _end_every_way_in(session: Session, person_id: int, *, now: datetime) -> None:
    delete_sessions_of(session, person_id)
    delete_links_of(session, person_id)
    revoke_invitations_of(session, person_id=person_id, now=now)
    end_tokens_of(session, person_id, now=now)
    session.exec(update(Token).where(col(Token.person_id) == person_id).values(label="deleted"))


def _refuse_last_organizer(session: Session, person_id: int) -> None:
    for round_id in sorted(rounds_of_organizer(session, person_id)):
        if len(organizers_of_round(session, round_id)) == 1:
            title = session.get_one(Round, round_id).title
            raise LastOrganizer(f"You are the only organizer of {title}, so your account cannot be deleted.")


def _locked(session: Session, viewer: Viewer) -> Person:
    person = lock_person(session, acting_person(viewer))
    if person is None:
        raise NotLoggedIn
    return person


def _tell(session: Session, viewer: Viewer, action: str, *, now: datetime) -> None:
    person_id = acting_person(viewer)
    append_event(session, at=now, actor=f"person:{person_id}", action=action, object_type="person", object_id=person_id)
