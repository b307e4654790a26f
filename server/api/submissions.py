"""Submissions: sent, followed, listed."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Header, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from server.api.errors import error_answers
from server.api.findings import FINDING_EXAMPLE, FindingFacts
from server.api.quotas import Quota, quota_facts
from server.api.rounds import Slug
from server.db.tables import State
from server.doors import DeploymentDep, MemberDep, NowDep, PersonDep
from server.errors import (
    DuplicateFile,
    EmptyUpload,
    IdempotencyConflict,
    InvalidDetail,
    InvalidName,
    InvalidRequest,
    InvalidToken,
    NoTeam,
    NotLoggedIn,
    NotPossible,
    QuotaSpent,
    RoundClosed,
    RoundNotFound,
    RoundNotOpenYet,
    StorageFull,
    SubmissionNotFound,
    TooManyOpen,
    TooManyRejected,
    UploadStalled,
    UploadTooBig,
)
from server.organizing_errors import InvalidText, NotAdmitted
from server.people_errors import EmailNotVerified, RulesNotAccepted, SecondTeam, TeamsFrozen
from server.routers import api_router
from server.services.earlier_scores import EarlierScores
from server.services.entry_details import read_details
from server.services.receiving import Receipt, begin_team_upload
from server.services.submissions import SubmissionFacts, submission_facts, submissions_of_team
from server.uploads import discarding, take_file

router = api_router("submissions")

# Keys are made by clients; a UUID has 36 characters.
MAX_KEY_CHARACTERS = 200

MAX_LISTED = 200

_SHA256_EXAMPLE = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

FILE_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "The prediction file: as the raw body, or as `file` in a form.",
        "content": {
            "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "file": {"type": "string", "format": "binary"},
                        "method": {"type": "string", "description": "Instead of the query's."},
                    },
                }
            },
        },
    }
}


class Accepted(BaseModel):
    """A submission that the server has taken and will finish."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 41,
                "state": "queued",
                "sha256": _SHA256_EXAMPLE,
                "queue_position": 3,
                "quota": {
                    "per_day": 2,
                    "spent_today": 1,
                    "per_week": None,
                    "spent_this_week": 4,
                    "total": 30,
                    "spent_total": 11,
                    "remaining": 1,
                    "resets_at": "2026-12-02T00:00:00Z",
                },
                "rules_accepted": None,
            }
        }
    )
    id: int
    state: State
    sha256: str = Field(description="Of the bytes as sent.")
    queue_position: int | None = Field(description="1 is next; null once it runs.")
    quota: Quota
    rules_accepted: str | None = Field(
        description="The round's `rules_digest` where this call was your acceptance of them; else null."
    )


class EntryFacts(BaseModel):
    """The method a submission was sent for."""

    id: int
    team: str = Field(examples=["University Vision"])
    method: str = Field(examples=["ResNet-50"])
    track: str = Field(description="Ranked apart; empty where the round has no tracks.", examples=["provided"])
    disqualified_for: str | None = Field(description="The public reason; null while the entry is ranked.")


class FailureFacts(BaseModel):
    """Why a submission ended without a score although its file was not refused."""

    code: str
    message: str
    advice: str


class EarlierScoreFacts(BaseModel):
    """What a submission scored before the ground truth was corrected."""

    version: int = Field(description="Of the truth, from 1.")
    truth_digest: str = Field(description="Sealed as long as that of the board.")
    corrected_at: datetime = Field(description="When the next version took its place.")
    note: str = Field(description="What is said in public of that correction.")
    scores: dict[str, float | None]


