"""One's own account: what it is, which mail it gets, everything the server keeps of it, and its end."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field

from server.api.accounts import TeamName, TokenScope
from server.api.acts import Act, ActDep, person_errors
from server.doors import confirm_password, spend_mail
from server.errors import TooManyTries, WrongLogin
from server.people_errors import LastOrganizer
from server.routers import api_router
from server.services.account_settings import account_facts, choose_mail, delete_account
from server.services.mail_kinds import OPTIONAL_KINDS, MailKind
from server.services.memberships import list_teams
from server.services.personal_export import export_person
from server.services.verification import address_to_verify, ask_again

router = api_router("accounts")

OptionalKind = Literal[
    MailKind.FAILURE, MailKind.ERRATUM, MailKind.DEADLINE, MailKind.ANNOUNCEMENT, MailKind.ALERT
]  # fmt: skip


class MailChoice(BaseModel):
    """Which of the kinds of mail that one may do without are wanted."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"wanted": ["failure", "erratum"]}})
    wanted: list[OptionalKind] = Field(
        max_length=100, description="Any of failure, erratum, deadline, announcement, alert; the others are not sent."
    )


class AccountShown(BaseModel):
    """An account, to its owner."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "name": "Vision Group",
                "email": "group@university.example",
                "is_verified": True,
                "created_at": "2026-11-20T12:00:00Z",
                "mail": {"wanted": ["failure", "erratum"]},
                "team": {"id": 5, "name": "University Vision"},
                "teams": [{"id": 5, "name": "University Vision"}],
                "token_id": 13,
                "scope": "account",
            }
        }
    )
    name: str
    email: str
    is_verified: bool = Field(description="Whether a mail to the address was answered.")
    created_at: datetime
    mail: MailChoice
    team: TeamName | None = Field(description="The one you act for; null where you are in none.")
    teams: list[TeamName] = Field(description="All you are in, in the order you joined.")
    token_id: int | None = Field(description="Of the token this request came with; null where it came with none.")
    scope: TokenScope


class PersonalData(BaseModel):
    """Everything the server keeps of you."""

    exported_at: datetime
    person: dict[str, Any] = Field(description="Name, e-mail, when it was verified, mail you do not want.")
    teams: list[dict[str, Any]] = Field(
        description="With their methods, submissions, questions, reports and appeals; scores as far as your team may "
        "see them."
    )
    teams_left: list[dict[str, Any]] = Field(
        description="And until when you were in them; those your address left before this account once it is verified."
    )
    tokens: list[dict[str, Any]] = Field(description="Labels, and when they were made and used.")
    sessions: list[dict[str, Any]] = Field(description="Browsers you are logged in with.")
    mail: list[dict[str, Any]] = Field(description="Sent to you; not what it said, which may open your account.")
    expected_in: list[dict[str, Any]] = Field(description="Rounds whose roster has your verified address.")
    announcements: list[dict[str, Any]] = Field(description="That you have made.")
    rules_accepted: list[dict[str, Any]] = Field(description="Of which round, which version, when.")
    events: list[dict[str, Any]] = Field(description="What you have done.")


class Password(BaseModel):
    """Your word that it is you."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"password": "four words in a row"}})
    password: str = Field(max_length=10_000, description="Of your account, once more.")


@router.get("/account", summary="Read your own account", responses=person_errors())
def read_account(act: ActDep) -> AccountShown:
    """Who you are here, for which team you act, and which mail you get."""
    return _shown(act)


@router.put("/account/mail", summary="Choose which mail you get", responses=person_errors())
def choose_my_mail(choice: MailChoice, act: ActDep) -> AccountShown:
    """Mail that holds a link you asked for is sent all the same."""
    choose_mail(act.database, act.viewer, wanted=choice.wanted, now=act.now)
    return _shown(act)


@router.post(
    "/account/verification",
    status_code=204,
    summary="Have the mail sent again that verifies your address",
    responses=person_errors(TooManyTries),
)
def verify_again(request: Request, act: ActDep) -> None:
    """Its link is opened in a browser. Nothing is sent where the address is verified."""
    spend_mail(request, address_to_verify(act.database, act.viewer))
    ask_again(act.database, act.viewer, now=act.now)


@router.get("/account/export", summary="Export everything of your own", responses=person_errors())
def export_account(act: ActDep) -> PersonalData:
    """Files are read one by one from `GET /submissions/{submission_id}/file`. A token sees its own team alone."""
    return PersonalData.model_validate(export_person(act.database, act.viewer, now=act.now))


@router.post(
    "/account/deletion",
    status_code=204,
    summary="Delete your account",
    responses=person_errors(WrongLogin, TooManyTries, LastOrganizer),
)
def delete_my_account(request: Request, word: Password, act: ActDep) -> None:
    """For good: name, address, tokens and memberships go; what your teams have sent stays theirs.

    A keyed hash of the address stays until the last round closes in which they take part: who signs up with the address
    meanwhile gets no second quota.
    """
    confirm_password(request, act.viewer, word.password)
    delete_account(act.database, act.viewer, now=act.now)


def _shown(act: Act) -> AccountShown:
    facts, viewer = account_facts(act.database, act.viewer), act.viewer
    return AccountShown(
        name=facts.name,
        email=facts.email,
        is_verified=facts.email_verified_at is not None,
        created_at=facts.created_at,
        mail=MailChoice(wanted=[kind for kind in OPTIONAL_KINDS if kind not in facts.unwanted_mail]),
        team=None if viewer.team_id is None else TeamName(id=viewer.team_id, name=viewer.team_name or ""),
        teams=[TeamName(id=team.id, name=team.name) for team in list_teams(act.database, viewer)],
        token_id=viewer.token_id,
        scope=viewer.scope,
    )
