"""Those who take part in a round are told by mail that it closes soon: each once for each close there was to be.

What is due follows from the rows, so that nothing is forgotten or told twice when a server starts again.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from leaderboard.policy import phase
from server.db.deadline_notices import people_told
from server.db.engine import Database
from server.db.organizing_tables import DeadlineNotice
from server.db.participations import members_of_round
from server.db.rounds import all_rounds
from server.db.tables import Person, Round, stored_id
from server.services.notices import tell_of_deadline
from server.services.rounds import policy_of


def tell_of_deadlines(database: Database, *, lead: timedelta, now: datetime) -> int:
    """Queue a mail for everybody who takes part in a round that closes within `lead`, unless they were told.

    Who does not want this kind of mail counts as told. Two servers at it tell nobody twice: one of them gives way.
    """
    with database.read() as session:
        if not any(True for _ in _due(session, lead=lead, now=now)):
            return 0
    count = 0
    try:
        with database.write() as session:
            for round_, person, closes in list(_due(session, lead=lead, now=now)):
                notice = DeadlineNotice(round_id=stored_id(round_.id), person_id=stored_id(person.id), closes=closes)
                session.add(notice)
                tell_of_deadline(session, round_, person, closes=closes, now=now)
                count += 1
    except IntegrityError:  # another server was first
        return 0
    return count


def _due(session: Session, *, lead: timedelta, now: datetime) -> Iterator[tuple[Round, Person, datetime]]:
    for row in all_rounds(session):
        policy = policy_of(row.round)
        if policy.closes is None or phase(policy, now) != "open" or policy.closes - now > lead:
            continue
        told = people_told(session, round_id=stored_id(row.round.id), closes=policy.closes)
        for person in members_of_round(session, stored_id(row.round.id)):
            if person.id not in told:
                yield row.round, person, policy.closes
