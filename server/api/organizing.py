"""Running a round, for its organizers' programs; and taking part in one that is not open to all."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from server.api.errors import error_answers
from server.api.rounds import Slug
from server.auth.permissions import Action
from server.db.organizing import events_of_round
from server.doors import DeploymentDep, MemberDep, NowDep, PersonDep
from server.errors import InvalidToken, NoTeam, NotLoggedIn, RoundNotFound, SubmissionNotFound
from server.organizing_errors import (
    AlreadyDisqualified,
    DomainNotAdmitted,
    EntryNotFound,
    InvalidText,
    NotAdmitted,
    NotDisqualified,
    NotRetryable,
    PolicyRefused,
    WrongJoinCode,
)
from server.services.admission import join
from server.services.announcements import announce
from server.services.disqualifications import disqualify, reinstate
from server.services.organizing import organized_round
from server.services.policy_changes import change_policy
from server.services.policy_values import value_of_json
from server.services.round_exports import event_document
from server.services.round_organizers import retry_submission

router = APIRouter(tags=["organizing"])

MAX_EVENTS = 1_000

EntryId = Annotated[int, Path(ge=1, le=2**62, examples=[9], description="As the board names it.")]


class PolicyChange(BaseModel):
    """Keys of [policy] with their new values."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"changes": {"closes": "2026-12-31T23:59:59Z", "finals": None}, "note": ""}},
    )
    changes: dict[str, Any] = Field(
        max_length=100, description="As round.toml has them, moments as texts with a zone; null takes a key out."
    )
    note: str = Field(default="", max_length=5_000, description="Announced to everybody who sees the round.")


class PolicyState(BaseModel):
    """A round's policy."""

    round: str = Field(description="The round's slug.", examples=["ilsvrc2012-val"])
    policy: dict[str, Any] = Field(description="What differs from the defaults, moments as texts.")


class EventFacts(BaseModel):
    """One thing that happened."""

    id: int
    at: str = Field(examples=["2026-12-01T09:30:00Z"])
    actor: str = Field(examples=["person:12"])
    action: str = Field(examples=["entry.disqualified"])
    object: dict[str, Any] = Field(examples=[{"type": "entry", "id": 9}])
    detail: dict[str, Any]


class EventList(BaseModel):
    """What happened in a round, in order."""

    events: list[EventFacts]


class Words(BaseModel):
    """A text for others to read."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"text": "The deadline is extended by a week."}}
    )
    text: str = Field(max_length=20_000, description="In Markdown.")


class Reason(BaseModel):
    """Why an entry is disqualified."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"reason": "Trained on the test set."}})
    reason: str = Field(max_length=2_000, description="Public.")


class Made(BaseModel):
    """Something new."""

    id: int


class Wish(BaseModel):
    """A team's wish to take part."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"code": "", "message": "We teach a course on vision."}}
    )
    code: str = Field(default="", max_length=200, description="The round's join code, where the team has it.")
    message: str = Field(default="", max_length=5_000, description="To the organizers, where they decide.")


class ParticipationState(BaseModel):
    """What became of it."""

    state: Literal["asked", "admitted", "refused"]
    asked_at: datetime


@router.patch(
    "/rounds/{slug}/policy",
    summary="Change a round's policy",
    responses=error_answers(NotLoggedIn, InvalidToken, RoundNotFound, PolicyRefused),
)
def update_policy(
    slug: Slug, wish: PolicyChange, *, person: PersonDep, deployment: DeploymentDep, now: NowDep
) -> PolicyState:
    """All faults at once, and nothing is changed where there is one. What changes is logged, before and after."""
    changes = {key: value_of_json(key, value) for key, value in wish.changes.items()}
    change_policy(deployment, person, slug=slug, changes=changes, note=wish.note, now=now)
    with deployment.database.read() as session:
        organized = organized_round(session, person, slug, action=Action.ORGANIZE_ROUND, now=now)
        return PolicyState(round=slug, policy=dict(organized.row.policy))


@router.get(
    "/rounds/{slug}/events",
    summary="Read what happened in a round",
    responses=error_answers(NotLoggedIn, InvalidToken, RoundNotFound),
)
def read_events(
    *,
    slug: Slug,
    person: PersonDep,
    deployment: DeploymentDep,
    now: NowDep,
    after: Annotated[int, Query(ge=0, le=2**62, description="Only events after the one of this id.")] = 0,
) -> EventList:
    """In order, at most 1,000 at once: go on after the last one's id."""
    with deployment.database.read() as session:
        round_id = organized_round(session, person, slug, action=Action.ORGANIZE_ROUND, now=now).round_id
        found = events_of_round(session, round_id, limit=MAX_EVENTS, after=after)
    return EventList(events=[EventFacts(**event_document(event)) for event in found])


