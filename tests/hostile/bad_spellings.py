"""Bad and odd CSV, JSON and Parquet, of the kinds that only they can be; and what is no table at all."""

from __future__ import annotations

import io
import pickle
import struct
from collections.abc import Callable

import numpy as np
import pyarrow as pa

from tests.hostile import packed
from tests.hostile.bad_file import BadFile, Make, always, noticed, refused, too_big
from tests.hostile.bad_tables import GUESS_TASKS, OBJECT_TASKS, PLACED_TASKS, cell, tables, unchanged
from tests.hostile.packed import PACKERS
from tests.hostile.samples import EVERY_TASK
from tests.hostile.sheets import column_of, encodings_of, table_of, valid_in, valid_sheet

Rewrite = Callable[[bytes], bytes]

_DEEP = 100_000
_R, _N = "refused", "noticed"
_KEYED = ("cls", "cls-loc")


def tasks_with(encoding: str) -> tuple[str, ...]:
    return tuple(task for task in EVERY_TASK if encoding in encodings_of(task))


def of_valid(encoding: str, change: Rewrite) -> Make:
    return lambda task: change(valid_in(task, encoding))


def one(bad: Callable[..., BadFile], encoding: str, row: int, name: str, change: Rewrite, *codes: str, **more: object) -> BadFile:  # noqa: E501
    """A file of every task that takes this encoding, its bytes changed."""
    tasks = more.pop("tasks", None) or tasks_with(encoding)
    return bad(row, name, of_valid(encoding, change), *codes, tasks=tasks, encoding=encoding, **more)


def replaced(old: str, new: str, count: int = -1) -> Rewrite:
    return lambda content: content.replace(old.encode(), new.encode(), count)


def header_with_a_name_twice(content: bytes) -> bytes:
    header, _, rest = content.partition(b"\n")
    names = header.split(b",")
    return b",".join([*names[:-1], names[0]]) + b"\n" + rest


def quoted(content: bytes) -> bytes:
    return b"".join(b",".join(b'"%b"' % cell for cell in line.split(b",")) + b"\n" for line in content.splitlines())


def six_columns(content: bytes) -> bytes:
    """Kaggle's string cut into cells."""
    header, *lines = content.splitlines()
    return b"\n".join([header, *(line.replace(b" ", b",") for line in lines)]) + b"\n"


def a_record_replaced(by: str) -> Rewrite:
    """The second record is something else."""

    def change(content: bytes) -> bytes:
        records = content.split(b"}, ")
        return b"}, ".join([records[0], by.encode() + b", {" + records[2][1:], *records[3:]])

    return change


def one_a_line(content: bytes) -> bytes:
    return content[1:-1].replace(b"}, {", b"}\n{") + b"\n"


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
    import pyarrow.parquet as pq

    return range(pq.read_metadata(io.BytesIO(content)).num_rows)


def repeated(rows: int) -> Callable[[dict[str, pa.Array]], dict[str, pa.Array]]:
    """Very many rows of one value each, which pack to next to nothing."""
    index = pa.array(np.zeros(rows, dtype=np.int32))
    return lambda columns: {name: pa.DictionaryArray.from_arrays(index, column[:1]) for name, column in columns.items()}


def npy(items: int) -> bytes:
    """A .npy whose header claims so many items."""
    header = f"{{'descr': '<f8', 'fortran_order': False, 'shape': ({items},), }}".ljust(117) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + b"\0" * 80


