"""Founding a team by somebody who has an account; who signs up founds theirs with it, in accounts.py."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.exc import IntegrityError

from server.auth.permissions import Action, authorize, own_account
from server.auth.viewer import Viewer
from server.db.engine import Database
from server.db.events import append_event
from server.db.tables import Membership, stored_id
from server.db.teams import team_of_name_key
from server.errors import TeamNameTaken
from server.services.accounts import new_team
from server.services.tokens import acting_person


def found(database: Database, viewer: Viewer, *, team: str, affiliation: str = "", now: datetime) -> int:
    """Make a team of the viewer alone; its id.

    In rounds of a challenge that they took part in with a team they have left, what that team sent counts for this one.

    Raises:
        NotLoggedIn: nobody would be in it.
        InvalidName, TeamNameTaken: the name or the affiliation cannot be used.
    """
    authorize(viewer, Action.FOUND_TEAM, own_account(viewer))
    person_id, founded = acting_person(viewer), new_team(team, affiliation, now=now)
    taken = TeamNameTaken(details={"field": "team"})
    try:
        with database.write() as session:
            if team_of_name_key(session, founded.name_key) is not None:
                raise taken
            session.add(founded)
            session.flush()
            team_id = stored_id(founded.id)
            session.add(Membership(person_id=person_id, team_id=team_id, joined_at=now))
            append_event(
                session, at=now, actor=f"person:{person_id}", action="team.founded", object_type="team",
                object_id=team_id,
            )  # fmt: skip
            return team_id
    except IntegrityError as error:  # somebody else committed the same name between the look and the insert
        raise taken from error
