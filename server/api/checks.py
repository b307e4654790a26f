"""Checking a file without account and quota."""

from __future__ import annotations

from typing import Literal

from fastapi import Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from server.api.errors import ErrorFacts, error_answers
from server.api.findings import FINDING_EXAMPLE, FindingFacts
from server.api.rounds import Slug
from server.api.submissions import FILE_BODY
from server.doors import DeploymentDep, ViewerDep, spend_check
from server.errors import (
    EmptyUpload,
    FindingsRefused,
    InvalidToken,
    RoundNotFound,
    ServerBusy,
    StorageFull,
    TooManyChecks,
    UploadStalled,
    UploadTooBig,
    status_of,
)
from server.routers import api_router
from server.services.checks import begin_check
from server.uploads import discarding, take_file

router = api_router("submissions")


class Predictions(BaseModel):
    """The file that was checked."""

    sha256: str = Field(description="Of the bytes as sent.")
    lines: int = Field(examples=[50_000])


class CheckedFile(BaseModel):
    """A file that the round would accept, perhaps with notices."""

    valid: Literal[True] = True
    round: str = Field(description="The round's slug.", examples=["ilsvrc2012-val"])
    predictions: Predictions
    findings: list[FindingFacts] = Field(description="Notices alone.")


class RefusedFile(BaseModel):
    """A file that the round would reject, with everything that is wrong about it."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                **FindingsRefused(details={"findings": [FINDING_EXAMPLE]}).as_json(),
                "findings": [FINDING_EXAMPLE],
            }
        }
    )
    error: ErrorFacts | None = Field(default=None, description="Its details hold the findings too.")
    findings: list[FindingFacts] = Field(default=[], description="Errors first, in the order of lines.")


def _answers() -> dict[int | str, dict[str, object]]:
    answers = error_answers(
        InvalidToken, RoundNotFound, UploadTooBig, UploadStalled, EmptyUpload, TooManyChecks, StorageFull, ServerBusy
    )
    examples = answers[422]["content"]["application/json"]["examples"]
    examples["invalid-predictions"] = {
        "summary": "The file has faults",
        "value": {
            **FindingsRefused(details={"findings": [FINDING_EXAMPLE]}).as_json(),
            "findings": [FINDING_EXAMPLE],
        },
    }
    answers[422]["model"] = RefusedFile
    return answers


@router.post(
    "/rounds/{slug}/check",
    response_model=CheckedFile,
    summary="Check a prediction file",
    responses=_answers(),
    openapi_extra=FILE_BODY,
)
async def check(
    *, request: Request, slug: Slug, viewer: ViewerDep, deployment: DeploymentDep
) -> CheckedFile | JSONResponse:
    """Validates a file as a submission would be, without account, quota or truth. The file is not kept."""
    spend_check(request, viewer)
    begun = await run_in_threadpool(begin_check, deployment, slug=slug, viewer=viewer)
    async with discarding(begun):
        await take_file(request, begun)
        result = await run_in_threadpool(begun.finish)
    if not result.is_valid:
        refused = FindingsRefused(details={"findings": result.findings})
        return JSONResponse({**refused.as_json(), "findings": result.findings}, status_code=status_of(refused))
    return CheckedFile(
        round=slug,
        predictions=Predictions(sha256=result.sha256, lines=result.lines),
        findings=[FindingFacts.model_validate(finding) for finding in result.findings],
    )
