"""Teams, as their members and the public know them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from leaderboard.board import Board, Row
from server.auth.permissions import Action
from server.auth.viewer import Viewer
from server.db.engine import Database
from server.db.events import append_event
from server.db.tables import Team
from server.db.teams import members_of_team
from server.errors import RoundNotFound
from server.names import clean_name
from server.people_errors import TeamNotFound
from server.services.boards import Boards
from server.services.memberships import require_member
from server.services.taking_part import rounds_of_team
from server.services.tokens import acting_person
from server.texts import clean_text

# Half a page: what the team works on, who pays for it.
MAX_ABSTRACT_CHARACTERS = 3000


@dataclass(frozen=True, kw_only=True, slots=True)
class TeamFacts:
    """A team with its people."""

    id: int
    name: str
    affiliation: str  # "" where none was given
    abstract: str  # plain text of several lines; "" where none was given
    members: tuple[str, ...]  # names, in the order they joined


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownEntry:
    """A row of a board that names the team."""

    round_slug: str
    round_title: str
    board: Board
    row: Row


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
            abstract=team.abstract,
            members=tuple(person.name for person in members),
        )


def find_team(database: Database, team_id: int) -> TeamFacts:
    """What there is to know about a team.

    Raises:
        TeamNotFound: there is none.
    """
    facts = team_facts(database, team_id)
    if facts is None:
        raise TeamNotFound
    return facts


def shown_entries(session: Session, boards: Boards, *, team_id: int, viewer: Viewer, now: datetime) -> list[ShownEntry]:
    """The team's rows on the boards of rounds that the viewer may know of, where they name the team; newest first.

    Only what a board tells this viewer anyway: a team is linked to no anonymous entry before the reveal.
    """
    found: list[ShownEntry] = []
    for round_ in reversed(rounds_of_team(session, team_id)):
        try:
            answer = boards.at(session, slug=round_.slug, viewer=viewer, now=now, has_address=False)
        except RoundNotFound:
            continue
        found += [
            ShownEntry(round_slug=round_.slug, round_title=round_.title, board=answer.board, row=row)
            for row in answer.board.rows
            if row.team_id == team_id and row.is_named
        ]
    return found


def describe_team(
    database: Database, viewer: Viewer, *, team_id: int, affiliation: str, abstract: str, now: datetime
) -> None:
    """Change what a team says of itself.

    Raises:
        TeamNotFound: the viewer is not in it.
        InvalidName, InvalidText: a text is too long, or does not show as it is written.
    """
    affiliation = clean_name(affiliation, field="affiliation") if affiliation.strip() else ""
    abstract = clean_text(abstract, field="abstract", max_characters=MAX_ABSTRACT_CHARACTERS, is_optional=True)
    with database.write() as session:
        require_member(session, viewer, team_id, action=Action.DESCRIBE_TEAM)
        team = session.get_one(Team, team_id)
        team.affiliation, team.abstract = affiliation, abstract
        session.add(team)
        append_event(
            session,
            at=now,
            actor=f"person:{acting_person(viewer)}",
            action="team.described",
            object_type="team",
            object_id=team_id,
        )
