"""/entries/{id}/appeal: what a team may say against the disqualification of its entry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Form, Path
from starlette.responses import Response

from server.errors import ServerError, status_of
from server.organizing_errors import InvalidText
from server.routers import page_router
from server.services.disqualifications import Disqualified, appeal, disqualified_entry
from server.web.fields import Problem, problem_of
from server.web.moments import Moment, moment
from server.web.pages import render_page
from server.web.visits import Visit, VisitDep, first_to, go_to

router = page_router()

EntryId = Annotated[int, Path(ge=1, le=2**62)]


@dataclass(frozen=True, kw_only=True, slots=True)
class AppealPage:
    """A disqualified entry, the reason, and the appeal or the form for it."""

    title: str
    entry_id: int
    slug: str
    round_title: str
    method: str
    reason: str
    at: Moment
    until: Moment
    can_appeal: bool
    text: str
    answer: str
    verdict: str  # in a sentence
    problem: Problem | None


@router.get("/entries/{entry_id}/appeal")
def appeal_form(entry_id: EntryId, visit: VisitDep) -> Response:
    if visit.viewer.is_anonymous:
        return first_to("/log-in", visit)
    return _page(entry_id, visit)


@router.post("/entries/{entry_id}/appeal")
def appeal_sent(entry_id: EntryId, visit: VisitDep, text: Annotated[str, Form()] = "") -> Response:
    try:
        appeal(visit.deployment.database, visit.viewer, entry_id=entry_id, text=text, now=visit.now)
    except InvalidText as error:
        return _page(entry_id, visit, error=error, text=text)
    return go_to(f"/entries/{entry_id}/appeal")


def _page(entry_id: int, visit: Visit, *, error: ServerError | None = None, text: str = "") -> Response:
    with visit.deployment.database.read() as session:
        found = disqualified_entry(session, visit.viewer, entry_id)
    made = found.appeal
    page = AppealPage(
        title="Appeal",
        entry_id=entry_id,
        slug=found.round_slug,
        round_title=found.round_title,
        method=found.method,
        reason=found.reason,
        at=moment(found.at, visit.now),
        until=moment(found.appeal_until, visit.now),
        can_appeal=made is None and visit.now < found.appeal_until,
        text=text if made is None else made.text,
        answer="" if made is None else made.answer,
        verdict=_verdict(found),
        problem=problem_of(error),
    )
    status = 200 if error is None else status_of(error)
    return render_page(visit.request, "appeal.html", page, viewer=visit.viewer, status=status)


def _verdict(found: Disqualified) -> str:
    if found.appeal is None:
        return "The time to appeal is over."
    return "The organizers have denied it." if found.appeal.decided_at else "The organizers have not decided yet."
