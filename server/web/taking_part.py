"""/rounds/{slug}/join: taking part by code, by asking, or by an institution's address; and questions to organizers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import quote, urlencode

from fastapi import Form
from starlette.responses import Response

from server.db.participations import participation_of
from server.errors import RoundNotFound, ServerError, status_of
from server.routers import page_router
from server.services.admission import is_code_of, join, may_submit, round_to_join
from server.services.announcements import ask
from server.services.rounds import RoundFacts
from server.services.tokens import require_acting_for
from server.web.fields import Problem, problem_of
from server.web.pages import render_page
from server.web.visits import Visit, VisitDep, go_to
from server.web.wording import TURNED_AWAY

router = page_router()

Text = Annotated[str, Form()]

MAX_CODE_CHARACTERS = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class JoinPage:
    """The form to take part, or what has become of the wish."""

    title: str
    slug: str
    round_title: str
    team: str  # "" for whoever has none
    team_id: int | None
    state: str  # in a sentence; "" while there is something to do
    rule: str  # who is admitted
    code: str
    asks: bool  # whether a message helps the organizers to decide
    message: str
    problem: Problem | None


@router.get("/rounds/{slug}/join")
def join_form(slug: str, visit: VisitDep, code: str = "") -> Response:
    if visit.viewer.is_anonymous:
        address = f"/rounds/{quote(slug)}/join" + (f"?{urlencode({'code': code})}" if code else "")
        return go_to(f"/sign-up?{urlencode({'next': address})}")
    return _page(slug, visit, code=code)


@router.post("/rounds/{slug}/join")
def join_sent(
    slug: str, visit: VisitDep, *, code: Text = "", message: Text = "", team: Annotated[int | None, Form()] = None
) -> Response:
    try:
        require_acting_for(visit.viewer, team)
        join(visit.deployment, visit.viewer, slug=slug, code=code, message=message, now=visit.now)
    except RoundNotFound:
        raise
    except ServerError as error:
        if visit.viewer.team_id is None:
            raise
        return _page(slug, visit, code=code, message=message, error=error)
    return go_to(f"/rounds/{slug}/join")


@router.post("/rounds/{slug}/questions")
def question_sent(slug: str, visit: VisitDep, text: Text = "") -> Response:
    ask(visit.deployment.database, visit.viewer, slug=slug, text=text, now=visit.now)
    return go_to(f"/rounds/{slug}?asked=true#questions")


def _page(slug: str, visit: Visit, *, code: str, message: str = "", error: ServerError | None = None) -> Response:
    viewer, state = visit.viewer, ""
    with visit.deployment.database.read() as session:
        facts = round_to_join(session, slug, viewer, code=code)
        has_code = is_code_of(session, slug, code)
        if viewer.team_id is not None:
            known = participation_of(session, round_id=facts.id, team_id=viewer.team_id)
            is_in = may_submit(session, facts, team_id=viewer.team_id)
            state = _state("admitted" if is_in else "" if known is None else known.state, has_code=has_code)
    page = JoinPage(
        title=f"Take part in {facts.title}",
        slug=slug,
        round_title=facts.title,
        team=viewer.team_name or "",
        team_id=viewer.team_id,
        state=state,
        rule=_rule(facts),
        code=code[:MAX_CODE_CHARACTERS],
        asks=facts.policy.admission == "approval" and not has_code,
        message=message,
        problem=problem_of(error),
    )
    return render_page(
        visit.request, "take_part.html", page, viewer=viewer, status=200 if error is None else status_of(error)
    )


def _state(state: str, *, has_code: bool) -> str:
    if state == "asked" and has_code:
        return ""  # the code lets them in without waiting
    return {
        "admitted": "Your team takes part.",
        "asked": "Your team has asked to take part. The organizers decide.",
        "refused": TURNED_AWAY,
    }.get(state, "")


def _rule(facts: RoundFacts) -> str:
    """Who is admitted, in a sentence."""
    match facts.policy.admission:
        case "approval":
            return "The organizers decide which teams take part. A join code from them lets you in at once."
        case "domains":
            known = ", ".join(facts.policy.domains)
            return f"Whoever has a verified e-mail address of {known} takes part; or whoever has a join code."
        case _ if facts.policy.listing == "private":
            return "This round is private: a join code from its organizers lets you in."
    return "This round is open to every team."
