"""Which rows of a board are shown, and in which order. Ranks stay those of the whole board."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date
from urllib.parse import urlencode

from leaderboard.board import Board, Row

# A sort key of the address; "-" in front reverses it. Metrics are sorted best first, by their exact values.
FIXED_KEYS = ("rank", "team", "method", "spent", "date")


@dataclass(frozen=True, kw_only=True, slots=True)
class Selection:
    """What the address of a board asks for."""

    sort: str = "rank"
    is_reversed: bool = False
    text: str = ""  # shown are rows whose team or method contains it, whatever the case
    since: date | None = None  # shown are rows of that UTC day or later
    track: str = ""  # shown are rows of that track; "" is all
    split: str = ""  # of which images the scores are; "" as the board has them by itself

    @property
    def is_everything(self) -> bool:
        """Whether no row is left out."""
        return not self.text.strip() and self.since is None and not self.track

    @property
    def sort_key(self) -> str:
        """As the address has it; "" for the order of ranks."""
        key = f"-{self.sort}" if self.is_reversed else self.sort
        return "" if key == "rank" else key

    def address(self, board: str) -> str:
        """Where the board that lives at `board` shows just this."""
        query = {
            "sort": self.sort_key,
            "find": self.text,
            "since": "" if self.since is None else self.since.isoformat(),
            "track": self.track,
            "split": self.split,
        }
        kept = {name: value for name, value in query.items() if value}
        return f"{board}?{urlencode(kept)}" if kept else board


def read_selection(board: Board, *, sort: str, text: str, since: str, track: str = "", split: str = "") -> Selection:
    """The selection an address asks for; what it cannot mean is left out, so that old links keep working."""
    key = sort.removeprefix("-")
    known = key in FIXED_KEYS or any(metric.name == key for metric in board.metrics)
    try:
        day = date.fromisoformat(since)
    except ValueError:
        day = None
    return Selection(
        sort=key if known else "rank",
        is_reversed=known and sort.startswith("-"),
        text=text.strip(),
        since=day,
        track=track if track in board.tracks else "",
        split=split if split == board.split and len(board.visibility.splits) > 1 else "",
    )


def select(board: Board, selection: Selection) -> tuple[Row, ...]:
    """The rows asked for. Rows without a value come last either way; equal ones keep the board's order."""
    needle = selection.text.casefold()
    rows = [
        row
        for row in board.rows
        if needle in f"{row.team}\n{row.method}".casefold()
        and (not selection.track or row.track == selection.track)
        and (selection.since is None or row.submitted_at.astimezone(UTC).date() >= selection.since)
    ]
    if selection.sort == "rank":  # the board's own order
        return tuple(reversed(rows)) if selection.is_reversed else tuple(rows)
    if selection.sort in FIXED_KEYS:
        rows.sort(key=lambda row: _fixed_key(row, selection.sort), reverse=selection.is_reversed)
        return tuple(rows)
    metric = next(metric for metric in board.metrics if metric.name == selection.sort)
    sign = (1 if metric.is_lower_better else -1) * (-1 if selection.is_reversed else 1)
    present = [(value, row) for row in rows if (value := row.scores.get(metric.name)) is not None]
    missing = [row for row in rows if row.scores.get(metric.name) is None]
    present.sort(key=lambda pair: sign * pair[0])
    return (*(row for _, row in present), *missing)


def _fixed_key(row: Row, key: str) -> tuple[float, str]:
    match key:
        case "team":
            return 0, row.team.casefold()
        case "method":
            return 0, row.method.casefold()
        case "spent":
            return row.submissions_spent, ""
        case _:
            return row.submitted_at.timestamp(), ""
