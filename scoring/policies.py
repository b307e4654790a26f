"""The policy of a round: who may send how much, when, and which score decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, get_args

from scoring.faults import FaultLog

Rows = Literal["team", "entry"]

# The defaults let any file of the ILSVRC years through: the largest (VID, 30 million lines) unpack to 1.5 GB.
MAX_UPLOAD_BYTES = 1 << 30
MAX_UNPACKED_BYTES = 4 << 30
MAX_LINES = 40_000_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Policy:
    """What round.toml says under [policy]. Times are aware and in UTC; None means "no limit" or "always"."""

    best_by: str  # the metric that ranks, with its own direction
    rules: str | None = None  # the text of the rule book, Markdown
    opens: datetime | None = None
    closes: datetime | None = None
    submissions_per_day: int | None = None  # per team and UTC calendar day
    submissions_total: int | None = None  # per team
    rows: Rows = "team"  # a board's rows: one per team, or one per method
    max_upload_bytes: int = MAX_UPLOAD_BYTES  # of the file as sent
    max_unpacked_bytes: int = MAX_UNPACKED_BYTES
    max_lines: int = MAX_LINES


@dataclass(frozen=True, kw_only=True, slots=True)
class _Reader:
    table: Mapping[str, Any]
    faults: FaultLog

    def wrong(self, key: str, message: str, advice: str) -> None:
        value = self.table[key]
        shown = value.isoformat() if isinstance(value, datetime) else repr(value)
        self.faults.add("policy", message, advice=advice, file="round.toml", key=f"policy.{key}", value=shown)

    def time(self, key: str) -> datetime | None:
        value = self.table.get(key)
        if value is None:
            return None
        if not isinstance(value, datetime):
            self.wrong(key, "a time with a zone is due here", "write it like 2026-12-01T00:00:00Z, without quotes")
            return None
        if value.tzinfo is None:
            self.wrong(key, "a time needs a zone", "write it like 2026-12-01T00:00:00Z")
            return None
        try:
            return value.astimezone(UTC)
        except OverflowError:
            self.wrong(key, "this time lies beyond the calendar", "leave the key out for no limit")
            return None

    def count(self, key: str) -> int | None:
        value = self.table.get(key)
        if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < 1):
            self.wrong(key, "a limit is a whole number, at least 1", "leave the key out for no limit")
            return None
        return value

    def choice(self, key: str, choices: tuple[str, ...], default: str) -> str:
        value = self.table.get(key, default)
        if value not in choices:
            self.wrong(key, "this value is not known", "choose one of " + ", ".join(choices))
            return default
        return str(value)


def parse_policy(
    table: Mapping[str, Any], *, metrics: tuple[str, ...], main_metric: str, rules: str | None, faults: FaultLog
) -> Policy:
    """Read [policy]; `metrics` are those of the round's task."""
    reader = _Reader(table=table, faults=faults)
    opens, closes = reader.time("opens"), reader.time("closes")
    if opens and closes and closes <= opens:
        reader.wrong("closes", "the round closes before it opens", "put `closes` after `opens`")
    rows: Rows = "entry" if reader.choice("rows", get_args(Rows), "team") == "entry" else "team"
    return Policy(
        best_by=reader.choice("best_by", metrics, main_metric),
        rules=rules,
        opens=opens,
        closes=closes,
        submissions_per_day=reader.count("submissions_per_day"),
        submissions_total=reader.count("submissions_total"),
        rows=rows,
        max_upload_bytes=reader.count("max_upload_bytes") or MAX_UPLOAD_BYTES,
        max_unpacked_bytes=reader.count("max_unpacked_bytes") or MAX_UNPACKED_BYTES,
        max_lines=reader.count("max_lines") or MAX_LINES,
    )
