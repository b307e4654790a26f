"""Making a round by program: its folder as one archive, then its report, then the opening."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any

from fastapi import Query, Request
from pydantic import BaseModel, Field
from sqlmodel import Session
from starlette.concurrency import run_in_threadpool

from server.api.acts import Act, ActDep, organizer_errors, person_errors
from server.api.rounds import Slug
from server.auth.permissions import Action
from server.auth.viewer import Viewer
from server.errors import (
    EmptyUpload,
    NotAllowed,
    ServerBusy,
    StorageFull,
    UploadStalled,
    UploadTooBig,
)
from server.organizing_errors import FaultyFolder, FolderTooHeavy, NotADraft, SelfTestFailed, SlugReserved, SlugTaken
from server.routers import api_router
from server.services.draft_uploads import ARCHIVE, begin_draft
from server.services.drafts import forget_draft, open_draft
from server.services.organizing import organized_round
from server.uploads import discarding, take_file

router = api_router("organizing")

_ARCHIVE_BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


class TriedFile(BaseModel):
    """A file of the self-test."""

    name: str = Field(examples=["perfect"])
    scores: dict[str, float | None] = Field(examples=[{"top5_error": 0.0}])
    faults: list[str] = Field(description="Empty: it scores as it must.")


class RoundReport(BaseModel):
    """What an organizer looks at before a round opens."""

    round: str = Field(description="The round's slug.", examples=["ilsvrc2012-val"])
    is_draft: bool
    truth_report: dict[str, Any] | None = Field(description="Counts of objects, classes, repeated and missing ones.")
    is_right: bool = Field(description="Whether every file of the self-test scores as it must.")
    selftest: list[TriedFile] = Field(description="Of a round that was drafted here.")


@router.post(
    "/rounds",
    status_code=201,
    response_model=RoundReport,
    summary="Make a draft of a round",
    responses=person_errors(
        NotAllowed, SlugTaken, SlugReserved, FaultyFolder, FolderTooHeavy, EmptyUpload, UploadTooBig, UploadStalled,
        StorageFull, ServerBusy,
    ),
    openapi_extra=_ARCHIVE_BODY,
)  # fmt: skip
async def draft_round(request: Request, act: ActDep) -> RoundReport:
    """Takes the round's folder, truth within, as a .zip, .tar or .tgz. Only its organizers see a draft; the same slug
    again replaces one's own."""
    upload = await run_in_threadpool(begin_draft, act.deployment, act.viewer)
    async with discarding(upload):
        await take_file(request, upload.take(ARCHIVE, "archive"))
        facts = await run_in_threadpool(upload.finish, {}, now=act.now)
    owner = replace(act.viewer, organized=act.viewer.organized | {facts.id})
    return await run_in_threadpool(_report, replace(act, viewer=owner), facts.slug)


@router.get(
    "/rounds/{slug}/report",
    response_model=RoundReport,
    summary="Read a round's truth report and self-test",
    responses=organizer_errors(),
)
def round_report(slug: Slug, act: ActDep) -> RoundReport:
    """For its organizers, before and after it opens."""
    return _report(act, slug)


@router.post(
    "/rounds/{slug}/open",
    response_model=RoundReport,
    summary="Open a draft",
    responses=organizer_errors(NotADraft, SelfTestFailed),
)
def open_round(
    slug: Slug,
    act: ActDep,
    anyway: Annotated[bool, Query(description="Although the self-test found something.")] = False,
) -> RoundReport:
    """Everybody whom its policy lets know of the round sees it then; its baselines are submitted."""
    open_draft(act.deployment, act.viewer, slug=slug, is_anyway=anyway, now=act.now)
    return _report(act, slug)


@router.delete(
    "/rounds/{slug}",
    status_code=204,
    summary="Delete a draft",
    responses=organizer_errors(NotADraft),
)
def forget_round(slug: Slug, act: ActDep) -> None:
    """With everything that was sent for it; a round that is open stays."""
    forget_draft(act.deployment, act.viewer, slug=slug, now=act.now)


def _report(act: Act, slug: str) -> RoundReport:
    with act.database.read() as session:
        return report_of(session, act.viewer, slug=slug, now=act.now)


def report_of(session: Session, viewer: Viewer, *, slug: str, now: datetime) -> RoundReport:
    """The report of a round.

    Raises:
        NotLoggedIn, RoundNotFound: it is not theirs.
    """
    row = organized_round(session, viewer, slug, action=Action.ORGANIZE_ROUND, now=now).row
    tried = [TriedFile.model_validate(one) for one in row.selftest or ()]
    return RoundReport(
        round=row.slug,
        is_draft=row.is_draft,
        truth_report=row.truth_report,
        is_right=not any(one.faults for one in tried),
        selftest=tried,
    )
