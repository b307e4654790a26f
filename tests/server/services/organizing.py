"""People around the round `tiny` for tests of its services: its organizer, others, and teams with their people."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import Insert, Update, event
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import ORMExecuteState
from sqlmodel import Session, select

from server.auth.viewer import Viewer
from server.db.engine import Database
from server.db.organizers import add_round_organizer
from server.db.tables import Event, Membership, Person
from server.deployment import Deployment
from tests.server.making import NOW, add_team


def add_person(
    database: Database, email: str, *, verified_at: datetime | None = None, team_id: int | None = None
) -> int:
    """A person, in a team where one is named; their id."""
    with database.write() as session:
        person = Person(
            email=email, name="A person", password_hash="-", email_verified_at=verified_at, created_at=NOW
        )  # fmt: skip
        session.add(person)
        session.flush()
        assert person.id is not None
        if team_id is not None:
            session.add(Membership(person_id=person.id, team_id=team_id, joined_at=NOW))
        return person.id


def organizer(deployment: Deployment, email: str = "organizer@host.example") -> Viewer:
    """Somebody who organizes the first round."""
    person_id = add_person(deployment.database, email)
    with deployment.database.write() as session:
        add_round_organizer(session, round_id=1, person_id=person_id, now=NOW)
    return Viewer(person_id=person_id, is_organizer=True, organized=frozenset({1}))


def other_organizer(deployment: Deployment) -> Viewer:
    """Somebody who organizes another round."""
    person_id = add_person(deployment.database, "other@host.example")
    return Viewer(person_id=person_id, is_organizer=True, organized=frozenset({99}))


def member(deployment: Deployment, team: str = "Vision Lab", *, verified_at: datetime | None = None) -> Viewer:
    """The one person of a new team, at an address of lab.example."""
    team_id = add_team(deployment, team)
    email = f"{team.replace(' ', '').lower()}@lab.example"
    person_id = add_person(deployment.database, email, verified_at=verified_at, team_id=team_id)
    return Viewer(person_id=person_id, team_id=team_id, team_name=team)


def team_of(viewer: Viewer) -> int:
    assert viewer.team_id is not None
    return viewer.team_id


def actions(deployment: Deployment) -> list[str]:
    """What has happened to the round so far, in order."""
    with deployment.database.read() as session:
        return list(session.exec(select(Event.action).where(Event.round_id == 1).order_by(Event.id)))  # type: ignore[arg-type]


@contextmanager
def committed_meanwhile(change: Update | Insert, *, table: str = "entry", lock: str = "FOR UPDATE") -> Iterator[None]:
    """What another transaction has done once the lock of an entry, or of a row of another table, is got."""

    def ask(state: ORMExecuteState) -> None:
        asked = str(state.statement.compile(dialect=postgresql.dialect()))
        if f"FROM {table}" in asked and lock in asked:
            state.session.connection().execute(change)

    event.listen(Session, "do_orm_execute", ask)
    try:
        yield
    finally:
        event.remove(Session, "do_orm_execute", ask)
