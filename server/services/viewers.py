"""Who somebody is, once their session or token is known to be good."""

from __future__ import annotations

from sqlmodel import Session

from server.auth.tokens import Scope
from server.auth.viewer import Viewer
from server.db.organizers import rounds_of_organizer
from server.db.tables import Person, Team, Token, stored_id


def viewer_of(session: Session, person: Person, team: Team | None, *, token: Token | None = None) -> Viewer:
    """The viewer that a person is, acting for a team or for none; by a token, as far as its scope goes."""
    scope = Scope.ACCOUNT if token is None else Scope(token.scope)
    organizes = scope is Scope.ACCOUNT
    return Viewer(
        person_id=person.id,
        person_name=person.name,
        team_id=None if team is None else team.id,
        team_name=None if team is None else team.name,
        is_organizer=organizes and person.is_organizer,
        is_admin=organizes and person.is_admin,
        organized=rounds_of_organizer(session, stored_id(person.id)) if organizes else frozenset(),
        token_id=None if token is None else token.id,
        scope=scope,
    )
