"""/organize/{slug}/roster: who is expected in a round, and what they have scored."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from leaderboard.numbers import score_text
from scoring.tasks import find_task
from server.downloads import csv_answer
from server.errors import ServerError, status_of
from server.routers import page_router
from server.services.rosters import Roster, RosterFile, roster_csv, roster_scores, set_roster
from server.uploads import discarding, take_file
from server.web.fields import Problem, problem_of
from server.web.moments import Moment, optional_moment
from server.web.pages import render_page
from server.web.visits import Visit, VisitDep, first_to, go_to

router = page_router("/organize/{slug}")

_NO_SCORES = (
    "“Not verified”: somebody plays under that address who has not shown that it is theirs, so their scores do not"
    " stand here. They verify it by the mail that their own page sends."
)
_NO_MAIL = (
    "“Not verified”: anybody may have signed up with that address. No mail leaves this server, so nobody can show"
    " that an address is theirs; ask the person before you count the score."
)


@dataclass(frozen=True, kw_only=True, slots=True)
class RosterLine:
    """Somebody who is expected."""

    name: str
    email: str
    team: str
    score: str
    standing: str  # in the competition, in a word; "" where it is ranked, or there is no row
    submissions: int
    last: Moment | None
    is_unverified: bool  # somebody plays under the address who has not shown that it is theirs


@dataclass(frozen=True, kw_only=True, slots=True)
class RosterPage:
    """The roster, to be read and to be replaced."""

    title: str
    slug: str
    round_title: str
    metric: str
    problem: Problem | None
    text: str  # as the form holds it
    lines: tuple[RosterLine, ...]
    unverified_note: str  # what a mark means; "" where no line has one


@router.get("/roster")
def roster(slug: str, visit: VisitDep) -> Response:
    if visit.viewer.is_anonymous:
        return first_to("/log-in", visit)
    return _page(slug, visit)


@router.post("/roster")
async def roster_sent(slug: str, visit: VisitDep) -> Response:
    text = None
    try:
        text = await _sent_text(visit)
        await run_in_threadpool(
            set_roster, visit.deployment.database, visit.viewer, slug=slug, text=text, now=visit.now
        )
    except ServerError as error:
        return await run_in_threadpool(_page, slug, visit, text=text, error=error)
    return go_to(f"/organize/{slug}/roster")


async def _sent_text(visit: Visit) -> str:
    """What was pasted, or the file: each has a form of its own."""
    if not visit.request.headers.get("content-type", "").startswith("multipart/form-data"):
        pasted = (await visit.request.form(max_files=0)).get("roster", "")
        return pasted if isinstance(pasted, str) else ""
    file = RosterFile()
    async with discarding(file):
        await take_file(visit.request, file)
        return file.text()


@router.get("/roster.csv")
def roster_table(slug: str, visit: VisitDep) -> Response:
    if visit.viewer.is_anonymous:
        return first_to("/log-in", visit)
    return csv_answer(roster_csv(_roster(slug, visit)), name=f"{slug}-roster.csv")


def _roster(slug: str, visit: Visit) -> Roster:
    with visit.deployment.database.read() as session:
        return roster_scores(session, visit.viewer, slug=slug, can_verify=_can_verify(visit), now=visit.now)


def _can_verify(visit: Visit) -> bool:
    return visit.deployment.settings.sends_mail


def _unverified_note(found: Roster, *, can_verify: bool) -> str:
    if all(score.is_verified is not False for score in found.scores):
        return ""
    return _NO_SCORES if can_verify else _NO_MAIL


def _page(slug: str, visit: Visit, *, text: str | None = None, error: ServerError | None = None) -> Response:
    found = _roster(slug, visit)
    metric = find_task(found.facts.task).metric(found.facts.policy.best_by)
    expected = [score.expected for score in found.scores]
    kept = "".join(f"{one.name}; {one.email}{f'; {one.team}' if one.team else ''}\n" for one in expected)
    page = RosterPage(
        title=f"Roster of {found.facts.title}",
        slug=slug,
        round_title=found.facts.title,
        metric=f"{metric.label}, {metric.direction}",
        problem=problem_of(error),
        text=kept if text is None else text,
        unverified_note=_unverified_note(found, can_verify=_can_verify(visit)),
        lines=tuple(
            RosterLine(
                name=score.expected.name,
                email=score.expected.email,
                team=score.team,
                score="" if score.score is None else score_text(score.score, metric),
                standing="" if score.standing == "ranked" else score.standing,
                submissions=score.submissions,
                last=optional_moment(score.last_at, visit.now),
                is_unverified=score.is_verified is False,
            )
            for score in found.scores
        ),
    )
    status = 200 if error is None else status_of(error)
    return render_page(visit.request, "roster.html", page, viewer=visit.viewer, status=status)
