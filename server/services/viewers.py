"""Who somebody is, once their session or token is known to be good."""

from __future__ import annotations

from sqlmodel import Session

from server.auth.viewer import Viewer
from server.db.organizers import rounds_of_organizer
from server.db.tables import Person, Team, stored_id


def viewer_of(session: Session, person: Person, team: Team | None, *, token_id: int | None = None) -> Viewer:
    """The viewer that a person is, acting for a team or for none."""
    return Viewer(
        person_id=person.id,
        person_name=person.name,
        team_id=None if team is None else team.id,
        team_name=None if team is None else team.name,
        is_organizer=person.is_organizer,
        is_admin=person.is_admin,
        organized=rounds_of_organizer(session, stored_id(person.id)),
        token_id=token_id,
    )
