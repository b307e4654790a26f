"""Running a round, for its organizers' programs."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from starlette.responses import StreamingResponse

from server.api.acts import (
    Act,
    ActDep,
    EntryId,
    Made,
    SubmissionId,
    Words,
    organizer_errors,
    person_errors,
)
from server.api.rounds import Slug
from server.auth.permissions import Action
from server.db.organizing import events_of_round
from server.doors import BoardsDep
from server.downloads import zip_answer
from server.errors import SubmissionNotFound
from server.organizing_errors import (
    AlreadyDisqualified,
    AnnouncedAlready,
    EntryNotFound,
    InvalidText,
    NotDisqualified,
    NotRetryable,
    PolicyRefused,
)
from server.routers import api_router
from server.services.announcements import announce
from server.services.disqualifications import disqualify, reinstate
from server.services.organizing import organized_round
from server.services.policy_changes import change_policy
from server.services.policy_values import value_of_json
from server.services.round_exports import event_document, export_zip
from server.services.round_organizers import retry_submission
from server.services.schedules import STEPS, extend

router = api_router("organizing")

MAX_EVENTS = 1_000


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


class Step(BaseModel):
    """What is done to a round's dates."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"step": "extend", "closes": "2027-01-15T23:59:59Z"}}
    )
    step: Literal["open", "extend", "pause", "close", "reveal"] = Field(
        description="At once, but for extend; no step asks again."
    )
    closes: AwareDatetime | None = Field(default=None, description="Of extend: the new close; null: never.")


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


class Reason(BaseModel):
    """Why an entry is disqualified."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"reason": "Trained on the test set."}})
    reason: str = Field(max_length=2_000, description="Public.")


@router.patch(
    "/rounds/{slug}/policy",
    summary="Change a round's policy",
    responses=organizer_errors(PolicyRefused, AnnouncedAlready),
)
def update_policy(slug: Slug, wish: PolicyChange, act: ActDep) -> PolicyState:
    """All faults at once, and nothing is changed where there is one. What changes is logged, before and after."""
    changes = {key: value_of_json(key, value) for key, value in wish.changes.items()}
    change_policy(act.deployment, act.viewer, slug=slug, changes=changes, note=wish.note, now=act.now)
    return _policy_state(slug, act)


@router.post(
    "/rounds/{slug}/schedule",
    summary="Open, extend, pause, close or reveal a round",
    responses=organizer_errors(PolicyRefused),
)
def move_dates(slug: Slug, wish: Step, act: ActDep) -> PolicyState:
    """A pause reveals nothing that the close would have revealed; a paused or closed round goes on by extend."""
    if wish.step == "extend":
        extend(act.deployment, act.viewer, slug=slug, closes=wish.closes, now=act.now)
    elif wish.closes is not None:
        raise PolicyRefused("A new close belongs to extend.", advice="Leave `closes` out, or extend the round.")
    else:
        STEPS[wish.step](act.deployment, act.viewer, slug=slug, now=act.now)
    return _policy_state(slug, act)


@router.get(
    "/rounds/{slug}/export.zip",
    summary="Export everything of a round but its truth",
    response_class=StreamingResponse,
    responses={
        **organizer_errors(),
        200: {
            "content": {"application/zip": {}},
            "description": "Its public half, baselines, boards, and tables of scores and of all that was said.",
        },
    },
)
def export(
    slug: Slug,
    act: ActDep,
    boards: BoardsDep,
    *,
    files: Annotated[bool, Query(description="With the submitted files, by their numbers: they may be large.")] = False,
) -> StreamingResponse:
    """As the page of its organizers gives it."""
    pieces = export_zip(act.deployment, boards, act.viewer, slug=slug, has_files=files, now=act.now)
    return zip_answer(pieces, name=f"{slug}.zip")


@router.get("/rounds/{slug}/events", summary="Read what happened in a round", responses=organizer_errors())
def read_events(
    slug: Slug,
    act: ActDep,
    after: Annotated[int, Query(ge=0, le=2**62, description="Only events after the one of this id.")] = 0,
) -> EventList:
    """In order, at most 1,000 at once: go on after the last one's id.

    With them stand those of the teams that take part: who founded, joined and left them, also before they took part.
    """
    with act.database.read() as session:
        round_id = organized_round(session, act.viewer, slug, action=Action.ORGANIZE_ROUND, now=act.now).round_id
        found = events_of_round(session, round_id, limit=MAX_EVENTS, after=after)
    return EventList(events=[EventFacts(**event_document(event)) for event in found])


@router.post(
    "/rounds/{slug}/announcements",
    status_code=201,
    summary="Announce something to everybody who sees a round",
    responses=organizer_errors(InvalidText, AnnouncedAlready),
)
def make_announcement(slug: Slug, words: Words, act: ActDep) -> Made:
    """In Markdown; it stands on the round's page at once. The same words within ten minutes are no second one."""
    return Made(id=announce(act.database, act.viewer, slug=slug, text=words.text, now=act.now))


@router.put(
    "/entries/{entry_id}/disqualification",
    status_code=204,
    summary="Disqualify an entry",
    responses=person_errors(EntryNotFound, AlreadyDisqualified, InvalidText),
)
def disqualify_entry(entry_id: EntryId, words: Reason, act: ActDep) -> None:
    """Its row stays on the board, without a rank and with the reason; its team may appeal."""
    disqualify(act.database, act.viewer, entry_id=entry_id, reason=words.reason, now=act.now)


@router.delete(
    "/entries/{entry_id}/disqualification",
    status_code=204,
    summary="Reinstate an entry",
    responses=person_errors(EntryNotFound, NotDisqualified),
)
def reinstate_entry(entry_id: EntryId, act: ActDep) -> None:
    """It is ranked again."""
    reinstate(act.database, act.viewer, entry_id=entry_id, now=act.now)


@router.post(
    "/rounds/{slug}/submissions/{submission_id}/retry",
    status_code=204,
    summary="Try a submission again that went wrong",
    responses=organizer_errors(SubmissionNotFound, NotRetryable),
)
def retry(slug: Slug, submission_id: SubmissionId, act: ActDep) -> None:
    """One that ended as failed or error is queued again, with all its attempts before it."""
    retry_submission(act.deployment, act.viewer, slug=slug, submission_id=submission_id, now=act.now)


def _policy_state(slug: str, act: Act) -> PolicyState:
    with act.database.read() as session:
        organized = organized_round(session, act.viewer, slug, action=Action.ORGANIZE_ROUND, now=act.now)
        return PolicyState(round=slug, policy=dict(organized.row.policy))
