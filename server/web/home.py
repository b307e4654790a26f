"""/ and /rounds: what is open or paused, what comes, what was."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from starlette.responses import Response

from leaderboard.board import Board
from leaderboard.numbers import NO_VALUE, score_text, shown_name
from leaderboard.records import Record
from scoring.tasks import find_task
from server.routers import page_router
from server.services.rounds import RoundFacts, RoundState, list_rounds
from server.web.moments import Moment, moment, optional_moment
from server.web.pages import render_page
from server.web.visits import Visit, VisitDep
from server.web.wording import counted

router = page_router()

SHOWN_RECORDS = 5

_FAR = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class RoundLine:
    """One round in a list."""

    slug: str
    title: str
    challenge: str  # "" for a round on its own
    task: str
    leader: str
    score: str
    metric: str  # with its direction
    teams: str  # how many; while one is not named, how many rows, for the teams behind them are nobody's to count
    date: Moment | None  # when it closes, opens, was paused or closed


@dataclass(frozen=True, kw_only=True, slots=True)
class RoundGroup:
    """The rounds of one challenge in a list."""

    heading: str  # "" where no round of the list is of a challenge
    lines: tuple[RoundLine, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordLine:
    """A score that was better than all before it."""

    slug: str
    round_title: str
    team: str
    method: str
    score: str
    metric: str  # with its direction
    at: Moment


@dataclass(frozen=True, kw_only=True, slots=True)
class HomePage:
    """The list of rounds."""

    title: str
    open: tuple[RoundGroup, ...]  # the next to close first
    paused: tuple[RoundGroup, ...]  # the last to be paused first
    records: tuple[RecordLine, ...]  # the latest first, one a round
    coming: tuple[RoundGroup, ...]  # the next to open first
    past: tuple[RoundGroup, ...]  # the last to close first


@router.get("/")
@router.get("/rounds")
def home(visit: VisitDep) -> Response:
    lines: dict[RoundState, list[RoundLine]] = {"open": [], "paused": [], "before": [], "closed": []}
    records: list[RecordLine] = []
    with visit.deployment.database.read() as session:
        for facts in list_rounds(session, visit.viewer):
            board = visit.boards.at(session, slug=facts.slug, viewer=visit.viewer, now=visit.now).board
            lines[facts.state(visit.now)].append(_line(facts, board, visit=visit))
            records += [_record(facts, record, visit=visit) for record in board.records[-1:]]
    page = HomePage(
        title="Rounds",
        open=_groups(sorted(lines["open"], key=_date)),
        paused=_groups(sorted(lines["paused"], key=_date, reverse=True)),
        records=tuple(sorted(records, key=lambda line: line.at.iso, reverse=True)[:SHOWN_RECORDS]),
        coming=_groups(sorted(lines["before"], key=_date)),
        past=_groups(sorted(lines["closed"], key=_date, reverse=True)),
    )
    return render_page(visit.request, "home.html", page, viewer=visit.viewer)


def _groups(lines: Iterable[RoundLine]) -> tuple[RoundGroup, ...]:
    """The rounds by challenge, each where its first one stands; those on their own come last."""
    found: dict[str, list[RoundLine]] = {}
    for line in lines:
        found.setdefault(line.challenge, []).append(line)
    alone = found.pop("", [])
    groups = [RoundGroup(heading=challenge, lines=tuple(group)) for challenge, group in found.items()]
    if alone:
        groups.append(RoundGroup(heading="Other rounds" if groups else "", lines=tuple(alone)))
    return tuple(groups)


def _record(facts: RoundFacts, record: Record, *, visit: Visit) -> RecordLine:
    metric = find_task(facts.task).metric(facts.policy.best_by)
    return RecordLine(
        slug=facts.slug,
        round_title=facts.title,
        team=shown_name(record.team),
        method=shown_name(record.method),
        score=score_text(record.value, metric),
        metric=f"{metric.label}, {metric.direction}",
        at=moment(record.at, visit.now),
    )


def _line(facts: RoundFacts, board: Board, *, visit: Visit) -> RoundLine:
    first = next((row for row in board.rows if row.rank is not None), None)  # no baseline leads
    at = facts.policy.opens if facts.state(visit.now) == "before" else facts.policy.closes
    return RoundLine(
        slug=facts.slug,
        title=facts.title,
        challenge=facts.challenge or "",
        task=find_task(facts.task).title,
        leader=shown_name(first.team) if first else NO_VALUE,
        score=score_text(first.scores.get(board.metric.name), board.metric) if first else NO_VALUE,
        metric=f"{board.metric.label}, {board.metric.direction}",
        teams=_taking_part(board) if board.visibility.scores else NO_VALUE,
        date=optional_moment(at, visit.now),
    )


def _taking_part(board: Board) -> str:
    rows = [row for row in board.rows if not row.is_baseline]
    if all(row.is_named for row in rows):
        return f"{len({row.team_id for row in rows}):,}"
    return counted(len(rows), "row")


def _date(line: RoundLine) -> str:
    return line.date.iso if line.date else _FAR.isoformat()
