"""Making a round by program: its folder as one archive, then its report, then the opening."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from server.api.errors import error_answers
from server.api.rounds import Slug
from server.auth.permissions import Action
from server.auth.viewer import Viewer
from server.deployment import Deployment
from server.doors import DeploymentDep, NowDep, PersonDep
from server.errors import (
    EmptyUpload,
    InvalidToken,
    NotAllowed,
    NotLoggedIn,
    RoundNotFound,
    ServerBusy,
    StorageFull,
    UploadStalled,
    UploadTooBig,
)
from server.organizing_errors import FaultyFolder, FolderTooHeavy, NotADraft, SelfTestFailed, SlugTaken
from server.services.draft_uploads import ARCHIVE, begin_draft
from server.services.drafts import forget_draft, open_draft
from server.services.organizing import organized_round
from server.uploads import discarding, take_file

router = APIRouter(tags=["organizing"])

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
    responses=error_answers(
        NotLoggedIn, InvalidToken, NotAllowed, SlugTaken, FaultyFolder, FolderTooHeavy, EmptyUpload, UploadTooBig,
        UploadStalled, StorageFull, ServerBusy,
    ),
    openapi_extra=_ARCHIVE_BODY,
)  # fmt: skip
async def draft_round(*, request: Request, person: PersonDep, deployment: DeploymentDep, now: NowDep) -> RoundReport:
    """Takes the round's folder, truth within, as a .zip, .tar or .tgz. Only its organizers see a draft; the same slug
    again replaces one's own."""
    upload = await run_in_threadpool(begin_draft, deployment, person)
    async with discarding(upload):
        await take_file(request, upload.take(ARCHIVE, "archive"))
        facts = await run_in_threadpool(upload.finish, {}, now=now)
    owner = replace(person, organized=person.organized | {facts.id})
    return await run_in_threadpool(_report, deployment, owner, facts.slug, now=now)


@router.get(
    "/rounds/{slug}/report",
    response_model=RoundReport,
    summary="Read a round's truth report and self-test",
    responses=error_answers(NotLoggedIn, InvalidToken, RoundNotFound),
)
def round_report(slug: Slug, person: PersonDep, *, deployment: DeploymentDep, now: NowDep) -> RoundReport:
    """For its organizers, before and after it opens."""
    return _report(deployment, person, slug, now=now)


@router.post(
    "/rounds/{slug}/open",
    response_model=RoundReport,
    summary="Open a draft",
    responses=error_answers(NotLoggedIn, InvalidToken, RoundNotFound, NotADraft, SelfTestFailed),
)
def open_round(
    slug: Slug,
    person: PersonDep,
    *,
    anyway: Annotated[bool, Query(description="Although the self-test found something.")] = False,
    deployment: DeploymentDep,
    now: NowDep,
) -> RoundReport:
    """Everybody whom its policy lets know of the round sees it then; its baselines are submitted."""
    open_draft(deployment, person, slug=slug, is_anyway=anyway, now=now)
    return _report(deployment, person, slug, now=now)


@router.delete(
    "/rounds/{slug}",
    status_code=204,
    summary="Delete a draft",
    responses=error_answers(NotLoggedIn, InvalidToken, RoundNotFound, NotADraft),
)
def forget_round(slug: Slug, person: PersonDep, *, deployment: DeploymentDep, now: NowDep) -> Response:
    """With everything that was sent for it; a round that is open stays."""
    forget_draft(deployment, person, slug=slug, now=now)
    return Response(status_code=204)


def _report(deployment: Deployment, viewer: Viewer, slug: str, *, now: datetime) -> RoundReport:
    with deployment.database.read() as session:
        row = organized_round(session, viewer, slug, action=Action.ORGANIZE_ROUND, now=now).row
        tried = [TriedFile.model_validate(one) for one in row.selftest or ()]
        return RoundReport(
            round=row.slug,
            is_draft=row.is_draft,
            truth_report=row.truth_report,
            is_right=not any(one.faults for one in tried),
            selftest=tried,
        )
