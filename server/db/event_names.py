"""Queries about who and what events name: an event holds numbers, a page needs words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from server.db.tables import Entry, Event, Person, Submission, Team

_PERSON = "person:"


@dataclass(frozen=True, kw_only=True, slots=True)
class EventNames:
    """Names by id, as far as there is still something of that id."""

    persons: Mapping[int, str]
    teams: Mapping[int, str]
    entries: Mapping[int, tuple[str, str]]  # method and team
    submissions: Mapping[int, tuple[str, str]]  # of their entries


def names_in(session: Session, events: Sequence[Event]) -> EventNames:
    """The names of everybody and everything that these events are by and about."""
    ids = {kind: {event.object_id for event in events if event.object_type == kind} for kind in _KINDS}
    actors = {number for event in events if (number := person_number(event.actor)) is not None}
    entries = session.exec(
        select(Entry.id, Entry.method, Team.name)
        .join(Team, col(Team.id) == col(Entry.team_id))
        .where(col(Entry.id).in_(ids["entry"]))
    )
    submissions = session.exec(
        select(Submission.id, Entry.method, Team.name)
        .join(Entry, col(Entry.id) == col(Submission.entry_id))
        .join(Team, col(Team.id) == col(Submission.team_id))
        .where(col(Submission.id).in_(ids["submission"]))
    )
    return EventNames(
        persons=_named(session.exec(select(Person.id, Person.name).where(col(Person.id).in_(actors | ids["person"])))),
        teams=_named(session.exec(select(Team.id, Team.name).where(col(Team.id).in_(ids["team"])))),
        entries={number: (method, team) for number, method, team in entries if number is not None},
        submissions={number: (method, team) for number, method, team in submissions if number is not None},
    )


_KINDS = ("person", "team", "entry", "submission")


def person_number(actor: str) -> int | None:
    """The id in "person:12"; None for a command, a worker or the server itself."""
    return int(actor.removeprefix(_PERSON)) if actor.startswith(_PERSON) else None


def _named(rows: Iterable[tuple[int | None, str]]) -> dict[int, str]:
    return {number: name for number, name in rows if number is not None}
