"""A prediction text written anew in every other encoding, the columns as the task's layout has them."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from scoring.formats.layouts import Layout
from tests.parity import kit_files

Rows = Sequence[Sequence[str]]
_BOX = ("x", "y", "width", "height")


def rows_of(text: str) -> list[list[str]]:
    """The tokens of each line that has any."""
    return [row for row in kit_files.rows_of(text) if row]


def keyed_rows(rows: Rows, layout: Layout, indices: Sequence[int]) -> list[list[str]]:
    """Rows with the image in front, where the layout's tables name it; in the kits' text, lines are in its order."""
    if not layout.has_key or layout.needs_key:
        return [list(row) for row in rows]
    return [[str(index), *row] for index, row in zip(sorted(indices), rows, strict=True)]


def columns_of(rows: Rows, layout: Layout) -> tuple[str, ...]:
    """The names of as many columns as the longest row has cells; what goes beyond the layout is left out."""
    names = (*(("image",) if layout.has_key else ()), *layout.columns)
    return names[: max(map(len, rows), default=len(names))]


def as_text(rows: Rows, layout: Layout) -> bytes:
    """The kits' lines, which name no image where they are in the order of the images."""
    first = int(layout.has_key and not layout.needs_key)
    return "".join(" ".join(row[first:]) + "\n" for row in rows).encode()


def as_csv(rows: Rows, layout: Layout) -> bytes:
    names = columns_of(rows, layout)
    return "".join(",".join(row[: len(names)]) + "\n" for row in [names, *rows]).encode()


def as_json(rows: Rows, layout: Layout) -> bytes:
    names = columns_of(rows, layout)
    records = [dict(zip(names, map(_value, row), strict=False)) for row in rows]
    if layout.has_xywh:
        records = [{"bbox": [record.pop(name) for name in _BOX], **record} for record in records]
    return json.dumps(records).encode()


def as_parquet(rows: Rows, layout: Layout) -> bytes:
    columns = {
        name: _column([_value(row[place]) if place < len(row) else None for row in rows])
        for place, name in enumerate(columns_of(rows, layout))
    }
    stream = io.BytesIO()
    pq.write_table(pa.table(columns), stream)
    return stream.getvalue()


def as_kaggle(rows: Rows, layout: Layout) -> bytes:
    assert layout.has_key
    return "".join(f"{row[0]},{' '.join(row[1:])}\n" for row in [["ImageId", "PredictionString"], *rows]).encode()


WRITERS: Mapping[str, Callable[[Rows, Layout], bytes]] = {
    "text": as_text,
    "csv": as_csv,
    "json": as_json,
    "parquet": as_parquet,
    "kaggle": as_kaggle,
}


def _value(token: str) -> Any:
    """A WNID or a name as it is; else the number that the token stands for."""
    try:
        number = float(token)
    except ValueError:
        return token
    is_whole = number.is_integer() and abs(number) < 2**53 and str(number) != "-0.0"
    return int(number) if is_whole else number


def _column(values: list[Any]) -> pa.Array:
    """A column of one type: strings if any cell is one."""
    if any(isinstance(value, str) for value in values):
        return pa.array([None if value is None else str(value) for value in values])
    if any(isinstance(value, float) for value in values):
        return pa.array([None if value is None else float(value) for value in values])
    return pa.array(values)
