"""/ and /rounds: what is open, what comes, what was."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from fastapi import APIRouter
from sqlmodel import Session
from starlette.responses import Response

from leaderboard.numbers import NO_VALUE, score_text, shown_name
from leaderboard.policy import Phase, phase
from scoring.tasks import find_task
from server.services.rounds import RoundFacts, list_rounds
from server.web.moments import Moment, optional_moment
from server.web.pages import render_page
from server.web.visits import Visit, VisitDep

router = APIRouter()

_FAR = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class RoundLine:
    """One round in a list."""

    slug: str
    title: str
    task: str
    leader: str
    score: str
    metric: str  # with its direction
    teams: int
    date: Moment | None  # when it closes, opens or closed


@dataclass(frozen=True, kw_only=True, slots=True)
class HomePage:
    """The list of rounds."""

    title: str
    open: tuple[RoundLine, ...]  # the next to close first
    coming: tuple[RoundLine, ...]  # the next to open first
    past: tuple[RoundLine, ...]  # the last to close first


@router.get("/")
@router.get("/rounds")
def home(visit: VisitDep) -> Response:
    lines: dict[Phase, list[RoundLine]] = {"open": [], "before": [], "closed": []}
    with visit.deployment.database.read() as session:
        for facts in list_rounds(session, visit.viewer):
            lines[phase(facts.policy, visit.now)].append(_line(session, facts, visit=visit))
    page = HomePage(
        title="Rounds",
        open=tuple(sorted(lines["open"], key=_date)),
        coming=tuple(sorted(lines["before"], key=_date)),
        past=tuple(sorted(lines["closed"], key=_date, reverse=True)),
    )
    return render_page(visit.request, "home.html", page, viewer=visit.viewer)


def _line(session: Session, facts: RoundFacts, *, visit: Visit) -> RoundLine:
    board = visit.boards.at(session, slug=facts.slug, viewer=visit.viewer, now=visit.now).board
    first = board.rows[0] if board.rows else None
    at = facts.policy.opens if phase(facts.policy, visit.now) == "before" else facts.policy.closes
    return RoundLine(
        slug=facts.slug,
        title=facts.title,
        task=find_task(facts.task).title,
        leader=shown_name(first.team) if first else NO_VALUE,
        score=score_text(first.scores.get(board.metric.name), board.metric) if first else NO_VALUE,
        metric=f"{board.metric.label}, {board.metric.direction}",
        teams=len({row.team_id for row in board.rows}),
        date=optional_moment(at, visit.now),
    )


def _date(line: RoundLine) -> str:
    return line.date.iso if line.date else _FAR.isoformat()
