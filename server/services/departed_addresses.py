"""Who deletes their account and signs up again has what their teams have sent on their account, as who leaves a team.

Of the address a keyed hash is kept, as long as a round goes on in which one of the teams takes part.
"""

from __future__ import annotations

import hashlib
from datetime import datetime

from sqlmodel import Session

from server.db.departed_addresses import (
    departed_of_rounds,
    departed_persons,
    key_of_addresses,
    persons_departed_from,
)
from server.db.engine import Database
from server.db.former_memberships import record_leaving, teams_left_by
from server.db.participation import rounds_of_teams
from server.db.people_tables import DepartedAddress
from server.db.rounds import all_rounds
from server.db.tables import Person, Round, stored_id
from server.services.rounds import policy_of, state_of

# A guess at an address costs some 10 ms, and so does a sign-up while any hash is kept.
_SCRYPT_COST = 1 << 12


def remember_address(session: Session, person: Person, *, now: datetime) -> None:
    """Keep the hash of an address that is about to be deleted, if a round of the person's former teams goes on."""
    person_id = stored_id(person.id)
    if _takes_part(session, person_id, now=now):
        address_hash = _hash(session, person.email)
        session.merge(DepartedAddress(person_id=person_id, address_hash=address_hash))


def take_over(session: Session, person: Person) -> None:
    """Have what was sent by the teams of whoever had this address before count for a new person."""
    if not departed_persons(session):
        return
    for departed in persons_departed_from(session, _hash(session, person.email)):
        for team, left_at in teams_left_by(session, departed):
            record_leaving(session, person_id=stored_id(person.id), team_id=stored_id(team.id), now=left_at)


def forget_addresses(database: Database, *, now: datetime) -> int:
    """Delete every hash of which no round goes on any more; how many."""
    with database.read() as session:
        if not _over(session, now=now):
            return 0
    with database.write() as session:  # asked once more: a round may go on again meanwhile
        over = _over(session, now=now)
        for kept in over:
            session.delete(kept)
        return len(over)


def _over(session: Session, *, now: datetime) -> list[DepartedAddress]:
    """The hashes of which no round goes on, by a few queries however many there are: nobody writes meanwhile."""
    kept = departed_persons(session)
    if not kept:
        return []
    rounds = [stored_id(row.round.id) for row in all_rounds(session) if _goes_on(row.round, now)]
    present = departed_of_rounds(session, rounds)
    return [one for one in kept if one.person_id not in present]


def _takes_part(session: Session, person_id: int, *, now: datetime) -> bool:
    """Whether a round goes on in which a team takes part that the person has left."""
    teams = [stored_id(team.id) for team, _ in teams_left_by(session, person_id)]
    return any(_goes_on(row.round, now) for row in rounds_of_teams(session, teams))


def _goes_on(round_: Round, now: datetime) -> bool:
    return state_of(policy_of(round_), is_paused=round_.is_paused, now=now) != "closed"


def _hash(session: Session, email: str) -> str:
    key = bytes.fromhex(key_of_addresses(session))
    return hashlib.scrypt(email.encode(), salt=key, n=_SCRYPT_COST, r=8, p=1).hex()
