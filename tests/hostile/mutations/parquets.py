"""Damage that knows Parquet: odd tables written soundly, and sound tables with footers and pages that lie."""

from __future__ import annotations

import datetime as dt
import decimal
import io
import random
from collections.abc import Callable, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from scoring.tasks import TASKS
from tests.hostile.mutations.valid_files import Kind, number, rows_of
from tests.parity.table_files import columns_of

_TYPES = (
    pa.float64(), pa.float32(), pa.float16(), pa.int8(), pa.int64(), pa.uint64(), pa.bool_(), pa.string(),
    pa.large_string(), pa.binary(), pa.decimal128(38, 10), pa.date32(), pa.timestamp("us"), pa.list_(pa.float64()),
    pa.struct([("a", pa.float64())]), pa.null(), pa.dictionary(pa.int8(), pa.string()), pa.string_view(),
    pa.map_(pa.string(), pa.int64()), pa.binary(4), pa.duration("s"), pa.decimal256(60, 3), pa.time64("us"),
)  # fmt: skip
_CODECS = ("none", "snappy", "gzip", "zstd", "lz4", "brotli")
_NAMES = (
    "image",
    "image_id",
    "Class",
    "label1",
    "",
    "a.b",
    "x",
    "bbox",
    "\u202e",
    "label",
    "ImageId",
    "PredictionString",
)


def odd_table(_content: bytes, kind: Kind, rng: random.Random, *, changes: int | None = None) -> bytes:
    """A table as a writer of any settings would leave it, with odd columns and cells."""
    rows, layout = rows_of(kind.task), TASKS[kind.task].layout
    names = list(columns_of(rows, layout))
    columns = [[number(row[place]) if place < len(row) else None for row in rows] for place in range(len(names))]
    for _ in range(rng.choice((0, 1, 1, 2)) if changes is None else changes):
        _change(names, columns, rng)
    arrays = [pa.array(column) if changes == 0 else _array(column, rng) for column in columns]
    stream = io.BytesIO()
    try:
        pq.write_table(pa.Table.from_arrays(arrays, names=names), stream, **_settings(rng))
    except (pa.ArrowException, OSError):  # what cannot be written so is written plainly
        strings = [pa.array([None if cell is None else str(cell) for cell in column]) for column in columns]
        stream = io.BytesIO()
        pq.write_table(pa.Table.from_arrays(strings, names=names), stream)
    return stream.getvalue()


def _change(names: list[str], columns: list[list[Any]], rng: random.Random) -> None:
    place, way = rng.randrange(len(names)), rng.randrange(6)
    if way == 0 and len(names) > 1:
        del names[place], columns[place]
    elif way == 1:
        names[place] = rng.choice(_NAMES)
    elif way == 2:
        names.append(rng.choice((*_NAMES, names[place])))
        columns.append(columns[place])
    elif way == 3:
        rng.shuffle(names)
    elif columns[place]:
        odd = (None, float("nan"), float("inf"), -1, 0, 1.5, 1e300, -0.0, 2**60, "n00000001", "val/a", "x y", "1_0", "")
        columns[place] = list(columns[place])
        columns[place][rng.randrange(len(columns[place]))] = rng.choice(odd)


def _array(column: Sequence[Any], rng: random.Random) -> pa.Array:
    """The column in any type that takes it."""
    if rng.random() < 0.25:
        kind = rng.choice(_TYPES)
        for convert in _conversions():
            try:
                return pa.array([None if cell is None else convert(cell) for cell in column], type=kind)
            except (pa.ArrowException, ValueError, TypeError, OverflowError, ArithmeticError):
                continue
    try:
        return pa.array(column)
    except (pa.ArrowException, ValueError, TypeError, OverflowError):
        return pa.array([None if cell is None else str(cell) for cell in column])


def _conversions() -> tuple[Callable[[Any], Any], ...]:
    epoch = dt.datetime(1970, 1, 1)  # noqa: DTZ001  # a column of plain times
    return (
        lambda cell: cell, str, float, int, bool, lambda cell: str(cell).encode(),
        lambda cell: decimal.Decimal(str(cell)), lambda cell: [float(cell)], lambda cell: {"a": float(cell)},
        lambda _: epoch, lambda _: epoch.date(), lambda _: epoch.time(), lambda _: dt.timedelta(1),
        lambda cell: str(cell).encode()[:4].ljust(4), lambda cell: [(str(cell), 1)],
    )  # fmt: skip


def _settings(rng: random.Random) -> dict[str, Any]:
    return {
        "compression": rng.choice(_CODECS),
        "data_page_version": rng.choice(("1.0", "2.0")),
        "use_dictionary": rng.random() < 0.5,
        "row_group_size": rng.choice((1, 2, 100)),
        "data_page_size": rng.choice((1, 100, 1 << 20)),
        "version": rng.choice(("1.0", "2.4", "2.6")),
        "write_statistics": rng.random() < 0.5,
        "write_page_checksum": rng.random() < 0.3,
        "write_page_index": rng.random() < 0.2,
        "store_schema": rng.random() < 0.5,
        "use_byte_stream_split": False,
    }


def lying(content: bytes, rng: random.Random) -> bytes:
    """A table with some bytes of its footer, of its pages, or of the footer's size changed."""
    size = int.from_bytes(content[-8:-4], "little")
    footer = len(content) - 8 - size
    changed = bytearray(content)
    way = rng.randrange(6)
    if way == 0:
        changed[-8:-4] = rng.choice((0, 1, size - 1, size + 1, 2**31 - 1, 2**32 - 1, len(content))).to_bytes(
            4, "little"
        )
    elif way == 1:
        del changed[rng.randrange(footer, len(changed) - 8)]
    elif way == 2:  # a number of many digits in the place of one of few
        place = rng.randrange(footer if rng.random() < 0.6 else 4, len(changed) - 8)
        changed[place : place + 1] = rng.choice(
            (b"\xff" * 8 + b"\x7f", b"\xff\xff\xff\xff\x0f", b"\x80\x80\x04", b"\0")
        )
        changed[-8:-4] = (len(changed) - 8 - footer).to_bytes(4, "little")
    else:
        start, end = (footer, len(changed) - 8) if way < 5 else (4, footer)
        for _ in range(rng.choice((1, 1, 2, 4))):
            place = rng.randrange(start, end)
            changed[place] = rng.choice((changed[place] ^ 1 << rng.randrange(8), rng.randrange(256), 0, 255, 127))
    return bytes(changed)
