"""Teams, and the links by which people join them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from server.api.accounts import TokenMade, TokenScope, token_for
from server.api.acts import ActDep, ListedId, TeamId, person_errors
from server.api.errors import error_answers
from server.auth.tokens import Scope
from server.auth.viewer import Viewer
from server.db.engine import Database
from server.doors import BoardsDep, DeploymentDep, NowDep, ViewerDep
from server.errors import EmailTaken, InvalidEmail, InvalidName, InvalidToken, NotLoggedIn, TeamNameTaken, WeakPassword
from server.people_errors import InvitationNotFound, SecondTeam, TeamNotFound, TeamsFrozen
from server.routers import api_router
from server.services.founding import found
from server.services.invitations import invitations_for, invite, revoke_invitation
from server.services.memberships import acting_for, join, join_as_new_person, leave
from server.services.teams import ShownEntry, describe_team, find_team, shown_entries

router = api_router("teams")


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


class TeamWords(BaseModel):
    """What a team says of itself."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"abstract": "We look at pictures."}})
    affiliation: str | None = Field(default=None, max_length=1_000, description="Where the team works.")
    abstract: str | None = Field(default=None, max_length=20_000, description="Plain text of several lines.")


class Joining(BaseModel):
    """A link into a team, and who has no account yet."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"link": "/join/cF3n0V9xq1sWkT2b7RyLzJ4uHd8mGa6eOiPfXQYtNBk"}},
    )
    link: str = Field(max_length=2_000, description="As it was given, or its last part.")
    name: str = Field(default="", max_length=1_000, description="Of a new person.")
    email: str = Field(default="", max_length=1_000, description="Of a new person.")
    password: str = Field(default="", max_length=10_000, description="Of a new person; at least 10 characters.")
    scope: TokenScope = Scope.ACCOUNT


class Founding(BaseModel):
    """A team to be founded by somebody with an account."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"team": "University Vision"}})
    team: str = Field(max_length=1_000, description="Its name, as the board shows it; unique.")
    affiliation: str = Field(default="", max_length=1_000, description="Where the team works.")
    scope: TokenScope = Scope.SUBMIT


class InvitationKept(BaseModel):
    """A link into a team that still works; its secret is not known any more."""

    id: int = Field(description="For revoking it.")
    made_by: str
    created_at: datetime
    expires_at: datetime


class InvitationList(BaseModel):
    """The links into a team that still work, newest first."""

    invitations: list[InvitationKept]


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


@router.patch(
    "/teams/{team_id}",
    status_code=204,
    summary="Change what your team says of itself",
    responses=person_errors(TeamNotFound, InvalidName),
)
def change_team(team_id: TeamId, words: TeamWords, act: ActDep) -> None:
    """What is left out stays as it is."""
    facts = find_team(act.database, team_id)
    describe_team(
        act.database,
        act.viewer,
        team_id=team_id,
        affiliation=facts.affiliation if words.affiliation is None else words.affiliation,
        abstract=facts.abstract if words.abstract is None else words.abstract,
        now=act.now,
    )


@router.post(
    "/teams/{team_id}/leave",
    status_code=204,
    summary="Leave a team",
    responses=person_errors(TeamNotFound, TeamsFrozen),
)
def leave_team(team_id: TeamId, act: ActDep) -> None:
    """The tokens and links you made for it end, this request's own token included. What it has sent stays.

    In rounds of its challenges, what it had sent counts in the quota of the team you go on with.
    """
    leave(act.database, act.viewer, team_id=team_id, now=act.now)


@router.post(
    "/memberships",
    status_code=201,
    summary="Join a team by the link of one of its members",
    responses=person_errors(
        InvitationNotFound, TeamsFrozen, SecondTeam, InvalidName, InvalidEmail, WeakPassword, EmailTaken
    ),
)
def join_team(wish: Joining, *, viewer: ViewerDep, deployment: DeploymentDep, now: NowDep) -> TokenMade:
    """As who you are, or as a new person by name, e-mail and password. Answers a token that acts for the team."""
    database, secret = deployment.database, wish.link.rpartition("/")[2]
    if viewer.is_anonymous:
        if not (wish.name or wish.email or wish.password):
            raise NotLoggedIn
        viewer = join_as_new_person(
            database, secret=secret, name=wish.name, email=wish.email, password=wish.password, now=now
        )
    else:
        team_id = join(database, viewer, secret=secret, now=now)
        return _token_of(database, viewer, team_id=team_id, label="joining", scope=wish.scope, now=now)
    return token_for(database, viewer, label="joining", scope=wish.scope, now=now)


@router.post(
    "/account/teams",
    status_code=201,
    summary="Found a team with the account you have",
    responses=person_errors(InvalidName, TeamNameTaken),
)
def found_team(wish: Founding, act: ActDep) -> TokenMade:
    """You are its one member. Answers a token that acts for it."""
    team_id = found(act.database, act.viewer, team=wish.team, affiliation=wish.affiliation, now=act.now)
    return _token_of(act.database, act.viewer, team_id=team_id, label="founding", scope=wish.scope, now=act.now)


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


@router.get(
    "/teams/{team_id}/invitations", summary="List the links into your team", responses=person_errors(TeamNotFound)
)
def read_invitations(team_id: TeamId, act: ActDep) -> InvitationList:
    """Whoever made them."""
    found = invitations_for(act.database, act.viewer, team_id=team_id, now=act.now)
    return InvitationList(invitations=[InvitationKept.model_validate(one, from_attributes=True) for one in found])


@router.delete(
    "/invitations/{invitation_id}",
    status_code=204,
    summary="Revoke a link into your team",
    responses=person_errors(InvitationNotFound),
)
def delete_invitation(invitation_id: ListedId, act: ActDep) -> None:
    """Nobody joins by it any more; who has joined stays."""
    revoke_invitation(act.database, act.viewer, invitation_id=invitation_id, now=act.now)


def _token_of(
    database: Database, viewer: Viewer, *, team_id: int, label: str, scope: Scope, now: datetime
) -> TokenMade:
    """A token for a team that the viewer is in since now; it ends with the one that made it, of whatever team."""
    acting = replace(acting_for(database, replace(viewer, token_id=None), team_id=team_id), token_id=viewer.token_id)
    return token_for(database, acting, label=label, scope=scope, now=now)


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