class SubmissionState(BaseModel):
    """A submission and how far it is."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 41,
                "round": "ilsvrc2012-val",
                "metric": "top5_error",
                "entry": {
                    "id": 9,
                    "team": "University Vision",
                    "method": "ResNet-50",
                    "track": "",
                    "disqualified_for": None,
                },
                "state": "rejected",
                "queue_position": None,
                "findings": [FINDING_EXAMPLE],
                "scores": None,
                "split": "public",
                "scores_by_split": {},
                "is_final": False,
                "withdrawn_at": None,
                "failure": None,
                "file_name": "predictions.txt.gz",
                "sha256": _SHA256_EXAMPLE,
                "size_bytes": 402_113,
                "created_at": "2026-12-01T09:30:00Z",
                "finished_at": "2026-12-01T09:30:02Z",
            }
        }
    )
    id: int
    round: str = Field(description="The round's slug.")
    metric: str = Field(description="The metric that decides in this round: a key of `scores`.")
    entry: EntryFacts
    state: State
    queue_position: int | None = Field(description="1 is next; null unless queued.")
    findings: list[FindingFacts] = Field(description="Empty in lists.")
    scores: dict[str, float | None] | None = Field(
        description="Null until scored; a single score is null where it is undefined."
    )
    split: str = Field(description="Of which images `scores` are: public until the reveal, then private; or all.")
    scores_by_split: dict[str, dict[str, float | None]] = Field(
        description="Of every split that you may see now: public, private, all."
    )
    is_final: bool = Field(description="Chosen to stand for its team, where the round lets teams choose.")
    withdrawn_at: datetime | None = Field(description="Since when it is off the board for good; null: it is not.")
    earlier_scores: list[EarlierScoreFacts] = Field(
        default=[], description="Before corrections of the truth, the latest first; empty in lists."
    )
    counts: dict[str, int] | None = Field(default=None, description="After the close of the round only.")
    per_class: list[dict[str, Any]] | None = Field(default=None, description="After the close of the round only.")
    failure: FailureFacts | None
    file_name: str
    sha256: str
    size_bytes: int
    created_at: datetime
    finished_at: datetime | None


class SubmissionList(BaseModel):
    """Submissions of your team, newest first."""

    submissions: list[SubmissionState]


def _said_of_method(
    *,
    track: Annotated[str | None, Query(description="Of a new method, where the round has tracks.")] = None,
    description: Annotated[str | None, Query(description="Of the method, in plain text.")] = None,
    paper: Annotated[str | None, Query(description="The address of the paper.")] = None,
    code: Annotated[str | None, Query(description="The address of the code.")] = None,
    anonymous: Annotated[str | None, Query(description="true: do not name the team before the reveal.")] = None,
    not_competing: Annotated[str | None, Query(description="true: show the method without a rank.")] = None,
) -> dict[str, str]:
    """What the query says of the method, by name."""
    said = {
        "track": track, "description": description, "paper": paper, "code": code, "anonymous": anonymous,
        "not_competing": not_competing,
    }  # fmt: skip
    return {name: text for name, text in said.items() if text is not None}


SaidDep = Annotated[dict[str, str], Depends(_said_of_method)]


@router.post(
    "/rounds/{slug}/submissions",
    status_code=201,
    summary="Submit a prediction file",
    responses=error_answers(
        NotLoggedIn, InvalidToken, NoTeam, RoundNotFound, RoundNotOpenYet, RoundClosed, NotAdmitted, UploadTooBig,
        UploadStalled, EmptyUpload, InvalidName, InvalidDetail, InvalidText, NotPossible, DuplicateFile,
        IdempotencyConflict, QuotaSpent, TooManyOpen, TooManyRejected, RulesNotAccepted, TeamsFrozen, SecondTeam,
        EmailNotVerified, StorageFull,
    ),
    openapi_extra=FILE_BODY,
)  # fmt: skip
async def submit(
    *,
    request: Request,
    slug: Slug,
    member: MemberDep,
    deployment: DeploymentDep,
    now: NowDep,
    said: SaidDep,
    method: Annotated[str | None, Query(description="The method's name: a row of the board.")] = None,
    again: Annotated[bool, Query(description="Take the file although your team has sent it before.")] = False,
    file_name: Annotated[str, Query(max_length=1000, description="Shown on the submission; of a raw body.")] = "",
    accept_rules: Annotated[
        str | None,
        Query(description="The `rules_digest` of the round as you have read it; refused where another is in force."),
    ] = None,
    idempotency_key: Annotated[
        str | None,
        Header(
            alias="Idempotency-Key",
            min_length=1,
            max_length=MAX_KEY_CHARACTERS,
            description="The same key makes it the same submission.",
        ),
    ] = None,
) -> Accepted:
    """Answers once the file is on the disk and its row is committed: from then on it will be finished.

    Whether the round is open is decided by the moment the upload starts; it may take two hours. Faults inside the
    file are found later: the submission is then rejected, and costs nothing. Where the round has rules or terms, the
    call accepts the version in force, and this is recorded once for each version.
    """
    upload = await run_in_threadpool(
        begin_team_upload,
        deployment,
        member,
        slug=slug,
        now=now,
        idempotency_key=idempotency_key,
    )
    async with discarding(upload):
        sent = await take_file(request, upload)
        wanted = method if method is not None else sent.fields.get("method")
        if wanted is None:
            raise InvalidRequest(details={"fields": [{"field": "query.method", "message": "Field required"}]})
        receipt = await run_in_threadpool(
            upload.finish,
            details=read_details(said | sent.fields),
            method=wanted,
            file_name=sent.file_name or file_name,
            accepted_rules=sent.fields.get("accept_rules", accept_rules),
            again=again or sent.fields.get("again", "").lower() in {"1", "on", "true", "yes"},
            now=now,
        )
    return _accepted(receipt)


@router.get(
    "/submissions",
    response_model_exclude_unset=True,
    summary="List your team's submissions",
    responses=error_answers(NotLoggedIn, InvalidToken, NoTeam, RoundNotFound),
)
def read_submissions(
    member: MemberDep,
    deployment: DeploymentDep,
    now: NowDep,
    slug: Annotated[str | None, Query(alias="round", max_length=200, description="Of one round only.")] = None,
) -> SubmissionList:
    """Newest first, at most 200, without their findings."""
    assert member.team_id is not None  # noqa: S101 - a type narrowing
    with deployment.database.read() as session:
        found = submissions_of_team(
            session, team_id=member.team_id, viewer=member, now=now, slug=slug, limit=MAX_LISTED
        )
    return SubmissionList(submissions=[_state(facts) for facts in found])


@router.get(
    "/submissions/{submission_id}",
    response_model_exclude_unset=True,
    summary="Follow one submission",
    responses=error_answers(NotLoggedIn, InvalidToken, SubmissionNotFound),
)
def read_submission(
    submission_id: Annotated[int, Path(ge=1, le=2**62, examples=[41], description="As the upload answered it.")],
    viewer: PersonDep,
    deployment: DeploymentDep,
    now: NowDep,
) -> SubmissionState:
    """State, findings and the scores you may see. Those of other teams are not found."""
    with deployment.database.read() as session:
        return _state(submission_facts(session, submission_id, viewer=viewer, now=now))


def _accepted(receipt: Receipt) -> Accepted:
    return Accepted(
        id=receipt.id,
        state=State(receipt.state),
        sha256=receipt.sha256,
        queue_position=receipt.queue_position,
        quota=quota_facts(receipt.quota),
        rules_accepted=receipt.rules_accepted,
    )


def _earlier(one: EarlierScores, split: str) -> EarlierScoreFacts:
    return EarlierScoreFacts(
        version=one.version,
        truth_digest=one.truth_digest,
        corrected_at=one.corrected_at,
        note=one.note,
        scores=dict(one.by_split[split]),
    )


def _state(facts: SubmissionFacts) -> SubmissionState:
    failure = facts.failure
    state = SubmissionState(
        id=facts.id,
        round=facts.round_slug,
        metric=facts.metric,
        entry=EntryFacts(
            id=facts.entry_id,
            team=facts.team,
            method=facts.method,
            track=facts.track,
            disqualified_for=facts.disqualified_for or None,
        ),
        state=State(facts.state),
        queue_position=facts.queue_position,
        findings=[FindingFacts.model_validate(finding) for finding in facts.findings],
        scores=None if facts.scores is None else dict(facts.scores),
        split=facts.split,
        scores_by_split=facts.scores_by_split,
        is_final=facts.is_final,
        withdrawn_at=facts.withdrawn_at,
        earlier_scores=[_earlier(one, facts.split) for one in facts.earlier_scores if facts.split in one.by_split],
        failure=None if failure is None else FailureFacts.model_validate(failure, from_attributes=True),
        file_name=facts.file_name,
        sha256=facts.sha256,
        size_bytes=facts.size_bytes,
        created_at=facts.created_at,
        finished_at=facts.finished_at,
    )
    if facts.per_class is not None:  # else the keys stay out of the answer altogether
        state.counts = None if facts.counts is None else dict(facts.counts)
        state.per_class = [dict(figures) for figures in facts.per_class]
    return state
