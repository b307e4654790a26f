"""Signing up and API tokens."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field

from server.api.acts import ActDep, ListedId, person_errors
from server.api.errors import error_answers
from server.auth.tokens import Scope
from server.auth.viewer import Viewer
from server.db.engine import Database
from server.doors import DeploymentDep, NowDep, ViewerDep, log_in_limited
from server.errors import (
    EmailTaken,
    InvalidEmail,
    InvalidName,
    InvalidRequest,
    InvalidToken,
    NotLoggedIn,
    TeamNameTaken,
    TokenNotFound,
    TooManyTries,
    WeakPassword,
    WrongLogin,
)
from server.people_errors import TeamNotFound, TokenTooNarrow
from server.routers import api_router
from server.services.accounts import sign_up
from server.services.memberships import acting_for
from server.services.tokens import create_token, list_tokens, revoke_token

router = api_router("accounts")

EXAMPLE_SECRET = "hld_cF3n0V9xq1sWkT2b7RyLzJ4uHd8mGa6eOiPfXQYtNBk"  # noqa: S105 - made up


TokenScope = Annotated[
    Scope,
    Field(
        description="How far the token goes: `submit` reads what the team may see and submits for it, `account` does"
        " all that you may do."
    ),
]


class SignUp(BaseModel):
    """A person and the team they found."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "name": "Vision Group",
                "email": "group@university.example",
                "password": "four words in a row",
                "team": "University Vision",
                "affiliation": "University",
            }
        }
    )
    name: str = Field(description="The person's name.")
    email: str = Field(description="The person's e-mail address; one account each.")
    password: str = Field(description="At least 10 characters.")
    team: str = Field(description="The team's name, as the board shows it; unique, whatever its case and width.")
    affiliation: str = Field(default="", description="Where the team works.")
    scope: TokenScope = Scope.ACCOUNT


class PersonFacts(BaseModel):
    """An account."""

    id: int
    name: str
    email: str


class TeamFacts(BaseModel):
    """A team."""

    id: int
    name: str
    affiliation: str


class SignedUp(BaseModel):
    """The new account, with a token to go on with."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "person": {"id": 7, "name": "Vision Group", "email": "group@university.example"},
                "team": {"id": 5, "name": "University Vision", "affiliation": "University"},
                "token": EXAMPLE_SECRET,
                "token_id": 12,
            }
        }
    )
    person: PersonFacts
    team: TeamFacts
    token: str = Field(description="An API token for the team; shown this once.")
    token_id: int = Field(description="The token's id, for revoking it.")


class TokenWish(BaseModel):
    """Who wants a token: e-mail and password, or nothing but a label when already logged in."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "email": "group@university.example",
                "password": "four words in a row",
                "label": "training cluster",
            }
        }
    )
    email: str | None = Field(default=None, description="Leave out to use the log-in of the request.")
    password: str | None = None
    label: str = Field(default="", description="What the token is for; its owner sees it in the list.")
    scope: Scope | None = Field(
        default=None, description="Left out: as far as the log-in or token of the request goes; `submit` for a cluster."
    )
    team: Annotated[int, Field(ge=1, le=2**62)] | None = Field(
        default=None, description="The id of the one of your teams it acts for; left out: the one you act for."
    )


class TokenMade(BaseModel):
    """A new token."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 13,
                "label": "training cluster",
                "scope": "submit",
                "token": EXAMPLE_SECRET,
                "team": {"id": 5, "name": "University Vision"},
            }
        }
    )
    id: int
    label: str
    scope: TokenScope
    token: str = Field(description="The secret; shown this once.")
    team: TeamName | None = Field(description="The team it submits for; null where you are in none.")


class TeamName(BaseModel):
    """A team, in short."""

    id: int
    name: str


class TokenKept(BaseModel):
    """A token that is good; its secret is not known any more."""

    id: int = Field(description="For revoking it.")
    label: str
    scope: TokenScope
    made_by_id: int | None = Field(description="The token that made it, with which it ends; null: a log-in made it.")
    created_at: datetime
    last_used_at: datetime | None = Field(description="To the hour; null: never.")


class TokenList(BaseModel):
    """Your tokens, newest first."""

    tokens: list[TokenKept]


@router.post(
    "/teams",
    status_code=201,
    summary="Sign up: make an account and its team",
    responses=error_answers(InvalidName, InvalidEmail, WeakPassword, EmailTaken, TeamNameTaken),
)
def create_team(wish: SignUp, deployment: DeploymentDep, now: NowDep) -> SignedUp:
    """Makes a person and their team, both or neither, and answers a first API token."""
    made = sign_up(
        deployment.database,
        name=wish.name,
        email=wish.email,
        password=wish.password,
        team=wish.team,
        affiliation=wish.affiliation,
        now=now,
    )
    token = create_token(deployment.database, made.viewer, label="sign-up", scope=wish.scope, now=now)
    return SignedUp(
        person=PersonFacts(id=made.person_id, name=made.person_name, email=made.email),
        team=TeamFacts(id=made.team_id, name=made.team_name, affiliation=made.affiliation),
        token=token.secret,
        token_id=token.id,
    )


@router.post(
    "/tokens",
    status_code=201,
    summary="Make an API token",
    responses=error_answers(
        WrongLogin, InvalidToken, NotLoggedIn, TooManyTries, InvalidName, TeamNotFound, TokenTooNarrow
    ),
)
def make_token(
    *, request: Request, wish: TokenWish, viewer: ViewerDep, deployment: DeploymentDep, now: NowDep
) -> TokenMade:
    """Makes a token for the e-mail and password given, or for whoever sends the request.

    A token makes none that goes further than itself, and those it makes end with it.
    """
    if wish.email is not None:
        viewer = log_in_limited(request, email=wish.email, password=wish.password or "")
    elif wish.password is not None:
        raise InvalidRequest(details={"fields": [{"field": "body.email", "message": "belongs to the password"}]})
    if wish.team is not None:
        viewer = acting_for(deployment.database, viewer, team_id=wish.team)
    return token_for(deployment.database, viewer, label=wish.label, scope=wish.scope, now=now)


def token_for(database: Database, viewer: Viewer, *, label: str, scope: Scope | None, now: datetime) -> TokenMade:
    """A new token of the viewer, as the API answers it."""
    token = create_token(database, viewer, label=label, scope=scope, now=now)
    team = None
    if viewer.team_id is not None:
        team = TeamName(id=viewer.team_id, name=viewer.team_name or "")
    return TokenMade(id=token.id, label=token.label, scope=token.scope, token=token.secret, team=team)


@router.get("/tokens", summary="List your tokens", responses=person_errors())
def read_tokens(act: ActDep) -> TokenList:
    """Those that are good; by a token of the scope `submit`, itself and those it has made."""
    found = list_tokens(act.database, act.viewer)
    return TokenList(tokens=[TokenKept.model_validate(token, from_attributes=True) for token in found])


@router.delete(
    "/tokens/{token_id}",
    status_code=204,
    summary="Revoke one of your tokens",
    responses=person_errors(TokenNotFound),
)
def delete_token(token_id: ListedId, act: ActDep) -> None:
    """From the next request on it and all tokens that it has made are refused; it may be the one of this request.

    Invitations that were made with it stay good until they are revoked, too. A token of the scope `submit` revokes
    itself and those it has made alone.
    """
    revoke_token(act.database, act.viewer, token_id=token_id, now=act.now)
