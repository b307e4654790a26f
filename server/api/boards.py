"""Boards, for programs."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Header, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from leaderboard.exports import board_document
from leaderboard.visibility import Split
from server.api.errors import error_answers
from server.api.rounds import Slug
from server.doors import DeploymentDep, NowDep, RankedBoardsDep, ViewerDep
from server.errors import InvalidToken, RoundNotFound
from server.routers import api_router

router = api_router("rounds")


class BoardMetric(BaseModel):
    """The figure that ranks."""

    name: str
    direction: Literal["lower is better", "higher is better"]


class BoardTruth(BaseModel):
    """The ground truth that the scores come from."""

    digest: str | None = Field(description="Tells versions of the truth apart; null while there is none.")
    is_sealed: bool = Field(
        description="Until the reveal of every round here of this truth, when the round tells its `truth_seal`: the "
        "digest itself would confirm guesses."
    )


class BoardRow(BaseModel):
    """One entry, by its best submission."""

    rank: int | None = Field(description="Ties share a rank: 1, 1, 3; null out of competition.")
    rank_interval: list[int] | None = Field(
        description="The ranks it may truly have, all rows' holding together at 95 %; null until they are computed."
    )
    team: str = Field(description="Not its name before the reveal, where the round or the entry is anonymous.")
    method: str
    track: str = Field(description="Ranked apart; empty where the round has no tracks.")
    entry: int
    submission: int = Field(description="The submission that stands for the row.")
    scores: dict[str, float | None] = Field(description="Exact values; null where undefined.")
    interval: list[float] | None = Field(description="95 % interval of the deciding score, where one is known.")
    submissions_spent: int = Field(
        description="By the whole team in this round; before the reveal, under its name, or for this row alone while"
        " it has none."
    )
    submitted_at: str = Field(description="UTC.")
    is_competing: bool
    is_baseline: bool = Field(description="The organizers' own.")
    disqualified_for: str | None = Field(description="The public reason.")
    links: dict[str, str] = Field(description="Addresses of the paper and of the code.")


class BoardDocument(BaseModel):
    """The ranking of a round."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "round": "ilsvrc2012-val",
                "task": "cls",
                "metric": {"name": "top5_error", "direction": "lower is better"},
                "truth": {"digest": "5f0c2d8f7a1b4e6c", "is_sealed": True},
                "split": "all",
                "resolvable_difference": 0.0021,
                "entries": [
                    {
                        "rank": 1,
                        "rank_interval": [1, 3],
                        "team": "University Vision",
                        "method": "ResNet-50",
                        "track": "provided",
                        "entry": 9,
                        "submission": 41,
                        "scores": {"top1_error": 0.2387, "top5_error": 0.0713},
                        "interval": [0.0690, 0.0736],
                        "submissions_spent": 11,
                        "submitted_at": "2026-12-01T09:30:00Z",
                        "is_competing": True,
                        "is_baseline": False,
                        "disqualified_for": None,
                        "links": {"code": "https://example.org/code"},
                    }
                ],
            }
        }
    )
    round: str
    task: str
    metric: BoardMetric
    truth: BoardTruth
    split: Split = Field(description="Of which images the scores are.")
    resolvable_difference: float | None = Field(
        description="The difference between two such entries that is found four times in five; null until computed."
    )
    entries: list[BoardRow]


@router.get(
    "/rounds/{slug}/board",
    response_model=BoardDocument,
    summary="Read a round's board",
    responses={
        **error_answers(RoundNotFound, InvalidToken),
        304: {"description": "Nothing has changed since the ETag that was sent."},
    },
)
def read_board(
    *,
    slug: Slug,
    viewer: ViewerDep,
    deployment: DeploymentDep,
    boards: RankedBoardsDep,
    now: NowDep,
    response: Response,
    split: Annotated[Split | None, Query(description="Of other images, where you may see their scores.")] = None,
    if_none_match: Annotated[str | None, Header(description="The ETag of an earlier answer.")] = None,
) -> object:
    """Ranked by the round's metric at this moment. Repeat it with the ETag to learn cheaply whether it changed."""
    with deployment.database.read() as session:
        answer = boards.at(deployment, session, slug=slug, viewer=viewer, now=now, split=split)
    headers = {"ETag": answer.etag, "Cache-Control": "private, no-cache"}
    if if_none_match is not None and answer.etag in if_none_match:
        return Response(status_code=304, headers=headers)
    response.headers.update(headers)
    return board_document(answer.board)
