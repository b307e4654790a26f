"""People: signing up, logging in, sessions of browsers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from server.auth.cookies import SESSION_LIFETIME
from server.auth.passwords import hash_password, is_right_password, password_fault
from server.auth.permissions import COMMAND, actor_of
from server.auth.tokens import hash_secret, new_session_secret
from server.auth.viewer import Viewer
from server.db.engine import Database
from server.db.events import append_event
from server.db.persons import person_of_email
from server.db.sessions import delete_expired_sessions, delete_session, person_of_session
from server.db.tables import Membership, Person, Team, WebSession, stored_id
from server.db.teams import first_team_of_person, team_of_name_key
from server.errors import (
    EmailTaken,
    InvalidEmail,
    TeamNameTaken,
    WeakPassword,
    WrongLogin,
)
from server.names import clean_name, name_key
from server.services.departed_addresses import take_over
from server.services.tokens import acting_person
from server.services.verification import mail_to_verify_where_needed
from server.services.viewers import viewer_of

# The longest address mail can carry (RFC 5321).
MAX_EMAIL_CHARACTERS = 254

_EMAIL = re.compile(r"[^@\s\x00-\x1f\x7f<>\"(),:;\\]+@[^@\s\x00-\x1f\x7f<>\"(),:;\\]+")


@dataclass(frozen=True, kw_only=True, slots=True)
class SignedUp:
    """A new person with a new team."""

    person_id: int
    person_name: str
    email: str
    team_id: int
    team_name: str
    affiliation: str

    @property
    def viewer(self) -> Viewer:
        return Viewer(
            person_id=self.person_id,
            person_name=self.person_name,
            team_id=self.team_id,
            team_name=self.team_name,
        )


def sign_up(
    database: Database,
    *,
    name: str,
    email: str,
    password: str,
    team: str,
    affiliation: str = "",
    now: datetime,
) -> SignedUp:
    """Make a person and their team, both or neither.

    Raises:
        InvalidName, InvalidEmail, WeakPassword: a field cannot be used.
        EmailTaken, TeamNameTaken: somebody was first.
    """
    person = new_person(name=name, email=email, password=password, now=now)
    return found_team(database, person, team=team, affiliation=affiliation, now=now)


def found_team(database: Database, person: Person, *, team: str, affiliation: str = "", now: datetime) -> SignedUp:
    """Store a new person with the team they found, both or neither.

    Raises:
        InvalidName: the team's name or affiliation cannot be used.
        EmailTaken, TeamNameTaken: somebody was first.
    """
    founded = new_team(team, affiliation, now=now)
    try:
        with database.write() as session:
            _refuse_taken(session, person, founded)
            session.add(person)
            session.add(founded)
            session.flush()
            take_over(session, person)
            person_id, team_id = stored_id(person.id), stored_id(founded.id)
            session.add(Membership(person_id=person_id, team_id=team_id, joined_at=now))
            append_event(
                session,
                at=now,
                actor=f"person:{person_id}",
                action="team.signed-up",
                object_type="team",
                object_id=team_id,
            )
            mail_to_verify_where_needed(session, person, now=now)
    except IntegrityError:  # somebody else committed the same name between the look and the insert
        with database.read() as session:
            _refuse_taken(session, person, founded)
        raise
    return SignedUp(
        person_id=person_id,
        person_name=person.name,
        email=person.email,
        team_id=team_id,
        team_name=founded.name,
        affiliation=founded.affiliation,
    )


def new_team(name: str, affiliation: str, *, now: datetime) -> Team:
    """A team that is not stored yet, every field checked.

    Raises:
        InvalidName: the name or the affiliation cannot be used.
    """
    clean = clean_name(name, field="team name")
    return Team(
        name=clean,
        name_key=name_key(clean),
        affiliation=clean_name(affiliation, field="affiliation") if affiliation.strip() else "",
        created_at=now,
    )


def add_organizer(
    database: Database, *, name: str, email: str, password: str, is_admin: bool = False, now: datetime
) -> int:
    """Make a person who may make rounds, or as an admin do everything, and belongs to no team; the account's id.

    Raises:
        InvalidName, InvalidEmail, WeakPassword, EmailTaken: as for `sign_up`.
    """
    person = new_person(name=name, email=email, password=password, now=now)
    person.is_organizer, person.is_admin = True, is_admin
    person.email_verified_at = now  # whoever may run this command vouches for it
    with database.write() as session:
        if person_of_email(session, person.email) is not None:
            raise EmailTaken(details={"field": "email"})
        session.add(person)
        session.flush()
        take_over(session, person)
        person_id = stored_id(person.id)
        append_event(
            session, at=now, actor=actor_of(COMMAND), action="account.organizer-made", object_type="person",
            object_id=person_id, detail={"is_admin": is_admin},
        )  # fmt: skip
        return person_id


def new_person(*, name: str, email: str, password: str, now: datetime) -> Person:
    """A person who is not stored yet, every field checked."""
    clean, address = clean_name(name, field="name"), clean_email(email)
    fault = password_fault(password)
    if fault is not None:
        raise WeakPassword(f"The password {fault}.", details={"field": "password"})
    return Person(email=address, name=clean, password_hash=hash_password(password), created_at=now)


def clean_email(email: str) -> str:
    """The address as it is kept and looked up: trimmed, in lower case."""
    address = email.strip().lower()
    if len(address) > MAX_EMAIL_CHARACTERS or not address.isprintable() or not _EMAIL.fullmatch(address):
        raise InvalidEmail(details={"field": "email"})
    return address


def log_in(database: Database, *, email: str, password: str) -> Viewer:
    """The person with this address and password.

    Raises:
        WrongLogin: no such pair; whether the account exists shows neither in the message nor in the time.
    """
    with database.read() as session:
        person = person_of_email(session, email.strip().lower()[: MAX_EMAIL_CHARACTERS + 1])
    if not is_right_password(password, None if person is None else person.password_hash) or person is None:
        raise WrongLogin
    with database.read() as session:
        return _viewer_of_person(session, person)


def start_session(database: Database, viewer: Viewer, *, now: datetime) -> str:
    """The secret of a new browser session of a person who has just logged in."""
    secret = new_session_secret()
    with database.write() as session:
        delete_expired_sessions(session, now)
        session.add(
            WebSession(
                secret_hash=hash_secret(secret),
                person_id=acting_person(viewer),
                created_at=now,
                expires_at=now + SESSION_LIFETIME,
            )
        )
    return secret


def end_session(database: Database, secret: str) -> None:
    """Forget a browser session; one that is not there is no fault."""
    with database.write() as session:
        delete_session(session, hash_secret(secret))


def viewer_of_session(database: Database, secret: str, *, now: datetime) -> Viewer | None:
    """Who a session cookie stands for, if anybody."""
    with database.read() as session:
        found = person_of_session(session, secret_hash=hash_secret(secret), now=now)
        if found is None:
            return None
        person, log_in_ = found
        if log_in_.team_id is not None:  # chosen; it counts while they are in that team
            membership = session.get(Membership, (stored_id(person.id), log_in_.team_id))
            if membership is not None:
                return viewer_of(session, person, session.get(Team, log_in_.team_id))
        return _viewer_of_person(session, person)


def _refuse_taken(session: Session, person: Person, team: Team) -> None:
    if person_of_email(session, person.email) is not None:
        raise EmailTaken(details={"field": "email"})
    if team_of_name_key(session, team.name_key) is not None:
        raise TeamNameTaken(details={"field": "team"})


def _viewer_of_person(session: Session, person: Person) -> Viewer:
    return viewer_of(session, person, first_team_of_person(session, stored_id(person.id)))
