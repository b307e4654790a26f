"""Tables and zips of maps that would take much memory, or much time, if they were read carelessly."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pyarrow as pa

from tests.hostile.bad_packed_tables import bomb
from tests.hostile.bad_parquet import footer_of
from tests.hostile.big_files import BigFile, bytes_of, same
from tests.hostile.mutations.pictures import chunk
from tests.hostile.other_rounds import NAMES, png_of_zeros
from tests.hostile.packed import gzipped, zip_of, zip_with_many_entries
from tests.hostile.sheets import table_of, valid_in

_MEGABYTE = 1_000_000
_ROW = "1,3,0.5,10,10,60,60\n"
_HEADER = "image,class,confidence,xmin,ymin,xmax,ymax\n"
_RECORD = '{"image_id": 1, "category_id": 3, "score": 0.5, "bbox": [10, 10, 50, 50]}'


def csv_of(row: str, *, rows: int) -> Callable[[str], bytes]:
    return lambda _: (_HEADER + row * rows).encode()


def json_of(text: str, *, count: int, start: str = "[" + _RECORD) -> Callable[[str], bytes]:
    return lambda _: (start + text * count + "]").encode()


def repeated_rows(rows: int) -> Callable[[str], bytes]:
    """A table of one row, very many times."""

    def make(_: str) -> bytes:
        index = pa.array(np.zeros(rows, dtype=np.int32))
        cells = zip(_HEADER.strip().split(","), _ROW.strip().split(","), strict=True)
        columns = {name: pa.DictionaryArray.from_arrays(index, pa.array([float(cell)])) for name, cell in cells}
        return table_of(columns, compression="zstd")

    return make


def many_columns(task: str) -> bytes:
    columns = {f"c{number}": pa.array([1]) for number in range(8_000)}
    return table_of({**columns, **{name: pa.array([1 + 8 * ("max" in name)]) for name in _HEADER.strip().split(",")}})


def long_footer(task: str) -> bytes:
    """A footer of lists within lists, as large as one may be."""
    content = valid_in(task, "parquet")
    footer = b"\x19" * 3_900_000
    return content[: footer_of(content)] + footer + len(footer).to_bytes(4, "little") + b"PAR1"


def many_maps(_: str) -> bytes:
    """The largest maps there may be, each of some kilobytes, of nothing."""
    png = png_of_zeros(4_096, 4_096)
    return zip_of(*((f"{name}.png", png) for name in NAMES))


def map_of_many_parts(_: str) -> bytes:
    parts = chunk(b"teXt", b"x" * 1_000) * 9_000
    png = png_of_zeros(3, 4)
    return zip_of(*((f"{name}.png", png[:33] + parts + png[33:]) for name in NAMES))


BIG_TABLES: dict[str, BigFile] = {
    "a CSV of quoted cells": BigFile(
        bytes_of(csv_of('"1",3,0.5,10,10,60,"60"\n', rows=150_000)), same("det", "confidences-equal", "crowded-image")
    ),
    "a CSV of empty rows": BigFile(bytes_of(csv_of(",,,,,,\n", rows=400_000)), same("det", "empty")),
    "a CSV of open quotes": BigFile(bytes_of(csv_of('"\n', rows=_MEGABYTE)), same("det", "csv")),
    "a CSV row of half a million cells": BigFile(
        bytes_of(csv_of("1," * 400_000 + "\n", rows=4)), same("det", "column-count")
    ),
    "a CSV row of nearly a million empty cells": BigFile(
        bytes_of(lambda task: valid_in(task, "csv")[:-1] + b"," * 900_000 + b"\n"),
        same("cls", "empty-cells") | same("det", "column-count"),
    ),
    "a CSV with a header of half a megabyte": BigFile(
        bytes_of(lambda _: (_HEADER.strip() + ",x" * 200_000 + "\n" + _ROW).encode()), same("det", "columns-ignored")
    ),
    "a CSV bomb of 1 GB": BigFile(
        bytes_of(lambda _: gzipped(_HEADER.encode()) + gzipped(_ROW.encode() * 800_000) * 64), same("det", "too-large")
    ),
    "a JSON of many kinds of records": BigFile(
        bytes_of(
            lambda _: ("[" + _RECORD + "".join(f', {{"k{i}": 1, {_RECORD[1:]}' for i in range(60_000)) + "]").encode()
        ),
        same("det", "columns-ignored", "confidences-equal", "crowded-image"),
    ),
    "a JSON of blanks": BigFile(
        bytes_of(lambda _: gzipped(b"[") + gzipped(b" " * 16 * _MEGABYTE) * 3 + gzipped(_RECORD.encode() + b"]")),
        same("det"),
    ),
    "a JSON of empty records": BigFile(bytes_of(json_of(",{}", count=2 * _MEGABYTE)), same("det", "columns")),
    "a JSON of one string": BigFile(
        bytes_of(lambda _: b'[{"image": "' + b"x" * 64 * _MEGABYTE), same("det", "too-large")
    ),
    "a JSON of very many brackets": BigFile(bytes_of(lambda _: b"[" * 40 * _MEGABYTE), same("det", "json-depth")),
    "a JSON record of many keys": BigFile(
        bytes_of(lambda _: ("[{" + "".join(f'"{i}":1,' for i in range(80_000)) + _RECORD[1:] + "]").encode()),
        same("det", "columns-ignored"),
    ),
    "a JSON bomb": BigFile(bytes_of(partial(bomb, "json")), same("det", "too-large")),
    "a table of two million rows in some kilobytes": BigFile(
        bytes_of(repeated_rows(2 * _MEGABYTE)), same("det", "confidences-equal", "crowded-image")
    ),
    "a table of 8,000 columns": BigFile(bytes_of(many_columns), same("det", "columns-ignored")),
    "a table with a footer of nested lists": BigFile(bytes_of(long_footer), same("det", "parquet-broken")),
    "the largest maps": BigFile(bytes_of(many_maps), same("scene-parsing")),
    "maps of very many parts": BigFile(bytes_of(map_of_many_parts), same("scene-parsing")),
    "a zip of maps with a directory of 16 MB": BigFile(
        bytes_of(lambda _: zip_with_many_entries(300_000)), same("scene-parsing", "zip-count")
    ),
}
