"""Precision over recall as a drawing with its twin, a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from markupsafe import Markup

from leaderboard.charts import HEIGHT, TimeTick, ValueTick
from leaderboard.render import environment

# Where the precision is told: at each hundredth of recall, from 0 to 1.
RECALLS = tuple(place / 100 for place in range(101))

_TOP, _BOTTOM = 12, 252  # pixels, of precision 1 and 0
_LEFT, _WIDTH = 0.5, 99.0  # per cent, of recall 0, and up to 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Segment:
    """A piece of the curve: from a recall and precision to the next."""

    x: float
    until: float
    y: float
    then: float


@dataclass(frozen=True, kw_only=True, slots=True)
class CurveChart:
    """Precision upwards, recall to the right."""

    height: int
    ticks: tuple[ValueTick, ...]
    recalls: tuple[TimeTick, ...]
    segments: tuple[Segment, ...]


def curve_chart(precisions: Sequence[float]) -> CurveChart:
    """Where the curve stands.

    Args:
        precisions: at each of RECALLS.
    """
    places = [(_x(recall), _y(precision)) for recall, precision in zip(RECALLS, precisions, strict=True)]
    return CurveChart(
        height=HEIGHT,
        ticks=tuple(ValueTick(y=_y(tenths / 10), label=f"{tenths / 10:.1f}") for tenths in range(0, 11, 2)),
        recalls=(
            TimeTick(x=_x(0.0), label="0.0", anchor="start"),
            TimeTick(x=_x(0.5), label="recall 0.5", anchor="middle"),
            TimeTick(x=_x(1.0), label="1.0", anchor="end"),
        ),
        segments=tuple(Segment(x=x, until=until, y=y, then=then) for (x, y), (until, then) in pairwise(places)),
    )


def curve_figure(precisions: Sequence[float]) -> Markup:
    """The curve and its table.

    Args:
        precisions: at each of RECALLS.
    """
    rows = [(f"{RECALLS[place]:.1f}", f"{precisions[place]:.4f}") for place in range(0, 101, 10)]
    html = environment.get_template("curve.html").render(chart=curve_chart(precisions), rows=rows)
    return Markup(html)  # noqa: S704 - the template escapes


def _x(recall: float) -> float:
    return round(_LEFT + _WIDTH * recall, 2)


def _y(precision: float) -> float:
    return round(_BOTTOM - (_BOTTOM - _TOP) * precision, 1)
