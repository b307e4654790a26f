"""What the forms of a round's page for organizers do: each one act, then back to where its result stands."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import Form, Path
from starlette.responses import Response

from scoring.faults import FaultLog
from server.organizing_errors import PolicyRefused
from server.routers import page_router
from server.services.admission import decide_admission, renew_join_code
from server.services.announcements import announce, answer_question
from server.services.disqualifications import decide_appeal, disqualify, reinstate
from server.services.policy_changes import refused
from server.services.policy_values import value_of_text
from server.services.round_organizers import add_co_organizer, remove_co_organizer, retry_submission
from server.services.schedules import STEPS, Step, extend
from server.services.time_zones import find_zone
from server.web.organize import NewClose, render_organized
from server.web.visits import VisitDep, go_to

router = page_router("/organize/{slug}")

Text = Annotated[str, Form()]
Id = Annotated[int, Path(ge=1, le=2**62)]
# Steps that show what was held back, with what the box beside their button is for: a slip of the hand does nothing.
_SURE_STEPS = {
    "close": "closing may reveal what the round holds back.",
    "reveal": "what is revealed cannot be hidden again.",
}
Chosen = Annotated[int, Form(ge=0, le=2**62)]  # an id in a form; 0: none, which is not found


@router.post("/schedule")
def schedule_sent(
    slug: str, visit: VisitDep, *, act: Text = "", closes: Text = "", time_zone: Text = "", sure: Text = ""
) -> Response:
    sent = NewClose(closes=closes, time_zone=time_zone) if act == "extend" else None
    try:
        if sent is not None:
            extend(visit.deployment, visit.viewer, slug=slug, closes=_close_of(sent), now=visit.now)
        else:
            _step(act, is_sure=bool(sure))(visit.deployment, visit.viewer, slug=slug, now=visit.now)
    except PolicyRefused as error:
        return render_organized(slug, visit, sent=sent, error=error)
    return go_to(f"/organize/{slug}#dates")


def _step(act: str, *, is_sure: bool) -> Step:
    if act not in STEPS:
        raise PolicyRefused("There is no such step.", advice="Use the buttons of the round's page for organizers.")
    if act in _SURE_STEPS and not is_sure:
        raise PolicyRefused(f"Nothing is done: {_SURE_STEPS[act]}", advice="Tick the box beside the button first.")
    return STEPS[act]


def _close_of(sent: NewClose) -> datetime | None:
    """The moment that the form means; None for never."""
    zone, faults = find_zone(sent.time_zone.strip() or "UTC"), FaultLog()
    if zone is None:
        raise PolicyRefused(
            "The time zone is not known.", advice="Write an IANA name, as in Europe/Paris; or leave it empty for UTC."
        )
    moment = value_of_text("closes", sent.closes, zone=zone, faults=faults)
    if faults:
        raise refused(faults)
    if moment is not None and not isinstance(moment, datetime):
        raise PolicyRefused("The new close is no time.", advice="Write it like 2026-12-31T23:59.")
    return moment


@router.post("/announcements")
def announcement_sent(slug: str, visit: VisitDep, *, text: Text = "") -> Response:
    announce(visit.deployment.database, visit.viewer, slug=slug, text=text, now=visit.now)
    return go_to(f"/organize/{slug}#announcements")


@router.post("/questions/{question_id}")
def answer_sent(slug: str, question_id: Id, visit: VisitDep, *, answer: Text = "") -> Response:
    answer_question(
        visit.deployment.database, visit.viewer, slug=slug, question_id=question_id, answer=answer, now=visit.now
    )
    return go_to(f"/organize/{slug}#questions")


@router.post("/entries/disqualify")
def disqualification_sent(slug: str, visit: VisitDep, *, entry: Chosen = 0, reason: Text = "") -> Response:
    disqualify(visit.deployment.database, visit.viewer, entry_id=entry, reason=reason, slug=slug, now=visit.now)
    return go_to(f"/organize/{slug}#entries")


@router.post("/entries/{entry_id}/reinstate")
def reinstatement_sent(slug: str, entry_id: Id, visit: VisitDep) -> Response:
    reinstate(visit.deployment.database, visit.viewer, entry_id=entry_id, slug=slug, now=visit.now)
    return go_to(f"/organize/{slug}#entries")


@router.post("/appeals/{appeal_id}")
def verdict_sent(slug: str, appeal_id: Id, visit: VisitDep, *, answer: Text = "", verdict: Text = "") -> Response:
    decide_appeal(
        visit.deployment.database, visit.viewer, appeal_id=appeal_id, is_granted=verdict == "grant", answer=answer,
        slug=slug, now=visit.now,
    )  # fmt: skip
    return go_to(f"/organize/{slug}#appeals")


@router.post("/teams")
def admission_sent(slug: str, visit: VisitDep, *, admit: Chosen = 0, refuse: Chosen = 0) -> Response:
    decide_admission(
        visit.deployment, visit.viewer, slug=slug, team_id=admit or refuse, is_admitted=admit > 0, now=visit.now
    )
    return go_to(f"/organize/{slug}#teams")


@router.post("/join-code")
def join_code_wanted(slug: str, visit: VisitDep, *, act: Text = "") -> Response:
    renew_join_code(visit.deployment, visit.viewer, slug=slug, is_wanted=act != "remove", now=visit.now)
    return go_to(f"/organize/{slug}#teams")


@router.post("/organizers")
def organizer_sent(slug: str, visit: VisitDep, *, email: Text = "") -> Response:
    add_co_organizer(visit.deployment, visit.viewer, slug=slug, email=email, now=visit.now)
    return go_to(f"/organize/{slug}#organizers")


@router.post("/organizers/{person_id}/remove")
def organizer_unwanted(slug: str, person_id: Id, visit: VisitDep) -> Response:
    remove_co_organizer(visit.deployment.database, visit.viewer, slug=slug, person_id=person_id, now=visit.now)
    return go_to("/organize" if person_id == visit.viewer.person_id else f"/organize/{slug}#organizers")


@router.post("/submissions/{submission_id}/retry")
def retry_wanted(slug: str, submission_id: Id, visit: VisitDep) -> Response:
    retry_submission(visit.deployment, visit.viewer, slug=slug, submission_id=submission_id, now=visit.now)
    return go_to(f"/organize/{slug}#queue")
