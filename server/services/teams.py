"""Teams, as their members and the public know them."""

from __future__ import annotations

from dataclasses import dataclass

from server.db.engine import Database
from server.db.tables import Team
from server.db.teams import members_of_team


@dataclass(frozen=True, kw_only=True, slots=True)
class TeamFacts:
    """A team with its people."""

    id: int
    name: str
    affiliation: str  # "" where none was given
    members: tuple[str, ...]  # names, in the order they joined


def team_facts(database: Database, team_id: int) -> TeamFacts | None:
    """What there is to know about a team; None when there is no such team."""
    with database.read() as session:
        team = session.get(Team, team_id)
        if team is None:
            return None
        members = members_of_team(session, team_id)
        return TeamFacts(
            id=team_id,
            name=team.name,
            affiliation=team.affiliation,
            members=tuple(person.name for person in members),
        )
