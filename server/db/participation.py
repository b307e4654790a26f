"""Queries about which teams take part in which rounds: by an entry, or because they asked to and were not refused."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Mapped
from sqlmodel import Session, col, or_, select, union

from server.db.people_tables import Participation
from server.db.tables import Entry, Round


class TakesPart(NamedTuple):
    """A team in a round."""

    team_id: int
    round: Round


def rounds_of_teams(session: Session, team_ids: Collection[int]) -> list[TakesPart]:
    """Every round that these teams take part in; the organizers' own baselines do not count."""
    both = union(
        select(col(Entry.team_id), col(Entry.round_id)).where(
            col(Entry.team_id).in_(team_ids), col(Entry.is_baseline).is_(False)
        ),
        select(col(Participation.team_id), col(Participation.round_id)).where(
            col(Participation.team_id).in_(team_ids), Participation.state != "refused"
        ),
    ).subquery()
    found = session.exec(
        select(both.c.team_id, Round).join(both, both.c.round_id == col(Round.id)).order_by(col(Round.id))
    )
    return [TakesPart(team_id, round_) for team_id, round_ in found]


def takes_part(team_id: Mapped[int], round_ids: Collection[int]) -> ColumnElement[bool]:
    """Whether the team of a row takes part in one of the rounds, in the same sense, within another query."""
    entries = select(Entry.team_id).where(col(Entry.round_id).in_(round_ids), col(Entry.is_baseline).is_(False))
    asked = select(Participation.team_id).where(
        col(Participation.round_id).in_(round_ids), Participation.state != "refused"
    )
    return or_(team_id.in_(entries), team_id.in_(asked))


def has_entry(session: Session, *, round_id: int, team_id: int) -> bool:
    """Whether the team has sent anything to the round."""
    found = session.exec(select(Entry.id).where(Entry.round_id == round_id, Entry.team_id == team_id).limit(1))
    return found.first() is not None