@router.post(
    "/rounds/{slug}/announcements",
    status_code=201,
    summary="Announce something to everybody who sees a round",
    responses=error_answers(NotLoggedIn, InvalidToken, RoundNotFound, InvalidText),
)
def make_announcement(slug: Slug, words: Words, *, person: PersonDep, deployment: DeploymentDep, now: NowDep) -> Made:
    """In Markdown; it stands on the round's page at once."""
    return Made(id=announce(deployment.database, person, slug=slug, text=words.text, now=now))


@router.post(
    "/rounds/{slug}/participation",
    summary="Take part in a round, or ask for it",
    responses=error_answers(
        NotLoggedIn, InvalidToken, NoTeam, RoundNotFound, WrongJoinCode, DomainNotAdmitted, NotAdmitted, InvalidText
    ),
)
def take_part(
    slug: Slug, wish: Wish, *, member: MemberDep, deployment: DeploymentDep, now: NowDep
) -> ParticipationState:
    """Once is enough; repeating it tells what became of it."""
    known = join(deployment, member, slug=slug, code=wish.code, message=wish.message, now=now)
    return ParticipationState.model_validate(known, from_attributes=True)


@router.put(
    "/entries/{entry_id}/disqualification",
    status_code=204,
    summary="Disqualify an entry",
    responses=error_answers(NotLoggedIn, InvalidToken, EntryNotFound, AlreadyDisqualified, InvalidText),
)
def disqualify_entry(
    entry_id: EntryId, words: Reason, *, person: PersonDep, deployment: DeploymentDep, now: NowDep
) -> Response:
    """Its row stays on the board, without a rank and with the reason; its team may appeal."""
    disqualify(deployment.database, person, entry_id=entry_id, reason=words.reason, now=now)
    return Response(status_code=204)


@router.delete(
    "/entries/{entry_id}/disqualification",
    status_code=204,
    summary="Reinstate an entry",
    responses=error_answers(NotLoggedIn, InvalidToken, EntryNotFound, NotDisqualified),
)
def reinstate_entry(entry_id: EntryId, person: PersonDep, *, deployment: DeploymentDep, now: NowDep) -> Response:
    """It is ranked again."""
    reinstate(deployment.database, person, entry_id=entry_id, now=now)
    return Response(status_code=204)


@router.post(
    "/rounds/{slug}/submissions/{submission_id}/retry",
    status_code=204,
    summary="Try a submission again that went wrong",
    responses=error_answers(NotLoggedIn, InvalidToken, RoundNotFound, SubmissionNotFound, NotRetryable),
)
def retry(
    slug: Slug,
    submission_id: Annotated[int, Path(ge=1, le=2**62, examples=[41], description="As the upload answered it.")],
    *,
    person: PersonDep,
    deployment: DeploymentDep,
    now: NowDep,
) -> Response:
    """One that ended as failed or error is queued again, with all its attempts before it."""
    retry_submission(deployment, person, slug=slug, submission_id=submission_id, now=now)
    return Response(status_code=204)
