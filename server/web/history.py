"""/history and /history/{year}: the years of ILSVRC as boards, as far as they were published."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import HTTPException, Path
from starlette.responses import Response

from leaderboard.history import PROVIDED, PastBoard, past_boards
from server.routers import page_router
from server.web.pages import render_page
from server.web.visits import VisitDep

router = page_router()


@dataclass(frozen=True, kw_only=True, slots=True)
class WinnerLine:
    """A task of a year, and who was best on the provided data."""

    year: int
    task: str
    team: str
    figure: str
    metric: str


@dataclass(frozen=True, kw_only=True, slots=True)
class HistoryPage:
    """All years."""

    title: str
    winners: tuple[WinnerLine, ...]
    count: int  # of figures


@dataclass(frozen=True, kw_only=True, slots=True)
class ResultLine:
    """One published result."""

    place: int
    team: str
    figure: str
    categories: str
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class BoardPart:
    """A board of one task and one kind of training data."""

    anchor: str
    heading: str
    training_data: str
    metric: str
    arrow: str
    order: str  # what it is ranked by
    has_categories: bool
    lines: tuple[ResultLine, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class YearPage:
    """The boards of one year."""

    title: str
    year: int
    boards: tuple[BoardPart, ...]
    earlier: int | None
    later: int | None


@router.get("/history")
def history_page(visit: VisitDep) -> Response:
    boards = past_boards()
    page = HistoryPage(
        title="ILSVRC 2010 to 2017",
        winners=tuple(
            WinnerLine(
                year=board.year,
                task=board.task.title,
                team=board.results[0].team,
                figure=board.results[0].figure,
                metric=f"{board.metric.label}, {board.metric.direction}",
            )
            for board in sorted(boards, key=lambda one: -one.year)  # within a year the order of tasks stays
            if board.training_data == PROVIDED
        ),
        count=sum(len(board.results) for board in boards),
    )
    return render_page(visit.request, "history.html", page, viewer=visit.viewer)


@router.get("/history/{year}")
def history_year_page(year: Annotated[int, Path(ge=0, le=9999)], visit: VisitDep) -> Response:
    boards = past_boards(year)
    if not boards:
        raise HTTPException(404)
    years = sorted({board.year for board in past_boards()})
    page = YearPage(
        title=f"ILSVRC {year}",
        year=year,
        boards=tuple(_part(board) for board in boards),
        earlier=year - 1 if year - 1 in years else None,
        later=year + 1 if year + 1 in years else None,
    )
    return render_page(visit.request, "history_year.html", page, viewer=visit.viewer)


def _part(board: PastBoard) -> BoardPart:
    is_provided = board.training_data == PROVIDED
    return BoardPart(
        anchor=f"{board.task.slug}-{'provided' if is_provided else 'external'}",
        heading=board.task.title[:1].upper() + board.task.title[1:],
        training_data=f"{board.training_data} training data",
        metric=board.metric.label[:1].upper() + board.metric.label[1:],
        arrow="↓" if board.metric.is_lower_better else "↑",
        order="the number of object categories won"
        if board.is_by_categories
        else f"{board.metric.label}, {board.metric.direction}",
        has_categories=board.is_by_categories,
        lines=tuple(
            ResultLine(
                place=place,
                team=one.team,
                figure=one.figure,
                categories="–" if one.categories_won is None else str(one.categories_won),
                source=one.source,
            )
            for place, one in enumerate(board.results, start=1)
        ),
    )
