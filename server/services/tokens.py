"""API tokens: made, used, revoked. The secret is known at one moment only."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlmodel import Session

from server.auth.permissions import Action, Object, authorize, own_account
from server.auth.tokens import Scope, hash_secret, new_token_secret
from server.auth.viewer import Viewer
from server.db.engine import Database
from server.db.events import append_event
from server.db.tables import Token, stored_id
from server.db.teams import lock_person
from server.db.tokens import revoke_tokens, tokens_of_person, valid_token
from server.errors import DatabaseUnavailable, InvalidToken, NoTeam, NotLoggedIn, TokenNotFound
from server.names import clean_name
from server.people_errors import OtherTeam
from server.services.viewers import viewer_of

# A token's last use is noted this often, so that reading needs no write each time.
LAST_USE_RESOLUTION = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class NewToken:
    """A token just made: the only moment its secret is known."""

    id: int
    label: str
    scope: Scope
    secret: str


@dataclass(frozen=True, kw_only=True, slots=True)
class TokenFacts:
    """What its owner may know of a token afterwards."""

    id: int
    label: str
    scope: Scope
    made_by_id: int | None  # the token it ends with; None: a log-in made it
    created_at: datetime
    last_used_at: datetime | None  # to the hour


def usual_scope(viewer: Viewer) -> Scope:
    """How far a token goes of which nothing else was said: no further than a team's machine needs it to."""
    return viewer.scope if viewer.team_id is None else Scope.SUBMIT


def create_token(
    database: Database, viewer: Viewer, *, label: str, scope: Scope | None = None, now: datetime
) -> NewToken:
    """A new API token of a person, for the team they act for. One that a token made ends with it.

    Args:
        database: where it is kept.
        viewer: whose it is.
        label: what they call it.
        scope: how far it goes; None: as far as the viewer.
        now: the present moment.

    Raises:
        NotLoggedIn, TokenTooNarrow: by nobody, and by no token that does not go as far.
        InvalidName: the label cannot be used.
        InvalidToken: the token that would make it has just ended.
    """
    wanted = scope or viewer.scope
    authorize(viewer, Action.MAKE_TOKEN, replace(own_account(viewer), scope=wanted))
    secret, person_id = new_token_secret(), acting_person(viewer)
    token = Token(
        person_id=person_id,
        team_id=viewer.team_id,
        made_by_id=viewer.token_id,
        scope=wanted,
        label=clean_name(label, field="token label") if label.strip() else "token",
        secret_hash=hash_secret(secret),
        created_at=now,
    )
    with database.write() as session:
        if token.made_by_id is not None and token.made_by_id not in _lineages(session, person_id):
            raise InvalidToken
        session.add(token)
        session.flush()
        _tell(session, stored_id(token.id), person_id=person_id, action="token.created", now=now)
        return NewToken(id=stored_id(token.id), label=token.label, scope=wanted, secret=secret)


def revoke_token(database: Database, viewer: Viewer, *, token_id: int, now: datetime) -> None:
    """Make one of the viewer's own tokens, and those it has made, useless from the next request on.

    Raises:
        NotLoggedIn: nobody has tokens.
        TokenNotFound: it is not theirs, or was revoked before.
    """
    person_id = acting_person(viewer)
    with database.write() as session:
        lineages = _lineages(session, person_id)
        is_there = token_id in lineages
        acted_on = Object(
            missing=TokenNotFound(),
            person_id=person_id if is_there else None,
            lineage=lineages.get(token_id, frozenset()),
        )
        authorize(viewer, Action.REVOKE_TOKEN, acted_on)
        for ended in _end(session, [token_id], lineages, now=now):
            _tell(session, ended, person_id=person_id, action="token.revoked", now=now)


def end_tokens_of(session: Session, person_id: int, *, team_id: int | None = None, now: datetime) -> None:
    """End every token of a person, or those they made for one team; and what those have made."""
    lineages = _lineages(session, person_id)
    wanted = [
        stored_id(token.id)
        for token in tokens_of_person(session, person_id)
        if team_id is None or token.team_id == team_id
    ]
    _end(session, wanted, lineages, now=now)


def list_tokens(database: Database, viewer: Viewer) -> list[TokenFacts]:
    """The viewer's tokens that are still good, newest first; to a token that only submits, itself and its own."""
    with database.read() as session:
        found = tokens_of_person(session, acting_person(viewer))
        lineages = _lineages_of(found)
        return [
            TokenFacts(
                id=stored_id(token.id),
                label=token.label,
                scope=Scope(token.scope),
                made_by_id=token.made_by_id,
                created_at=token.created_at,
                last_used_at=token.last_used_at,
            )
            for token in found
            if viewer.scope is Scope.ACCOUNT or viewer.token_id in lineages[stored_id(token.id)]
        ]


def viewer_of_token(database: Database, secret: str, *, now: datetime) -> Viewer | None:
    """Who an API token stands for, if it is good."""
    with database.read() as session:
        found = valid_token(session, hash_secret(secret))
        if found is None:
            return None
        token, person, team = found
        viewer = viewer_of(session, person, team, token=token)
    if token.last_used_at is None or abs(now - token.last_used_at) > LAST_USE_RESOLUTION:
        _note_use(database, stored_id(token.id), now=now)
    return viewer


def _lineages(session: Session, person_id: int) -> dict[int, frozenset[int]]:
    """The lineage of each good token of a person, whose row is locked: none of them is made or ended meanwhile."""
    lock_person(session, person_id)
    return _lineages_of(tokens_of_person(session, person_id))


def _lineages_of(tokens: Iterable[Token]) -> dict[int, frozenset[int]]:
    """The id of each token with those of the tokens it comes from."""
    found: dict[int, frozenset[int]] = {}
    for token in sorted(tokens, key=lambda token: stored_id(token.id)):  # whatever made it has a lower id
        number = stored_id(token.id)
        above = frozenset[int]() if token.made_by_id is None else found.get(token.made_by_id, frozenset())
        found[number] = above | {number}
    return found


def _end(
    session: Session, token_ids: Collection[int], lineages: Mapping[int, frozenset[int]], *, now: datetime
) -> list[int]:
    """End these tokens and all that come from them; the ids of those that have ended."""
    ended = [number for number, lineage in lineages.items() if not lineage.isdisjoint(token_ids)]
    revoke_tokens(session, ended, now=now)
    return ended


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


def require_acting_for(viewer: Viewer, team_id: int | None) -> None:
    """Let who acts for the team pass that a form names, or named none: another page may have changed it since.

    Raises:
        OtherTeam: they act for another one now, which it names.
    """
    if team_id is not None and viewer.team_id is not None and team_id != viewer.team_id:
        raise OtherTeam(f"The form names another team than {viewer.team_name}, for which you act now.")


def acting_person(viewer: Viewer) -> int:
    """The id of the person who acts; raises NotLoggedIn when nobody does."""
    if viewer.person_id is None:
        raise NotLoggedIn
    return viewer.person_id
