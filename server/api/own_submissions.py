"""What a team does with a submission of its own."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import StreamingResponse

from server.api.acts import ActDep, SubmissionId, TeamActDep, person_errors, team_errors
from server.db.tables import State
from server.downloads import file_answer
from server.errors import NotPossible, SubmissionNotFound
from server.services.own_submissions import choose_final, own_file, withdraw

router = APIRouter(tags=["submissions"])


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
