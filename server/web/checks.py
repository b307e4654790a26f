"""/check: a file's format, for anybody: no account, no quota, and nothing of the file is kept."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import Query
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from scoring.tasks import find_task
from server.doors import spend_check
from server.errors import ServerError, status_of
from server.routers import page_router
from server.services.checks import CheckResult, begin_check
from server.services.rounds import RoundFacts, find_round, list_rounds
from server.uploads import discarding, take_file
from server.web.fields import Problem, problem_of
from server.web.findings import Kind, kinds
from server.web.pages import render_page
from server.web.submit import Fact
from server.web.visits import Visit, VisitDep
from server.web.wording import counted

router = page_router()

RoundInAddress = Annotated[str, Query(alias="round")]


@dataclass(frozen=True, kw_only=True, slots=True)
class RoundChoice:
    """A round whose format a file can be held to."""

    slug: str
    title: str
    task: str
    is_chosen: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckPage:
    """The form, and what the last file told."""

    title: str
    rounds: tuple[RoundChoice, ...]
    slug: str  # of the chosen round; "" before one is chosen
    round_title: str
    max_upload_bytes: int
    problem: Problem | None = None
    verdict: str = ""  # "" before a file was checked
    signal: str = ""  # class of the verdict
    advice: str = ""
    facts: tuple[Fact, ...] = ()
    findings: tuple[Kind, ...] = ()


@router.get("/check")
def check_form(visit: VisitDep, slug: RoundInAddress = "") -> Response:
    return render_page(visit.request, "check.html", _page(visit, slug), viewer=visit.viewer)


@router.post("/check")
async def check_sent(visit: VisitDep, slug: RoundInAddress = "") -> Response:
    page = await run_in_threadpool(_page, visit, slug)
    try:
        spend_check(visit.request, visit.viewer)
        begun = await run_in_threadpool(begin_check, visit.deployment, slug=page.slug, viewer=visit.viewer)
        async with discarding(begun):
            await take_file(visit.request, begun)
            result = await run_in_threadpool(begun.finish)
    except ServerError as error:
        page, status = replace(page, problem=problem_of(error)), status_of(error)
    else:
        page, status = _told(page, result), 200 if result.is_valid else 422
    return render_page(visit.request, "check.html", page, viewer=visit.viewer, status=status)


def _page(visit: Visit, slug: str) -> CheckPage:
    """The form as it stands before a file.

    Raises:
        RoundNotFound: the address names a round that is not there, or not theirs to see.
    """
    with visit.deployment.database.read() as session:
        listed = list_rounds(session, visit.viewer)
        chosen = find_round(session, slug, visit.viewer) if slug else listed[0] if len(listed) == 1 else None
    if chosen is not None and chosen not in listed:  # an unlisted one, whose address they hold
        listed.insert(0, chosen)
    return CheckPage(
        title="Check a file",
        rounds=tuple(_choice(facts, chosen) for facts in listed),
        slug="" if chosen is None else chosen.slug,
        round_title="" if chosen is None else chosen.title,
        max_upload_bytes=0 if chosen is None else chosen.policy.max_upload_bytes,
    )


def _choice(facts: RoundFacts, chosen: RoundFacts | None) -> RoundChoice:
    return RoundChoice(
        slug=facts.slug, title=facts.title, task=find_task(facts.task).title, is_chosen=facts == chosen
    )  # fmt: skip


def _told(page: CheckPage, result: CheckResult) -> CheckPage:
    errors = sum(finding["severity"] == "error" for finding in result.findings)
    notices = len(result.findings) - errors
    if not result.is_valid:
        verdict, advice = "This file would be refused.", "All that is wrong stands below, each with how to mend it."
    elif notices:
        verdict, advice = "This file would be accepted, with notices.", "They cost nothing; see whether they are meant."
    else:
        verdict, advice = "This file would be accepted.", "Nothing in it is odd."
    return replace(
        page,
        verdict=verdict,
        signal="good" if result.is_valid else "bad",
        advice=advice,
        facts=(
            Fact("Read as", result.format or "–"),
            Fact("Length", counted(result.lines, "line")),
            Fact("SHA-256", result.sha256),
        ),
        findings=kinds(result.findings),
    )
