"""The board as a table of a page: it needs no script, and reads as labelled lines on a narrow screen."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from leaderboard.addresses import entry_address
from leaderboard.board import Board, Row
from leaderboard.exports import moment_text, shown_metrics, standing_word
from leaderboard.numbers import NO_VALUE, score_text, shown_name
from leaderboard.selection import Selection, select

if TYPE_CHECKING:
    from leaderboard.intervals import Interval
    from scoring.tasks import Metric

environment = Environment(
    loader=PackageLoader("leaderboard"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """One column's heading."""

    key: str  # of the order by it; empty where there is none
    label: str
    kind: str  # class of its cells: "rank", "team", "method", "main", "score", "spent", "date"
    direction: str  # "lower is better"; empty for what is no metric
    arrow: str  # the direction as a sign
    address: str  # sorts by this column; empty where the table cannot be sorted
    order: str  # aria-sort: "ascending", "descending", or empty


@dataclass(frozen=True, kw_only=True, slots=True)
class Order:
    """An order of the rows that can be chosen where there is no room for headings."""

    key: str  # as the address has it; "" for that of the ranks
    label: str
    is_chosen: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One row, ready to print."""

    rank: str
    ranks: str  # those it may truly have: "1–3"; "" where they are not known, or its rank alone
    team: str
    method: str
    entry: int
    team_address: str  # of the team's page; empty while it is not named
    address: str  # of the entry's page
    tags: tuple[str, ...]  # what is special about it: "your team", "baseline"
    reason: str  # why it is disqualified
    track: str
    interval: str  # of the deciding metric, at 95 %
    scores: tuple[tuple[Column, str], ...]
    spent: int
    day: str
    moment: str
    is_own: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """What the template prints."""

    caption: str
    has_tracks: bool
    can_compare: bool  # whether rows are chosen to be compared
    columns: tuple[Column, ...]
    lines: tuple[Line, ...]


def board_table(
    board: Board, *, selection: Selection | None = None, address: str = "", limit: int | None = None,
    can_compare: bool = False,
) -> Markup:  # fmt: skip
    """The board's table.

    Args:
        board: as its viewer may see it; the viewer's own team is marked.
        selection: rows and order; without it, the whole board by rank.
        address: where the page lives; headings become links that sort it. Without it they are plain.
        limit: print no more than this many rows.
        can_compare: whether each row has a box; the form around them is the page's.
    """
    chosen = selection or Selection()
    metrics = shown_metrics(board.metrics, board.metric)
    columns = _columns(board, metrics, chosen=chosen, address=address)
    table = Table(
        caption=f"Ranked by {board.metric.label}, {board.metric.direction}",
        has_tracks=bool(board.tracks),
        can_compare=can_compare,
        columns=columns,
        lines=tuple(_line(board, row, metrics, columns=columns) for row in select(board, chosen)[:limit]),
    )
    return Markup(environment.get_template("board.html").render(table=table))  # noqa: S704 - the template escapes


def board_orders(board: Board, chosen: Selection) -> tuple[Order, ...]:
    """What the headings' links offer, both ways each."""
    metrics = shown_metrics(board.metrics, board.metric)
    return tuple(
        Order(
            key=replace(chosen, sort=column.key, is_reversed=is_reversed).sort_key,
            label=f"{column.label}, reversed" if is_reversed else column.label,
            is_chosen=(chosen.sort, chosen.is_reversed) == (column.key, is_reversed),
        )
        for column in _columns(board, metrics, chosen=chosen, address="")
        if column.key
        for is_reversed in (False, True)
    )


def _columns(board: Board, metrics: tuple[Metric, ...], *, chosen: Selection, address: str) -> tuple[Column, ...]:
    def column(key: str, label: str, *, kind: str, metric: Metric | None = None) -> Column:
        is_sorted = chosen.sort == key
        is_descending = chosen.is_reversed != (metric is not None and not metric.is_lower_better)
        return Column(
            key=key,
            label=label,
            kind=kind,
            direction="" if metric is None else metric.direction,
            arrow="" if metric is None else "↓" if metric.is_lower_better else "↑",
            address=_sorted_by(key, chosen, address=address) if key else "",
            order=("descending" if is_descending else "ascending") if is_sorted and address else "",
        )

    return (
        column("rank", "Rank", kind="rank"),
        column("team", "Team", kind="team"),
        column("method", "Method", kind="method"),
        *((column("", "Track", kind="track"),) if board.tracks else ()),
        *(
            column(
                metric.name,
                _capital(metric.label),
                kind="main" if metric == board.metric else "score",
                metric=metric,
            )
            for metric in metrics
        ),
        column("spent", "Submissions", kind="spent"),
        column("date", "Date, UTC", kind="date"),
    )


def _sorted_by(key: str, chosen: Selection, *, address: str) -> str:
    if not address:
        return ""
    is_reversed = chosen.sort == key and not chosen.is_reversed
    return replace(chosen, sort=key, is_reversed=is_reversed).address(address)


def _line(board: Board, row: Row, metrics: tuple[Metric, ...], *, columns: tuple[Column, ...]) -> Line:
    scored = [column for column in columns if column.direction]
    ranks, moment = row.rank_interval, moment_text(row.submitted_at)
    return Line(
        rank=str(row.rank) if row.rank is not None else NO_VALUE,
        ranks="" if ranks is None or ranks.best == ranks.worst else f"{ranks.best}–{ranks.worst}",
        team=shown_name(row.team),
        method=shown_name(row.method),
        entry=row.entry,
        team_address=f"/teams/{row.team_id}" if row.is_named else "",
        address=entry_address(board, row.entry),
        tags=_tags(row, is_own=row.team_id == board.visibility.own_team_id),
        reason=shown_name(row.disqualified_for),
        track=shown_name(row.track),
        interval="" if row.interval is None else _interval_text(row.interval, board.metric),
        scores=tuple(
            (column, score_text(row.scores.get(metric.name), metric))
            for column, metric in zip(scored, metrics, strict=True)
        ),
        spent=row.submissions_spent,
        day=moment.partition("T")[0],
        moment=moment,
        is_own=row.team_id == board.visibility.own_team_id,
    )


def _tags(row: Row, *, is_own: bool) -> tuple[str, ...]:
    word = standing_word(row)
    return (*(("your team",) if is_own else ()), *((word,) if word != "ranked" else ()))


def _interval_text(interval: Interval, metric: Metric) -> str:
    return f"{score_text(interval.low, metric)} to {score_text(interval.high, metric)}"


def _capital(label: str) -> str:
    return label[:1].upper() + label[1:]
