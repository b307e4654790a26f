"""Charts as plain values: where everything stands. A template draws them, and a table says the same in words.

Widths are percentages and heights pixels, so that a chart fits any page and its text keeps its size.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from leaderboard.chart_labels import Anchor, Label, Mark, holder_labels, spread
from leaderboard.numbers import decimals, score_text, shown_name

if TYPE_CHECKING:
    from leaderboard.board import Board, Row
    from leaderboard.records import Record
    from scoring.tasks import Metric

HEIGHT = 280  # pixels, with the dates below
_TOP, _BOTTOM = 28, 240  # pixels, of the highest and the lowest value; a label below that has room above the dates
_DATES = 274  # pixels, of the foot of the dates
_LEFT, _RIGHT = 1.0, 99.5  # per cent, of the first and the last moment
_TICKS = 5  # of values, at most
_DAYS_WITHOUT_HOURS = timedelta(days=3)
# What an entry adds to a chart ends somewhere: a row far worse than all records is told in words.
_REACH = 1.5


@dataclass(frozen=True, kw_only=True, slots=True)
class Reference:
    """A value from elsewhere to compare with: a published result."""

    label: str
    value: float


@dataclass(frozen=True, kw_only=True, slots=True)
class ValueTick:
    """A value of the axis."""

    y: float
    label: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Published:
    """A reference, and its label beside the picture."""

    y: float
    short: str  # of the label, what a narrow page has room for: the year
    rest: str
    label_y: float  # off its line where the line is too near to another


@dataclass(frozen=True, kw_only=True, slots=True)
class TimeTick:
    """A moment of the axis."""

    x: float
    label: str
    anchor: Anchor


@dataclass(frozen=True, kw_only=True, slots=True)
class Point:
    """An entry of the board."""

    x: float
    y: float
    title: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """A record for as long as it stood, and the way down or up to it."""

    x: float  # when it was set
    until: float
    y: float
    before: float  # the height of the record before; its own for the first
    label: Label | None  # who holds it; None where there is no room
    is_last: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class ProgressChart:
    """The best score over time."""

    height: int
    dates_y: int
    ticks: tuple[ValueTick, ...]
    dates: tuple[TimeTick, ...]
    references: tuple[Published, ...]
    points: tuple[Point, ...]
    left_out: int  # entries whose values lie far from all records
    steps: tuple[Step, ...]


def progress_chart(
    board: Board, metric: Metric, *, start: datetime | None, end: datetime, references: Sequence[Reference] = ()
) -> ProgressChart | None:
    """How the best score of a board came about; None where there is no record.

    Args:
        board: as its viewer may see it; nothing else is drawn.
        metric: the one its records are of.
        start: of the axis, if nothing was sent before; None: with the first record.
        end: of the axis: now, or the close.
        references: values to compare with.
    """
    records = board.records
    if not records:
        return None
    values, left_out = _shown_values(board.rows, records, metric)
    scale = _Scale.of(
        [*(value for _, value in values), *(r.value for r in records), *(r.value for r in references)],
        [*(row.submitted_at for row, _ in values), *(r.at for r in records), end, start or records[0].at],
    )
    return ProgressChart(
        height=HEIGHT,
        dates_y=_DATES,
        ticks=_ticks(scale, metric),
        dates=_dates(scale),
        references=_references(scale, references, metric),
        points=tuple(
            Point(
                x=scale.x(row.submitted_at),
                y=scale.y(value),
                title=f"{shown_name(row.team)}, {shown_name(row.method)}: {score_text(value, metric)}",
            )
            for row, value in values
        ),
        left_out=left_out,
        steps=_steps(scale, records, is_falling=metric.is_lower_better, is_beside=bool(references)),
    )


def _shown_values(
    rows: Iterable[Row], records: Sequence[Record], metric: Metric
) -> tuple[list[tuple[Row, float]], int]:
    """The rows with their values, but for those too far away, and how many those are."""
    valued = [(row, value) for row in rows if (value := row.scores.get(metric.name)) is not None]
    first, best = records[0].value, records[-1].value
    spread = abs(first - best) or abs(best) or 1.0
    shown = [
        (row, value)
        for row, value in valued
        if (value - first if metric.is_lower_better else first - value) <= _REACH * spread
    ]
    return shown, len(valued) - len(shown)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Scale:
    low: float
    high: float
    start: datetime
    end: datetime

    @classmethod
    def of(cls, values: Sequence[float], moments: Sequence[datetime]) -> _Scale:
        low, high = min(values), max(values)
        margin = 0.0 if high > low else abs(high) / 2 or 0.5
        start, end = min(moments), max(moments)
        return cls(low=low - margin, high=high + margin, start=start, end=end if end > start else start + timedelta(1))

    def x(self, moment: datetime) -> float:
        share = (moment - self.start) / (self.end - self.start)
        return round(_LEFT + (_RIGHT - _LEFT) * share, 2)

    def y(self, value: float) -> float:
        return round(_BOTTOM - (_BOTTOM - _TOP) * (value - self.low) / (self.high - self.low), 1)


def _ticks(scale: _Scale, metric: Metric) -> tuple[ValueTick, ...]:
    """Round values inside the range: multiples of 1, 2 or 5 times a power of ten."""
    least = (scale.high - scale.low) / _TICKS
    power = 10.0 ** math.floor(math.log10(least))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= least)
    places = min(decimals(metric), max(0, -math.floor(math.log10(step) + 1e-9)))
    numbers = range(math.ceil(scale.low / step - 1e-9), math.floor(scale.high / step + 1e-9) + 1)
    return tuple(ValueTick(y=scale.y(number * step), label=f"{number * step:.{places}f}") for number in numbers)


def _dates(scale: _Scale) -> tuple[TimeTick, ...]:
    pattern = "%Y-%m-%d" if scale.end - scale.start > _DAYS_WITHOUT_HOURS else "%Y-%m-%d %H:%M"
    anchors: tuple[tuple[Anchor, float], ...] = (("start", 0.0), ("end", 1.0))
    return tuple(
        TimeTick(x=scale.x(at), label=f"{at.astimezone(UTC):{pattern}}", anchor=anchor)
        for anchor, share in anchors
        for at in [scale.start + share * (scale.end - scale.start)]
    )


def _references(scale: _Scale, references: Sequence[Reference], metric: Metric) -> tuple[Published, ...]:
    """From top to bottom; labels that would lie on each other stand below each other."""
    ordered = sorted(references, key=lambda one: scale.y(one.value))
    heights = spread([scale.y(one.value) + 4 for one in ordered], lowest=_DATES)
    found = []
    for one, label_y in zip(ordered, heights, strict=True):
        short, _, rest = f"{one.label} {score_text(one.value, metric)}".partition(" ")
        found.append(Published(y=scale.y(one.value), short=short, rest=rest, label_y=label_y))
    return tuple(found)


def _steps(scale: _Scale, records: Sequence[Record], *, is_falling: bool, is_beside: bool) -> tuple[Step, ...]:
    places = [(scale.x(record.at), scale.y(record.value)) for record in records]
    ends = [x for x, _ in places[1:]] + [scale.x(scale.end)]
    before = [places[0][1]] + [y for _, y in places[:-1]]
    marks = [
        Mark(x=x, until=until, y=y, before=was, name=shown_name(record.team))
        for record, (x, y), until, was in zip(records, places, ends, before, strict=True)
    ]
    labels = holder_labels(marks, is_falling=is_falling, is_beside=is_beside)
    return tuple(
        Step(
            x=mark.x,
            until=mark.until,
            y=mark.y,
            before=mark.before,
            label=labels.get(place),
            is_last=place == len(marks) - 1,
        )
        for place, mark in enumerate(marks)
    )
