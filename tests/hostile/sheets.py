"""Valid predictions as rows of tokens, and their spelling in every encoding: bad tables are made from these."""

from __future__ import annotations

import io
import json
import math
import re
from collections.abc import Callable
from dataclasses import dataclass, replace

import pyarrow as pa
import pyarrow.parquet as pq

from scoring.tasks import TASKS
from tests.hostile.other_rounds import VALID_TEXT
from tests.hostile.samples import KIT_TASKS, valid_text

# What each encoding counts as the first prediction's line.
FIRST_LINES = {"text": 1, "csv": 2, "kaggle": 2, "json": 1, "parquet": 1}

_JSON_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?|NaN|-?Infinity")


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """One task's predictions: names of columns, and rows of as many tokens or fewer."""

    task: str
    names: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def place(self, *names: str) -> int:
        """The place of the first of these columns that there is."""
        return next(self.names.index(name) for name in names if name in self.names)

    def with_row(self, line: int, row: tuple[str, ...]) -> Sheet:
        """Another row in the place of the one that is on this line, counted from 1."""
        return replace(self, rows=(*self.rows[: line - 1], row, *self.rows[line:]))

    def with_cell(self, line: int, place: int, token: str) -> Sheet:
        row = self.rows[line - 1]
        return self.with_row(line, (*row[:place], token, *row[place + 1 :]))

    def with_column(self, change: Callable[[str], str], *names: str) -> Sheet:
        """Every cell of these columns changed."""
        places = {self.names.index(name) for name in names if name in self.names}
        rows = [tuple(change(cell) if place in places else cell for place, cell in enumerate(row)) for row in self.rows]
        return replace(self, rows=tuple(rows))


def valid_sheet(task: str) -> Sheet:
    """The rows of the valid text, the image in front, as tables have them."""
    layout = TASKS[task].layout
    text = valid_text(task) if task in KIT_TASKS else VALID_TEXT[task]
    rows = [tuple(line.split()) for line in text.splitlines()]
    if layout.has_key and not layout.needs_key:
        rows = [(str(number), *row) for number, row in enumerate(rows, 1)]
    names = (*(("image",) if layout.has_key else ()), *layout.columns)
    return Sheet(task=task, names=names[: max(map(len, rows))], rows=tuple(rows))


def as_csv(sheet: Sheet) -> bytes:
    return "".join(",".join(row) + "\n" for row in (sheet.names, *sheet.rows)).encode()


def as_text(sheet: Sheet) -> bytes:
    return "".join(" ".join(row) + "\n" for row in sheet.rows).encode()


def as_kaggle(sheet: Sheet) -> bytes:
    lines = [f"{row[0] if row else ''},{' '.join(row[1:])}" for row in sheet.rows]
    return "".join(line + "\n" for line in ["ImageId,PredictionString", *lines]).encode()


def as_json(sheet: Sheet) -> bytes:
    """A list of flat records; what is no number of JSON is a string."""
    records = []
    for row in sheet.rows:
        members = [f"{json.dumps(name)}: {_json_cell(cell)}" for name, cell in zip(sheet.names, row, strict=False)]
        records.append("{" + ", ".join(members) + "}")
    return ("[" + ", ".join(records) + "]").encode()


def _json_cell(token: str) -> str:
    return token if _JSON_NUMBER.fullmatch(token) else json.dumps(token)


def as_parquet(sheet: Sheet) -> bytes:
    columns = {}
    for place, name in enumerate(sheet.names):
        columns[name] = column_of([row[place] if place < len(row) else None for row in sheet.rows])
    return table_of(columns)


def table_of(columns: dict[str, pa.Array], **options: object) -> bytes:
    stream = io.BytesIO()
    pq.write_table(pa.table(columns), stream, **options)
    return stream.getvalue()


def column_of(cells: list[str | None]) -> pa.Array:
    """Whole numbers, else floats, else strings."""
    try:
        return pa.array([None if cell is None else _whole(cell) for cell in cells], pa.int64())
    except (ValueError, OverflowError):
        pass
    try:
        return pa.array([None if cell is None else _float(cell) for cell in cells], pa.float64())
    except ValueError:
        return pa.array(cells)


def _whole(cell: str) -> int:
    if not re.fullmatch("-?[0-9]{1,18}", cell) or cell == "-0":
        raise ValueError(cell)
    return int(cell)


def _float(cell: str) -> float:
    if "_" in cell or not cell.isascii():
        raise ValueError(cell)
    value = float(cell)
    return value if math.isfinite(value) or cell.lstrip("-")[:1].isalpha() else math.copysign(math.inf, value)


SPELLINGS: dict[str, Callable[[Sheet], bytes]] = {
    "text": as_text, "csv": as_csv, "kaggle": as_kaggle, "json": as_json, "parquet": as_parquet,
}  # fmt: skip

# Every task and encoding of rows; the kits' texts of guesses and detections have a table of their own.
KINDS: tuple[tuple[str, str], ...] = tuple(
    (slug, form.encoding)
    for slug, task in TASKS.items()
    for form in task.formats
    if form.encoding in SPELLINGS and (slug not in KIT_TASKS or form.encoding != "text")
)


def encodings_of(task: str) -> tuple[str, ...]:
    return tuple(encoding for slug, encoding in KINDS if slug == task)


def spelled(sheet: Sheet, encoding: str) -> bytes:
    return SPELLINGS[encoding](sheet)


def valid_in(task: str, encoding: str) -> bytes:
    """The valid file of a task in an encoding."""
    return spelled(valid_sheet(task), encoding)
