"""The progress of a round as a drawing with its twin, a table: neither needs a script."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from markupsafe import Markup

from leaderboard.addresses import entry_address
from leaderboard.charts import Reference, progress_chart
from leaderboard.exports import moment_text
from leaderboard.numbers import NO_VALUE, difference_text, score_text, shown_name
from leaderboard.render import environment

if TYPE_CHECKING:
    from leaderboard.board import Board
    from scoring.tasks import Metric


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordLine:
    """One record, ready to print."""

    team: str
    method: str
    address: str  # of the entry's page; "" where the board has another row for the team
    score: str
    gain: str  # against the record before
    moment: str
    shown: str


def record_lines(board: Board, metric: Metric) -> tuple[RecordLine, ...]:
    """The records of a board, the latest first."""
    on_board = {row.entry for row in board.rows}
    before = [None, *(record.value for record in board.records)]
    return tuple(
        RecordLine(
            team=shown_name(record.team),
            method=shown_name(record.method),
            address=entry_address(board, record.entry) if record.entry in on_board else "",
            score=score_text(record.value, metric),
            gain=NO_VALUE if was is None else difference_text(record.value - was, metric),
            moment=moment_text(record.at),
            shown=moment_text(record.at)[:16].replace("T", " "),
        )
        for record, was in reversed(list(zip(board.records, before[:-1], strict=True)))
    )


def progress_figure(
    board: Board, metric: Metric, *, start: datetime | None, end: datetime, references: Sequence[Reference] = ()
) -> Markup:
    """The chart and its table; "" where there is no record yet.

    Args:
        board: as its viewer may see it.
        metric, start, end, references: as in `progress_chart`.
    """
    chart = progress_chart(board, metric, start=start, end=end, references=references)
    if chart is None:
        return Markup("")
    lines = record_lines(board, metric)
    html = environment.get_template("progress.html").render(
        chart=chart,
        said=f"Best {metric.label} over time: {lines[0].score} by {lines[0].team}. The table below says the same.",
        caption=_caption(board, metric, left_out=chart.left_out, has_references=bool(references)),
        label=metric.label[:1].upper() + metric.label[1:],
        lines=lines,
        published=[(one.label, score_text(one.value, metric)) for one in references],
    )
    return Markup(html)  # noqa: S704 - the template escapes


def _caption(board: Board, metric: Metric, *, left_out: int, has_references: bool) -> str:
    of_split = "" if board.split == "all" else f" on the {board.split} images"
    said = [f"Best {metric.label}{of_split} over time ({metric.direction}); each point is a row of the board."]
    if has_references:
        said.append("Dotted: winners of ILSVRC, as published, on the test images of their year.")
    if left_out:
        said.append(f"Out of the picture, with far worse scores: {left_out:,}.")
    return " ".join(said)
