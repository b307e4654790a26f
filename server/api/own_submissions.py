"""What a team does with a submission or a method of its own."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import StreamingResponse

from server.api.acts import ActDep, EntryId, SubmissionId, TeamActDep, person_errors, team_errors
from server.db.tables import State
from server.downloads import file_answer
from server.errors import InvalidDetail, NotPossible, SubmissionNotFound
from server.organizing_errors import EntryNotFound, InvalidText
from server.routers import api_router
from server.services.entry_details import read_details
from server.services.own_entries import describe_entry
from server.services.own_submissions import choose_final, own_file, withdraw

router = api_router("submissions")


class Withdrawn(BaseModel):
    """A submission that no longer stands for its entry."""

    id: int
    state: State = Field(description="cancelled, where it had not been scored yet; else scored.")


class Choice(BaseModel):
    """Whether a submission is to stand for its team at the reveal."""

    model_config = ConfigDict(json_schema_extra={"example": {"is_final": True}})
    is_final: bool


class Chosen(Choice):
    """The choice, and what the team has chosen beside it."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"is_final": True, "track": "", "may_choose": 2, "chosen": [41]}}
    )
    track: str = Field(description="Of the submission's entry; empty where the round has no tracks.")
    may_choose: int = Field(description="How many the team may choose, in each track.")
    chosen: list[int] = Field(description="The submissions chosen now; where there are none, the best counts.")


class Details(BaseModel):
    """What to say of a method from now on; what is left out stays as it is."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"paper": "https://example.org/paper"}})
    description: str | None = Field(default=None, max_length=20_000, description="In plain text; empty takes it back.")
    paper: str | None = Field(default=None, max_length=20_000, description="An address; empty takes it back.")
    code: str | None = Field(default=None, max_length=20_000, description="An address; empty takes it back.")
    anonymous: bool | None = Field(default=None, description="Do not name the team before the reveal.")
    not_competing: bool | None = Field(default=None, description="Show the method without a rank.")


class Described(BaseModel):
    """A method as its team has described it."""

    id: int
    round: str = Field(description="The round's slug.")
    method: str
    track: str = Field(description="Empty where the round has no tracks.")
    description: str
    paper: str
    code: str
    anonymous: bool
    not_competing: bool


@router.patch(
    "/entries/{entry_id}",
    summary="Describe a method that was sent",
    responses=team_errors(EntryNotFound, NotPossible, InvalidDetail, InvalidText),
)
def describe(entry_id: EntryId, said: Details, act: TeamActDep) -> Described:
    """The description and the links may change after the close, too; the rest is settled then, or when disqualified.

    With nothing to change, it tells how the method is described.
    """
    texts = {name: str(value) for name, value in said.model_dump(exclude_none=True).items()}
    now = describe_entry(act.database, act.viewer, entry_id=entry_id, details=read_details(texts), now=act.now)
    return Described(
        id=entry_id,
        round=now.round_slug,
        method=now.method,
        track=now.track,
        description=now.description,
        paper=now.paper_url,
        code=now.code_url,
        anonymous=now.is_anonymous,
        not_competing=not now.is_competing,
    )


@router.post(
    "/submissions/{submission_id}/withdraw",
    summary="Withdraw a submission",
    responses=team_errors(SubmissionNotFound, NotPossible),
)
def withdraw_submission(submission_id: SubmissionId, act: TeamActDep) -> Withdrawn:
    """Off the board for good, its place in the quota spent; or out of the queue, its place given back.

    Not of a disqualified entry: its row stays with the reason.
    """
    return Withdrawn(id=submission_id, state=withdraw(act.deployment, act.viewer, submission_id, now=act.now))


@router.post(
    "/submissions/{submission_id}/final",
    summary="Choose a submission for the final ranking",
    responses=team_errors(SubmissionNotFound, NotPossible),
)
def choose_submission(submission_id: SubmissionId, choice: Choice, act: TeamActDep) -> Chosen:
    """In rounds whose policy lets teams choose; the choice can be taken back until the close.

    At the reveal the best of those chosen counts; where none is chosen, the best by the scores that the team saw.
    """
    now = choose_final(act.deployment, act.viewer, submission_id, is_final=choice.is_final, now=act.now)
    return Chosen(is_final=choice.is_final, track=now.track, may_choose=now.may_choose, chosen=list(now.chosen))


@router.get(
    "/submissions/{submission_id}/file",
    summary="Read a submission's file again",
    response_class=StreamingResponse,
    responses={
        **person_errors(SubmissionNotFound),
        200: {"content": {"application/octet-stream": {}}, "description": "The bytes as they were sent."},
    },
)
def read_file(submission_id: SubmissionId, act: ActDep) -> StreamingResponse:
    """The bytes as they were sent, for their team."""
    return file_answer(own_file(act.deployment, act.viewer, submission_id, now=act.now))
