"""/compare?a=&b=: whether one entry is better than another, in words first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, get_args
from urllib.parse import urlencode

from fastapi import Query
from starlette.responses import Response

from leaderboard.addresses import entry_address
from leaderboard.board import Board, Row
from leaderboard.comparison import Comparison
from leaderboard.numbers import difference_text, score_text, shown_name
from leaderboard.selection import Selection
from leaderboard.visibility import Split
from scoring.tasks import Metric, find_task
from server.errors import InvalidRequest
from server.routers import page_router
from server.services.comparisons import ComparedEntries, compare_entries
from server.web.pages import render_page
from server.web.visits import VisitDep, go_to
from server.web.wording import counted

router = page_router()

EntryNumber = Annotated[int | None, Query(ge=1, le=2**62)]
Chosen = Annotated[list[int] | None, Query()]

SHOWN_CLASSES = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Side:
    """One of the two."""

    letter: str
    method: str
    team: str
    address: str
    rank: str
    score: str
    interval: str  # "" where none is known


@dataclass(frozen=True, kw_only=True, slots=True)
class ImagesLine:
    """Images that two entries fare alike on."""

    label: str
    count: int


@dataclass(frozen=True, kw_only=True, slots=True)
class ClassLine:
    """A class in which they differ."""

    name: str
    first: str
    second: str
    difference: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ComparePage:
    """Two entries side by side."""

    title: str
    board: str  # its address
    slug: str
    round_title: str
    verdict: str
    signal: str  # class of the verdict
    why: str
    sides: tuple[Side, Side]
    metric: str
    direction: str
    difference: str
    interval: str  # "" where there is none
    p: str  # "" where there is none
    images: tuple[ImagesLine, ...]
    image_count: int
    of_split: str
    classes: tuple[ClassLine, ...]
    class_count: int


@router.get("/compare")
def compare_page(
    *,
    visit: VisitDep,
    a: EntryNumber = None,
    b: EntryNumber = None,
    entry: Chosen = None,
    split: str = "",
    slug: Annotated[str, Query(alias="round")] = "",
) -> Response:
    wanted = next((known for known in get_args(Split) if known == split), None)
    if entry is not None:  # from the boxes of a board
        if len(entry) != 2:
            raise InvalidRequest(
                f"Of the board {counted(len(entry), 'entry')} {'is' if len(entry) == 1 else 'are'} chosen.",
                advice="Go back and choose exactly two.",
            )
        first, second = entry
        kept = {name: value for name, value in (("split", wanted), ("round", slug)) if value}
        return go_to(f"/compare?{urlencode({'a': first, 'b': second} | kept)}")
    if a is None or b is None:
        raise InvalidRequest("Two entries are compared.", advice="Choose two rows of a round's board.")
    found = compare_entries(
        visit.deployment,
        visit.boards,
        visit.ranked_boards.statistics,
        pair=(a, b),
        slug=slug,
        viewer=visit.viewer,
        now=visit.now,
        split=wanted,
    )
    return render_page(visit.request, "compare.html", _page(found, wanted), viewer=visit.viewer)


def _page(found: ComparedEntries, wanted: Split | None) -> ComparePage:
    metric, comparison = found.board.metric, found.comparison
    measured = find_task(found.round.task).metric(found.round.policy.best_by)
    difference = _difference(found, metric)
    verdict, signal, why = _verdict(found, difference)
    return ComparePage(
        title="Compare two entries",
        board=Selection(split=wanted or "").address(f"/rounds/{found.round.slug}/board"),
        slug=found.round.slug,
        round_title=found.round.title,
        verdict=verdict,
        signal=signal,
        why=why,
        sides=(_side("A", found.first, found.board), _side("B", found.second, found.board)),
        metric=metric.label,
        direction=metric.direction,
        difference="–" if difference is None else difference_text(difference, metric),
        interval=""
        if comparison is None
        else f"{difference_text(comparison.low, metric)} to {difference_text(comparison.high, metric)}",
        p="" if comparison is None or comparison.p is None else _p_text(comparison.p),
        images=() if comparison is None else _images(comparison),
        image_count=0 if comparison is None else comparison.images,
        of_split="" if found.board.split == "all" else f"On the {found.board.split} images.",
        classes=tuple(
            ClassLine(
                name=shown_name(one.name),
                first=f"{one.first:.4f}",
                second=f"{one.second:.4f}",
                difference=difference_text(one.difference, measured),
            )
            for one in found.classes[:SHOWN_CLASSES]
        ),
        class_count=len(found.classes),
    )


def _difference(found: ComparedEntries, metric: Metric) -> float | None:
    first, second = found.first.scores.get(metric.name), found.second.scores.get(metric.name)
    return None if first is None or second is None else first - second


def _verdict(found: ComparedEntries, difference: float | None) -> tuple[str, str, str]:
    """The verdict, its signal, and what it rests on."""
    if difference is None:
        return "They cannot be compared: one has no score.", "", ""
    if found.comparison is None:
        return (
            "Whether the difference is real is not known.", "",
            "It is known for error rates and for mean AP, where the outcomes of both files are kept.",
        )  # fmt: skip
    if not found.comparison.is_real:
        return (
            "The two cannot be told apart.", "warning",
            "So small a difference would often come about by chance: another set of images might reverse it.",
        )  # fmt: skip
    is_first = (difference < 0) == found.board.metric.is_lower_better
    letter, row = ("A", found.first) if is_first else ("B", found.second)
    return (
        f"{letter} is better: the difference is real.", "good",
        f"Chance alone would hardly put {shown_name(row.method)} ahead by so much on these images.",
    )  # fmt: skip


def _side(letter: str, row: Row, board: Board) -> Side:
    interval, metric = row.interval, board.metric
    return Side(
        letter=letter,
        method=shown_name(row.method),
        team=shown_name(row.team),
        address=entry_address(board, row.entry),
        rank="–" if row.rank is None else str(row.rank),
        score=score_text(row.scores.get(metric.name), metric),
        interval=""
        if interval is None
        else f"{score_text(interval.low, metric)} to {score_text(interval.high, metric)}",
    )


def _images(comparison: Comparison) -> tuple[ImagesLine, ...]:
    """Four counts that add up to all images; nothing where images are neither right nor wrong."""
    first, second, both = comparison.first_alone, comparison.second_alone, comparison.both_wrong
    if first is None or second is None or both is None:
        return ()
    return (
        ImagesLine(label="Both right", count=comparison.images - first - second - both),
        ImagesLine(label="Only A right", count=second),
        ImagesLine(label="Only B right", count=first),
        ImagesLine(label="Both wrong", count=both),
    )


def _p_text(p: float) -> str:
    return "below 0.0001" if p < 0.0001 else f"{p:.4f}"