def pickled_npy() -> bytes:
    stream = io.BytesIO()
    np.save(stream, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    return stream.getvalue()


_CSV = (
    one(refused, "csv", 10, "an unclosed quote", replaced("\n1,", '\n"1,', 1), "csv", line=2, tasks=("cls", "cls-loc", *OBJECT_TASKS)),
    one(refused, "csv", 10, "a quote that closes on the next line", lambda content: content[:-1] + b',"a\nb"\n', "csv"),
    one(refused, "kaggle", 10, "an unclosed quote", replaced("\n1,", '\n1,"', 1), "csv", line=2),
    one(noticed, "csv", 10, "every cell in quotes", quoted, twin=None),
    one(noticed, "kaggle", 10, "every cell in quotes", quoted),
    one(noticed, "csv", 11, "tabs", replaced(",", "\t")),
    one(noticed, "csv", 11, "blanks behind the commas", replaced(",", ", ")),
    one(refused, "csv", 11, "semicolons", replaced(",", ";"), "not-numeric", "column-count"),
    one(refused, "csv", 12, "a header with a name twice", header_with_a_name_twice, "columns"),
    one(refused, "csv", 13, "a cell too many", replaced("\n", ",7\n"), "column-count", line=2, tasks=OBJECT_TASKS),
    one(noticed, "kaggle", 0, "six columns", six_columns),
    one(refused, "csv", 46, "HTML with commas", always(b"<!doctype html>,<p>\n"), "not-text"),
)

_JSON = (
    one(noticed, "json", 0, "one record a line", one_a_line),
    one(noticed, "json", 7, "blanks and line ends of all kinds", replaced(", ", " ,\r\n\t")),
    one(too_big, "json", 9, "a record over the cap", replaced("{", '{"note": "' + "x" * 1_100_000 + '", ', 1), message="1,000,000 bytes"),  # noqa: E501
    one(refused, "json", 10, "an unclosed string", replaced('"', "", 1), "json", line=1),
    one(refused, "json", 14, "a top-level object", lambda content: b'{"annotations": ' + content + b"}", "not-records"),
    one(refused, "json", 14, "a list of lists", lambda content: b"[[1, 2, 3]]", "not-records", line=1),
    one(refused, "json", 14, "a list of numbers", lambda content: b"[1, 2, 3]", "not-records", line=1),
    one(refused, "json", 14, "a record that is null", a_record_replaced("null"), "not-records", line=2),
    one(refused, "json", 26, "a word", replaced(": 1,", ": nan,", 1), "json", line=1, tasks=("cls", "cls-loc", *OBJECT_TASKS)),
    one(refused, "json", 38, "nested deep", replaced(": ", ": " + "[" * _DEEP, 1), "json-depth", line=1),
    one(refused, "json", 38, "lists alone, nested deep", lambda _: b"[" * _DEEP, "json-depth", line=1),
    one(refused, "json", 38, "objects nested deep", lambda _: b'[{"a":' + b'{"a":' * _DEEP, "json-depth", line=1),
    one(refused, "json", 39, "a key twice", replaced("{", '{"image": 1, ', 1), "key-twice", line=1, tasks=tasks_with("json")),
    one(refused, "json", 39, "a key twice in the third record", lambda content: content.replace(b"}, {", b"}, { ", 1)
        .replace(b"}, {\"image\"", b"}, {\"image\": 2, \"image\"", 1), "key-twice", line=3),
    one(refused, "json", 43, "cut short within a record", lambda content: content[:-20], "json-cut"),
    one(refused, "json", 43, "cut short behind a record", lambda content: content[:-1], "json-cut"),
    one(refused, "json", 43, "something behind the list", lambda content: content + b" more", "trailing-data"),
    one(refused, "json", 43, "two lists", lambda content: content + content, "trailing-data"),
    one(refused, "json", 43, "a comma behind the last record", lambda content: content[:-1] + b",]", "json"),
    one(refused, "json", 43, "records without commas", replaced("}, {", "} {"), "json", line=1),
    one(refused, "json", 43, "single quotes", replaced('"', "'"), "json", line=1),
)

_PARQUET = (
    *(
        BadFile(row=0, name=f"written with {name}", make=parquet(unchanged_columns := (lambda columns: columns), **options),
                outcome="noticed", codes=frozenset(), tasks=tasks_with("parquet"), encoding="parquet",
                twin=lambda task: valid_in(task, "parquet"))
        for name, options in {
            "gzip": {"compression": "gzip"}, "pages of a row": {"data_page_size": 1, "data_page_version": "2.0"},
            "row groups of two rows": {"row_group_size": 2}, "checksums": {"write_page_checksum": True},
        }.items()
    ),
    refused(5, "strings that are no text", parquet(with_first(lambda column: pa.array([b"\xe9"] * len(column)).view(pa.string()))),
            "not-utf8", tasks=tasks_with("parquet"), encoding="parquet"),
    too_big(9, "a cell over the cap", parquet(with_first(lambda column: pa.array(["x" * 1_100_000] * len(column)))),
            tasks=("scene",), encoding="parquet"),
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
    one(refused, "parquet", 37, "a footer that claims a row more", lambda content: claims_rows(len(valid_rows(content)) + 1)(content), "parquet-broken"),  # noqa: E501
    too_big(40, "a table that unpacks to more rows than the cap", parquet(repeated(50_000_000), compression="zstd"), tasks=("det",),
            encoding="parquet", message="rows"),
    refused(40, "a page of 300 MB", parquet(with_first(lambda column: pa.array(["x" * 300_000_000] + ["1"] * (len(column) - 1))),
            compression="zstd", use_dictionary=False, write_statistics=False), "parquet-pages", tasks=("det",), encoding="parquet"),
    one(refused, "parquet", 43, "cut short", lambda content: content[:-1], "parquet-broken"),
    one(refused, "parquet", 43, "without its footer", lambda content: content[:footer_of(content)], "parquet-broken"),
    one(refused, "parquet", 43, "the start mark alone", lambda _: b"PAR1", "parquet-broken"),
    one(refused, "parquet", 43, "trailing garbage", lambda content: content + b"garbage", "parquet-broken"),
    one(refused, "parquet", 43, "a footer larger than the file", lambda content: content[:-8] + b"\xff\xff\xff\x7fPAR1", "parquet-broken"),  # noqa: E501
    one(refused, "parquet", 43, "pages of other bytes", lambda content: content[:4] + bytes(60) + content[64:], "parquet-broken"),
    one(refused, "parquet", 41, "an encrypted table", lambda content: content[:-4] + b"PARE", "parquet-encrypted"),
)  # fmt: skip

_TABLE_TASKS = tuple(task for task in EVERY_TASK if task != "scene-parsing")

_NO_TABLES = (
    refused(44, "a pickled .npy", always(pickled_npy()), "not-text", tasks=_TABLE_TASKS, message="NumPy"),
    refused(44, "a pickle", always(pickle.dumps([1, 2], protocol=5)), "not-text", tasks=_TABLE_TASKS, message="pickle"),
    refused(45, "a .npy that claims 10^14 items", always(npy(10**14)), "not-text", tasks=_TABLE_TASKS, message="NumPy"),
    refused(46, "a PNG", always(b"\x89PNG\r\n\x1a\n" + bytes(30)), "not-text", tasks=("vid-track", "scene", "coco-det"),
            message="PNG"),
)

_BOMB = {
    "csv": b",".join([b"1"] * 7) + b" " * 500_000 + b"\n",
    "json": b'{"image": 1}' + b" " * 500_000 + b",",
}


def bomb(encoding: str, kind: str) -> Make:
    """100 MB behind the valid file's start."""

    def make(task: str) -> bytes:
        content = valid_in(task, encoding)
        start = content[:-1] + b", " if encoding == "json" else content
        return PACKERS[kind](start + _BOMB[encoding] * 200)

    return make


_PACKED = (
    *(
        noticed(0, kind, lambda task, encoding=encoding, pack=pack: pack(valid_in(task, encoding)), encoding=encoding,
                tasks=tasks_with(encoding), twin=lambda task, encoding=encoding: valid_in(task, encoding))
        for encoding in ("csv", "json", "parquet", "kaggle")
        for kind, pack in PACKERS.items()
    ),
    *(
        too_big(40, f"a {kind} bomb", bomb(encoding, kind), tasks=("det", "coco-det"), encoding=encoding, message="200 times")
        for encoding in _BOMB
        for kind in PACKERS
    ),
    *(
        refused(43, "gzip cut short", lambda task, encoding=encoding: packed.gzipped(valid_in(task, encoding))[:-9],
                "archive-broken", tasks=tasks_with(encoding), encoding=encoding)
        for encoding in ("csv", "json", "parquet", "kaggle")
    ),
    *(
        refused(41, "a zip in a zip", lambda task, encoding=encoding: packed.zipped(packed.zipped(valid_in(task, encoding))),
                "not-text", tasks=tasks_with(encoding), encoding=encoding)
        for encoding in ("csv", "json", "parquet")
    ),
)

_TRACKS = (
    *tables(0, "a track of -1", cell(("track",), "-1"), _R, "no-track", tasks=("vid-track",), line=4),
    *tables(0, "a track of -2", cell(("track",), "-2"), _R, "track", tasks=("vid-track",), line=4),
    *tables(0, "a track of 0.5", cell(("track",), "0.5"), _R, "track", tasks=("vid-track",), line=4),
    *tables(0, "a track of 10^18", cell(("track",), "1000000000000000000"), _R, "track", tasks=("vid-track",), line=4),
    *tables(0, "two classes in one track", cell(("class",), "4", line=2), _R, "track-classes", tasks=("vid-track",), line=2),
    *tables(0, "two boxes of a track in a frame", cell(("track",), "0", line=4), _R, "track-twice", "track-classes",
            tasks=("vid-track",)),
)

BAD_SPELLINGS: tuple[BadFile, ...] = (*_CSV, *_JSON, *_PARQUET, *_NO_TABLES, *_PACKED, *_TRACKS)
