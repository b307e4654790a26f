"""What acts have in common: who acts, when, on which server; how any of them may fail; what some say and answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Path
from pydantic import BaseModel, ConfigDict, Field

from server.api.errors import error_answers
from server.auth.viewer import Viewer
from server.db.engine import Database
from server.deployment import Deployment
from server.doors import DeploymentDep, MemberDep, NowDep, PersonDep
from server.errors import InvalidToken, NoTeam, NotLoggedIn, RoundNotFound, ServerError
from server.people_errors import TokenTooNarrow


@dataclass(frozen=True, kw_only=True, slots=True)
class Act:
    """One request of somebody with an account."""

    viewer: Viewer
    deployment: Deployment
    now: datetime

    @property
    def database(self) -> Database:
        return self.deployment.database


async def _act(viewer: PersonDep, deployment: DeploymentDep, now: NowDep) -> Act:
    return Act(viewer=viewer, deployment=deployment, now=now)


async def _team_act(viewer: MemberDep, deployment: DeploymentDep, now: NowDep) -> Act:
    return Act(viewer=viewer, deployment=deployment, now=now)


ActDep = Annotated[Act, Depends(_act)]
TeamActDep = Annotated[Act, Depends(_team_act)]  # of somebody who acts for a team


def person_errors(*causes: type[ServerError]) -> dict[int | str, dict[str, Any]]:
    """The `responses` of what needs an account."""
    return error_answers(NotLoggedIn, InvalidToken, TokenTooNarrow, *causes)


def team_errors(*causes: type[ServerError]) -> dict[int | str, dict[str, Any]]:
    """The `responses` of what needs a team."""
    return person_errors(NoTeam, *causes)


def organizer_errors(*causes: type[ServerError]) -> dict[int | str, dict[str, Any]]:
    """The `responses` of what a round's organizers alone may do."""
    return person_errors(RoundNotFound, *causes)


def _number(description: str, *, example: int) -> Any:
    return Path(ge=1, le=2**62, examples=[example], description=description)


EntryId = Annotated[int, _number("As the board names it.", example=9)]
SubmissionId = Annotated[int, _number("As the upload answered it.", example=41)]
PersonId = Annotated[int, _number("As the list of organizers names them.", example=12)]
TeamId = Annotated[int, _number("The team's id.", example=5)]
ListedId = Annotated[int, _number("As the list names it.", example=3)]


class Words(BaseModel):
    """A text for others to read."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"text": "The deadline is extended by a week."}}
    )
    text: str = Field(max_length=20_000, description="In Markdown.")


class Made(BaseModel):
    """Something new."""

    id: int
