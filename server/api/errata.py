"""Corrections of a round's truth, and scores made again, for its organizers' programs."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from server.api.acts import ActDep, organizer_errors
from server.api.rounds import Slug
from server.errors import (
    EmptyUpload,
    ErratumNotReady,
    ErratumReplaced,
    ServerBusy,
    StorageFull,
    SubmissionNotFound,
    UploadStalled,
    UploadTooBig,
)
from server.organizing_errors import FaultyTruth, InvalidText, PolicyRefused, TruthOvertaken
from server.routers import api_router
from server.services.erratum_uploads import begin_erratum
from server.services.organized_errata import ErratumAffairs, errata_of, forget_erratum, show_erratum
from server.services.rescoring_wishes import rescore, retry_erratum
from server.uploads import discarding, take_file

router = api_router("organizing")

_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "The corrected truth: as the raw body, or as `file` in a form.",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


class PreparedTruth(BaseModel):
    """A corrected truth, against which everything is scored from now on."""

    version: int = Field(examples=[2])
    digest: str = Field(description="Of the parsed truth.")
    changed_images: list[int] = Field(description="Indices.", examples=[[17, 403]])


class MoveFacts(BaseModel):
    """What the correction does to one row of a board."""

    split: str = Field(description="Of which images the board's scores are: all, or where it has halves, of each.")
    team: str
    method: str
    rank_before: int | None
    rank_after: int | None
    score_before: float | None
    score_after: float | None
    is_scored: bool = Field(description="Whether anything of it is, against the corrected truth; else it would leave.")


class FailureOfRescoring(BaseModel):
    """A submission that could not be scored again."""

    submission: int
    team: str
    method: str
    attempts: int
    failure: str


class ErratumState(BaseModel):
    """The correction in preparation."""

    version: int = Field(examples=[2])
    digest: str
    note: str
    waiting: int = Field(description="Submissions not scored against it yet, failures included.")
    given_up: int = Field(description="Of those that wait, what could not be scored: see `without_failures`.")
    failures: list[FailureOfRescoring] = Field(description="Those, and what could not be scored again as it is shown.")
    moves: list[MoveFacts] = Field(
        description="Every row of the board, in the order they would have; of a round with a public and a private half,"
        " of both boards."
    )


class Showing(BaseModel):
    """Which correction is shown, and what everybody is told."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"version": 2, "note": "Image 17 shows class 4."}}
    )
    version: int | None = Field(
        default=None,
        description="That was previewed: where another one is in preparation, nothing is shown. Null: whichever is.",
    )
    note: str = Field(default="", max_length=5_000, description="2,000 characters at most. Empty: as given before.")
    without_failures: bool = Field(
        default=False,
        description="Show it though some submissions could not be scored, after all attempts: they leave the board"
        " until they can be, and the note names them.",
    )


class ShownTruth(BaseModel):
    """The version that the board shows."""

    version: int = Field(examples=[2])


