"""Teams, and the links by which people join them."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from server.api.acts import ActDep, ListedId, TeamId, person_errors
from server.api.errors import error_answers
from server.doors import BoardsDep, DeploymentDep, NowDep, ViewerDep
from server.errors import InvalidToken
from server.people_errors import InvitationNotFound, TeamNotFound
from server.services.invitations import invite, revoke_invitation
from server.services.teams import ShownEntry, find_team, shown_entries

router = APIRouter(tags=["teams"])


class TeamEntry(BaseModel):
    """A row of a board that names the team."""

    round: str = Field(description="The round's short name.")
    method: str
    track: str = Field(description="Empty where the round has no tracks.")
    rank: int | None = Field(description="Null out of competition.")
    metric: str = Field(description="The metric that ranks.")
    score: float | None
    submitted_at: datetime


class TeamShown(BaseModel):
    """A team as everybody sees it."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 5,
                "name": "University Vision",
                "affiliation": "University",
                "abstract": "We look at pictures.",
                "members": ["Ada", "Grace"],
                "entries": [
                    {
                        "round": "ilsvrc-2012-cls",
                        "method": "ResNet-50",
                        "track": "",
                        "rank": 1,
                        "metric": "top5_error",
                        "score": 0.0713,
                        "submitted_at": "2026-11-23T12:00:00Z",
                    }
                ],
            }
        }
    )
    id: int
    name: str
    affiliation: str
    abstract: str = Field(description="Plain text of several lines.")
    members: list[str] = Field(description="Names, in the order they joined.")
    entries: list[TeamEntry] = Field(description="Its rows on boards that name it, newest round first.")


class InvitationMade(BaseModel):
    """A new link into a team."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 3,
                "path": "/join/cF3n0V9xq1sWkT2b7RyLzJ4uHd8mGa6eOiPfXQYtNBk",
                "expires_at": "2026-12-07T12:00:00Z",
            }
        }
    )
    id: int = Field(description="For revoking it.")
    path: str = Field(description="Where it leads on this server; shown this once.")
    expires_at: datetime


@router.get("/teams/{team_id}", summary="A team", responses=error_answers(TeamNotFound, InvalidToken))
def show_team(
    *, team_id: TeamId, viewer: ViewerDep, deployment: DeploymentDep, boards: BoardsDep, now: NowDep
) -> TeamShown:
    """Its people, what it says of itself, and its rows on the boards that name it to you."""
    facts = find_team(deployment.database, team_id)
    with deployment.database.read() as session:
        entries = shown_entries(session, boards, team_id=team_id, viewer=viewer, now=now)
    return TeamShown(
        id=facts.id,
        name=facts.name,
        affiliation=facts.affiliation,
        abstract=facts.abstract,
        members=list(facts.members),
        entries=[_entry(entry) for entry in entries],
    )


@router.post(
    "/teams/{team_id}/invitations",
    status_code=201,
    summary="Make a link by which people join your team",
    responses=person_errors(TeamNotFound),
)
def make_invitation(team_id: TeamId, act: ActDep) -> InvitationMade:
    """Whoever holds the link can join the team, for 14 days; only its hash is kept."""
    made = invite(act.database, act.viewer, team_id=team_id, now=act.now)
    return InvitationMade(id=made.id, path=made.path, expires_at=made.expires_at)


@router.delete(
    "/invitations/{invitation_id}",
    status_code=204,
    summary="Revoke a link into your team",
    responses=person_errors(InvitationNotFound),
)
def delete_invitation(invitation_id: ListedId, act: ActDep) -> None:
    """Nobody joins by it any more; who has joined stays."""
    revoke_invitation(act.database, act.viewer, invitation_id=invitation_id, now=act.now)


def _entry(entry: ShownEntry) -> TeamEntry:
    metric, row = entry.board.metric, entry.row
    return TeamEntry(
        round=entry.round_slug,
        method=row.method,
        track=row.track,
        rank=row.rank,
        metric=metric.name,
        score=row.scores.get(metric.name),
        submitted_at=row.submitted_at,
    )
