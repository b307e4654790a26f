"""API tokens: made, used, revoked. The secret is known at one moment only."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from server.auth.permissions import Action, Object, authorize, own_account
from server.auth.tokens import hash_secret, new_token_secret
from server.auth.viewer import Viewer
from server.db.engine import Database
from server.db.events import append_event
from server.db.tables import Token, stored_id
from server.db.tokens import tokens_of_person, valid_token, valid_token_of_id
from server.errors import DatabaseUnavailable, NoTeam, NotLoggedIn, TokenNotFound
from server.names import clean_name
from server.services.viewers import viewer_of

# A token's last use is noted this often, so that reading needs no write each time.
LAST_USE_RESOLUTION = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class NewToken:
    """A token just made: the only moment its secret is known."""

    id: int
    label: str
    secret: str


@dataclass(frozen=True, kw_only=True, slots=True)
class TokenFacts:
    """What its owner may know of a token afterwards."""

    id: int
    label: str
    created_at: datetime
    last_used_at: datetime | None  # to the hour


def create_token(database: Database, viewer: Viewer, *, label: str, now: datetime) -> NewToken:
    """A new API token of a person, for the team they act for."""
    authorize(viewer, Action.MAKE_TOKEN, own_account(viewer))
    secret = new_token_secret()
    token = Token(
        person_id=acting_person(viewer),
        team_id=viewer.team_id,
        label=clean_name(label, field="token label") if label.strip() else "token",
        secret_hash=hash_secret(secret),
        created_at=now,
    )
    with database.write() as session:
        session.add(token)
        session.flush()
        _tell(session, stored_id(token.id), person_id=token.person_id, action="token.created", now=now)
        return NewToken(id=stored_id(token.id), label=token.label, secret=secret)


def revoke_token(database: Database, viewer: Viewer, *, token_id: int, now: datetime) -> None:
    """Make one of the viewer's own tokens useless from the next request on.

    Raises:
        TokenNotFound: it is not theirs, or was revoked before.
    """
    with database.write() as session:
        token = valid_token_of_id(session, token_id)
        person_id = None if token is None else token.person_id
        authorize(viewer, Action.REVOKE_TOKEN, Object(missing=TokenNotFound(), person_id=person_id))
        if token is None:
            raise TokenNotFound
        token.revoked_at = now
        session.add(token)
        _tell(session, token_id, person_id=token.person_id, action="token.revoked", now=now)


def list_tokens(database: Database, viewer: Viewer) -> list[TokenFacts]:
    """The viewer's tokens that are still good, newest first."""
    with database.read() as session:
        return [
            TokenFacts(
                id=stored_id(token.id),
                label=token.label,
                created_at=token.created_at,
                last_used_at=token.last_used_at,
            )
            for token in tokens_of_person(session, acting_person(viewer))
        ]


def viewer_of_token(database: Database, secret: str, *, now: datetime) -> Viewer | None:
    """Who an API token stands for, if it is good."""
    with database.read() as session:
        found = valid_token(session, hash_secret(secret))
    if found is None:
        return None
    token, person, team = found
    if token.last_used_at is None or abs(now - token.last_used_at) > LAST_USE_RESOLUTION:
        _note_use(database, stored_id(token.id), now=now)
    with database.read() as session:
        return viewer_of(session, person, team, token_id=token.id)


def _note_use(database: Database, token_id: int, *, now: datetime) -> None:
    # A full disk must not keep anybody from reading; the note can wait for the next request.
    with suppress(DatabaseUnavailable), database.write() as session:
        token = session.get(Token, token_id)
        if token is not None:
            token.last_used_at = now
            session.add(token)


def _tell(session: Session, token_id: int, *, person_id: int, action: str, now: datetime) -> None:
    append_event(session, at=now, actor=f"person:{person_id}", action=action, object_type="token", object_id=token_id)


def acting_team(viewer: Viewer) -> int:
    """The id of the team that the viewer acts for; raises NoTeam when it is none."""
    if viewer.team_id is None:
        raise NoTeam
    return viewer.team_id


def acting_person(viewer: Viewer) -> int:
    """The id of the person who acts; raises NotLoggedIn when nobody does."""
    if viewer.person_id is None:
        raise NotLoggedIn
    return viewer.person_id