class Wanted(BaseModel):
    """Which submissions to score again."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"submissions": [41, 43]}})
    submissions: list[Annotated[int, Field(ge=1, le=2**62)]] | None = Field(
        default=None, max_length=100_000, description="Null: all that have a score."
    )


class Count(BaseModel):
    """How many submissions are scored again."""

    submissions: int


@router.post(
    "/rounds/{slug}/erratum",
    status_code=201,
    summary="Prepare a corrected truth",
    responses=organizer_errors(
        FaultyTruth, PolicyRefused, InvalidText, ErratumNotReady, TruthOvertaken, UploadTooBig, UploadStalled,
        EmptyUpload, StorageFull, ServerBusy,
    ),
    openapi_extra=_BODY,
)  # fmt: skip
async def prepare_correction(
    *,
    request: Request,
    slug: Slug,
    act: ActDep,
    part: Annotated[
        str,
        Query(description="folder: an archive of a round's folder, or of files of its truth; changes; or labels, ..."),
    ] = "folder",
    note: Annotated[str, Query(max_length=5_000, description="Public, once shown; 2,000 characters at most.")] = "",
    file_name: Annotated[str, Query(max_length=1000, description="Its ending tells the kind; of a raw body.")] = "",
) -> PreparedTruth:
    """Everything is scored against it meanwhile; nothing moves before it is shown. One prepared before gives way."""
    upload = await run_in_threadpool(begin_erratum, act.deployment, act.viewer, slug=slug, now=act.now)
    async with discarding(upload):
        sent = await take_file(request, upload)
        made = await run_in_threadpool(
            upload.finish,
            part=sent.fields.get("part", part),
            file_name=sent.file_name or file_name,
            note=sent.fields.get("note", note),
            now=act.now,
        )
    return PreparedTruth(version=made.number, digest=made.digest, changed_images=list(made.changed))


@router.get(
    "/rounds/{slug}/erratum",
    summary="Preview a correction: who would move",
    responses=organizer_errors(ErratumNotReady),
)
def preview_correction(slug: Slug, act: ActDep) -> ErratumState:
    """As far as everything is scored."""
    attempts = act.deployment.settings.max_attempts
    with act.database.read() as session:
        affairs = errata_of(session, act.viewer, slug=slug, max_attempts=attempts, now=act.now)
    return erratum_state(affairs)


def erratum_state(affairs: ErratumAffairs) -> ErratumState:
    """The correction in preparation, for programs.

    Raises:
        ErratumNotReady: there is none.
    """
    if affairs.preview is None:
        raise ErratumNotReady("No corrected truth is in preparation.", advice="Prepare one first.")
    found = affairs.preview
    return ErratumState(
        version=found.number,
        digest=found.digest,
        note=found.note,
        waiting=found.waiting,
        given_up=len(affairs.given_up),
        failures=[
            FailureOfRescoring(
                submission=one.submission_id,
                team=one.team,
                method=one.method,
                attempts=one.attempts,
                failure=one.failure,
            )
            for one in affairs.failures
        ],
        moves=[MoveFacts.model_validate(move, from_attributes=True) for move in found.moves],
    )


@router.post(
    "/rounds/{slug}/erratum/show",
    summary="Show a correction",
    responses=organizer_errors(ErratumNotReady, ErratumReplaced, InvalidText),
)
def show_correction(slug: Slug, wanted: Showing, act: ActDep) -> ShownTruth:
    """In one transaction, once everything is scored against it; both scores are kept, and teams are told."""
    number = show_erratum(
        act.deployment, act.viewer, slug=slug, note=wanted.note, number=wanted.version,
        leaves_failures=wanted.without_failures, now=act.now,
    )  # fmt: skip
    return ShownTruth(version=number)


@router.post(
    "/rounds/{slug}/erratum/retry",
    summary="Try again what could not be scored again",
    responses=organizer_errors(),
)
def retry_correction(slug: Slug, act: ActDep) -> Count:
    """With all attempts before them."""
    return Count(submissions=retry_erratum(act.deployment, act.viewer, slug=slug, now=act.now))


@router.delete(
    "/rounds/{slug}/erratum",
    status_code=204,
    summary="Give a correction up",
    responses=organizer_errors(ErratumNotReady, ErratumReplaced),
)
def forget_correction(
    slug: Slug,
    act: ActDep,
    version: Annotated[int | None, Query(description="Only if it is this one. Absent: whichever is prepared.")] = None,
) -> None:
    """One that was never shown."""
    forget_erratum(act.database, act.viewer, slug=slug, number=version, now=act.now)


@router.post(
    "/rounds/{slug}/rescore", summary="Score submissions again", responses=organizer_errors(SubmissionNotFound)
)
def score_again(slug: Slug, wanted: Wanted, act: ActDep) -> Count:
    """One, some or all; each keeps its score until the new one is there.

    Those that failed or ended as an error are queued again where they are named: scored, they count in the quota of the
    day they were sent, above the limit if their team has used the place since.
    """
    return Count(
        submissions=rescore(act.deployment, act.viewer, slug=slug, submission_ids=wanted.submissions, now=act.now)
    )
