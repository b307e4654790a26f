"""Bad and odd Parquet: tables that lie of themselves, and tables of what no prediction is."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tests.hostile.bad_file import BadFile, Make, refused, too_big
from tests.hostile.bad_spellings import Rewrite, one, tasks_with
from tests.hostile.sheets import column_of, table_of, valid_in, valid_sheet


def parquet(change: Callable[[dict[str, pa.Array]], dict[str, pa.Array]], **options: object) -> Make:
    """The valid table with other columns, or otherwise written."""

    def make(task: str) -> bytes:
        sheet = valid_sheet(task)
        columns = {
            name: column_of([row[place] if place < len(row) else None for row in sheet.rows])
            for place, name in enumerate(sheet.names)
        }
        return table_of(change(columns), **options)

    return make


def with_first(make: Callable[[pa.Array], pa.Array]) -> Callable[[dict[str, pa.Array]], dict[str, pa.Array]]:
    """The last column that must be there made anew."""

    def change(columns: dict[str, pa.Array]) -> dict[str, pa.Array]:
        name = "label1" if "label1" in columns else "confidence"
        return {**columns, name: make(columns[name])}

    return change


def with_long_cells(columns: dict[str, pa.Array]) -> dict[str, pa.Array]:
    return {**columns, "image": pa.array(["x" * 1_100_000] * len(columns["image"]))}


@cache
def many_rows(task: str) -> bytes:
    """More rows than any round takes, in some kilobytes."""
    return parquet(repeated(50_000_000), compression="zstd")(task)


@cache
def large_page(task: str) -> bytes:
    """A page of 300 MB."""
    change = with_first(lambda column: pa.array(["x" * 300_000_000] + ["1"] * (len(column) - 1)))
    return parquet(change, compression="zstd", use_dictionary=False, write_statistics=False)(task)


def footer_of(content: bytes) -> int:
    """Where a table's footer starts."""
    return len(content) - 8 - int.from_bytes(content[-8:-4], "little")


def varint(number: int) -> bytes:
    """Zigzag, as Thrift writes whole numbers."""
    number *= 2
    found = bytearray()
    while number > 127:
        found.append(number & 127 | 128)
        number >>= 7
    return bytes([*found, number])


def claims_rows(number: int) -> Rewrite:
    """The footer's number of rows, which stands behind the schema, is another."""

    def change(content: bytes) -> bytes:
        start = footer_of(content)
        footer = content[start:-8]
        rows = len(valid_rows(content))
        place = footer.index(b"\x16" + varint(rows) + b"\x19")
        footer = footer[: place + 1] + varint(number) + footer[place + 1 + len(varint(rows)) :]
        return content[:start] + footer + struct.pack("<I", len(footer)) + b"PAR1"

    return change


def valid_rows(content: bytes) -> range:
    return range(pq.read_metadata(io.BytesIO(content)).num_rows)


def repeated(rows: int) -> Callable[[dict[str, pa.Array]], dict[str, pa.Array]]:
    """Very many rows of one value each, which pack to next to nothing."""
    index = pa.array(np.zeros(rows, dtype=np.int32))
    return lambda columns: {name: pa.DictionaryArray.from_arrays(index, column[:1]) for name, column in columns.items()}


BAD_PARQUETS: tuple[BadFile, ...] = (
    *(
        BadFile(row=0, name=f"written with {name}", make=parquet(lambda columns: columns, **options),
                outcome="noticed", codes=frozenset(), tasks=tasks_with("parquet"), encoding="parquet",
                twin=lambda task: valid_in(task, "parquet"))
        for name, options in {
            "gzip": {"compression": "gzip"}, "pages of a row": {"data_page_size": 1, "data_page_version": "2.0"},
            "row groups of two rows": {"row_group_size": 2}, "checksums": {"write_page_checksum": True},
        }.items()
    ),
    refused(5, "strings that are no text",
            parquet(with_first(lambda column: pa.array([b"\xe9"] * len(column)).view(pa.string()))),
            "not-utf8", tasks=tasks_with("parquet"), encoding="parquet"),
    too_big(9, "a cell over the cap", parquet(with_long_cells), tasks=tasks_with("parquet"), encoding="parquet",
            message="longer than a line"),
    *(
        refused(12, f"a column of {name}", parquet(with_first(make)), "column-type", tasks=tasks_with("parquet"),
                encoding="parquet", value=name)
        for name, make in {
            "list": lambda column: pa.array([[1.0]] * len(column)),
            "struct": lambda column: pa.array([{"a": 1}] * len(column)),
            "bool": lambda column: pa.array([True] * len(column)),
            "timestamp": lambda column: pa.array([0] * len(column), pa.timestamp("s")),
            "binary": lambda column: pa.array([b"1"] * len(column)),
            "null": lambda column: pa.nulls(len(column)),
        }.items()
    ),
    one(too_big, "parquet", 37, "a footer that claims 10^14 rows", claims_rows(10**14), message="rows"),
    one(refused, "parquet", 37, "a footer that claims a row more",
            lambda content: claims_rows(len(valid_rows(content)) + 1)(content), "parquet-broken"),
    one(refused, "parquet", 37, "a footer that claims a row only", claims_rows(1), "parquet-broken"),
    too_big(40, "a table that unpacks to more rows than the cap", many_rows, tasks=("det",), encoding="parquet",
            message="rows"),
    refused(40, "a page of 300 MB", large_page, "parquet-pages", tasks=("det",), encoding="parquet"),
    one(refused, "parquet", 43, "cut short", lambda content: content[:-1], "parquet-broken"),
    one(refused, "parquet", 43, "without its footer", lambda content: content[:footer_of(content)], "parquet-broken"),
    one(refused, "parquet", 43, "the start mark alone", lambda _: b"PAR1", "parquet-broken"),
    one(refused, "parquet", 43, "trailing garbage", lambda content: content + b"garbage", "parquet-broken"),
    one(refused, "parquet", 43, "a footer larger than the file",
            lambda content: content[:-8] + b"\xff\xff\xff\x7fPAR1", "parquet-broken"),
    one(refused, "parquet", 43, "pages of other bytes", lambda content: content[:4] + bytes(60) + content[64:],
            "parquet-broken"),
    one(refused, "parquet", 41, "an encrypted table", lambda content: content[:-4] + b"PARE", "parquet-encrypted"),
)  # fmt: skip
