"""The board for programs and terminals: JSON, CSV and a table of text. Needs no template engine."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from leaderboard.board import Board, Row
from leaderboard.categories import CATEGORIES_WON
from leaderboard.numbers import score_text, shown_name
from scoring.tasks import Metric, find_task

# A spreadsheet takes a cell that begins so for a formula; the full-width forms are taken for the plain ones.
FORMULA_SIGNS = frozenset("=+-@|＝＋－＠")


def moment_text(moment: datetime) -> str:
    """A moment in UTC, to the second: 2026-11-23T20:47:00Z."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def board_document(board: Board) -> dict[str, Any]:
    """The board as JSON. Scores are exact; nothing is rounded, nothing per class."""
    return {
        "round": board.round_slug,
        "task": board.task_slug,
        "metric": {"name": board.metric.name, "direction": board.metric.direction},
        "truth": {"digest": board.truth_digest, "is_sealed": board.is_truth_sealed},
        "split": board.split,
        "resolvable_difference": board.resolvable,
        "entries": [_entry_document(board, row) for row in board.rows],
    }


def _entry_document(board: Board, row: Row) -> dict[str, Any]:
    interval, ranks = row.interval, row.rank_interval
    return {
        "rank": row.rank,
        "rank_interval": None if ranks is None else [ranks.best, ranks.worst],
        "team": row.team,
        "method": row.method,
        "track": row.track,
        "entry": row.entry,
        "submission": row.submission,
        "scores": {metric.name: row.scores.get(metric.name) for metric in board.metrics},
        "interval": None if interval is None else [interval.low, interval.high],
        "submissions_spent": row.submissions_spent,
        "submitted_at": moment_text(row.submitted_at),
        "is_competing": row.is_competing,
        "is_baseline": row.is_baseline,
        "disqualified_for": row.disqualified_for or None,
        "links": dict(row.links),
    }


def defused(cell: str) -> str:
    """A text that no spreadsheet runs: a leading apostrophe before anything it could take for a formula."""
    visible = (c for c in cell if not c.isspace() and unicodedata.category(c) not in {"Cf", "Cc"})
    is_formula = next(visible, "") in FORMULA_SIGNS or cell.startswith(("\t", "\r", "\n"))
    return f"'{cell}" if is_formula else cell


def undefused(cell: str) -> str:
    """What `defused` was given, of a cell that comes back.

    >>> [undefused(defused(cell)) for cell in ("=1+1", "Ada", "'t Hooft")]
    ['=1+1', 'Ada', "'t Hooft"]
    """
    return cell[1:] if cell[:1] == "'" and defused(cell[1:]) == cell else cell


def board_csv(board: Board) -> str:
    """The board as RFC 4180 has it: a header, then a line per row. Exact values; undefined ones are empty."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    names = [metric.name for metric in board.metrics]
    own = ["interval_low", "interval_high", "track", "standing", "rank_best", "rank_worst"]
    writer.writerow(["rank", "team", "method", "submission", *names, "submissions_spent", "submitted_at", *own])
    for row in board.rows:
        values = ["" if row.scores.get(name) is None else repr(row.scores[name]) for name in names]
        interval = ["", ""] if row.interval is None else [repr(row.interval.low), repr(row.interval.high)]
        ranks = ["", ""] if row.rank_interval is None else [row.rank_interval.best, row.rank_interval.worst]
        writer.writerow(
            [
                "" if row.rank is None else row.rank,
                defused(row.team),
                defused(row.method),
                row.submission,
                *values,
                row.submissions_spent,
                moment_text(row.submitted_at),
                *interval,
                defused(row.track),
                standing_word(row),
                *ranks,
            ]
        )
    return text.getvalue()


def standing_word(row: Row) -> str:
    """How a row stands in the competition, in a word."""
    return _standing(row.disqualified_for, is_baseline=row.is_baseline, is_competing=row.is_competing)


def _standing(disqualified_for: str | None, *, is_baseline: bool, is_competing: bool) -> str:
    if disqualified_for:
        return "disqualified"
    if is_baseline:
        return "baseline"
    return "ranked" if is_competing else "not competing"


def shown_metrics(metrics: tuple[Metric, ...], main: Metric) -> tuple[Metric, ...]:
    """The metrics a table has room for: the deciding one, then both ends of every curve (top-1 .. top-5)."""
    families: dict[str, list[Metric]] = {}
    for metric in metrics:
        families.setdefault("".join(c for c in metric.name if not c.isdigit()), []).append(metric)
    ends = [metric for family in families.values() for metric in dict.fromkeys((family[-1], family[0]))]
    return main, *(metric for metric in ends if metric != main)


def text_table(document: Mapping[str, Any]) -> tuple[list[str], list[list[str]]]:
    """Headings and rows of a board's JSON document, as text for a terminal; track and standing where rows have any."""
    task, entries, name = find_task(document["task"]), document["entries"], document["metric"]["name"]
    metrics = shown_metrics(task.metrics, CATEGORIES_WON if name == CATEGORIES_WON.name else task.metric(name))
    tracks = [shown_name(entry["track"]) for entry in entries]
    words = [
        _standing(entry["disqualified_for"], is_baseline=entry["is_baseline"], is_competing=entry["is_competing"])
        for entry in entries
    ]
    more = {"track": tracks} if any(tracks) else {}
    more |= {"standing": words} if set(words) - {"ranked"} else {}
    headings = ["rank", "team", "method", *more, *(metric.label for metric in metrics), "submissions", "date (UTC)"]
    rows = [
        [
            "-" if entry["rank"] is None else str(entry["rank"]),
            shown_name(entry["team"]),
            shown_name(entry["method"]),
            *(column[place] for column in more.values()),
            *(score_text(entry["scores"].get(metric.name), metric) for metric in metrics),
            str(entry["submissions_spent"]),
            str(entry.get("submitted_at", ""))[:10],
        ]
        for place, entry in enumerate(entries)
    ]
    return headings, rows
