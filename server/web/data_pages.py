"""/rounds/{slug}/data: what the images are and where they come from, once the terms are accepted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Form
from markupsafe import Markup
from starlette.responses import Response

from server.errors import ServerError, status_of
from server.people_errors import RulesNotAccepted
from server.routers import page_router
from server.services.data_pages import data_facts
from server.services.rounds import find_round
from server.services.rules_acceptance import accept
from server.web.fields import Problem, problem_of
from server.web.pages import render_page
from server.web.rule_books import rule_book_html
from server.web.visits import Visit, VisitDep, first_to, go_to

router = page_router()

MAX_DIGEST_CHARACTERS = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class DataPage:
    """What the organizers say about the data."""

    title: str
    slug: str
    round_title: str
    text: Markup | None
    has_rules: bool
    has_terms: bool  # to be accepted
    is_withheld: bool  # whether the addresses are left out until then
    rules_digest: str  # the version to be accepted with the form; "" for who has to log in first
    problem: Problem | None


@router.get("/rounds/{slug}/data")
def data_page(slug: str, visit: VisitDep) -> Response:
    return _page(slug, visit)


@router.post("/rounds/{slug}/data")
def terms_accepted(slug: str, visit: VisitDep, accept_rules: Annotated[str, Form()] = "") -> Response:
    if visit.viewer.is_anonymous:
        return first_to("/log-in", visit)
    try:
        accept(visit.deployment, visit.viewer, slug=slug, accepted=accept_rules[:MAX_DIGEST_CHARACTERS], now=visit.now)
    except RulesNotAccepted as error:
        return _page(slug, visit, error=error)
    return go_to(f"/rounds/{slug}/data")


def _page(slug: str, visit: Visit, *, error: ServerError | None = None) -> Response:
    with visit.deployment.database.read() as session:
        told = data_facts(session, find_round(session, slug, visit.viewer), visit.viewer)
    facts = told.round
    page = DataPage(
        title=f"Data of {facts.title}",
        slug=slug,
        round_title=facts.title,
        text=rule_book_html(told.text) if told.text else None,
        has_rules=facts.policy.rules is not None,
        has_terms=facts.policy.has_data_terms,
        is_withheld=told.is_withheld,
        rules_digest=told.rules_digest or "",
        problem=problem_of(error),
    )
    status = 200 if error is None else status_of(error)
    return render_page(visit.request, "data.html", page, viewer=visit.viewer, status=status)
