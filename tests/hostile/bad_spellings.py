"""Bad and odd CSV and JSON, of the kinds that only they can be; and what is no table at all."""

from __future__ import annotations

import io
import json
import pickle
import struct
from collections.abc import Callable
from functools import partial

import numpy as np

from tests.hostile.bad_file import BadFile, Make, Outcome, always, noticed, refused, too_big
from tests.hostile.bad_tables import DETECTION_TASKS, OBJECT_TASKS, cell, tables
from tests.hostile.packed import PACKERS
from tests.hostile.samples import EVERY_TASK
from tests.hostile.sheets import encodings_of, valid_in

Rewrite = Callable[[bytes], bytes]

_DEEP = 100_000
_R: Outcome = "refused"
_N: Outcome = "noticed"
_KEYED = ("cls", "cls-loc")


def more_ends_than_records(content: bytes) -> bytes:
    """The list's records, thousands of ends that belong to none, and as many bytes of records again."""
    records = content.strip()[1:-1]
    others = (b", " + records) * (40_000 // len(records))
    return b"[" + records + b"}" * (len(others) - len(records)) + others + b"]"


def tasks_with(encoding: str) -> tuple[str, ...]:
    return tuple(task for task in EVERY_TASK if encoding in encodings_of(task))


def of_valid(encoding: str, change: Rewrite) -> Make:
    return lambda task: change(valid_in(task, encoding))


def one(
    bad: Callable[..., BadFile], encoding: str, row: int, name: str, change: Rewrite, *codes: str, **more: object
) -> BadFile:
    """A file of every task that takes this encoding, its bytes changed."""
    tasks = more.pop("tasks", None) or tasks_with(encoding)
    return bad(row, name, of_valid(encoding, change), *codes, tasks=tasks, encoding=encoding, **more)


def replaced(old: str, new: str, count: int = -1) -> Rewrite:
    return lambda content: content.replace(old.encode(), new.encode(), count)


def header_with_a_name_twice(content: bytes) -> bytes:
    header, _, rest = content.partition(b"\n")
    names = header.split(b",")
    return b",".join([*names[:-1], names[0]]) + b"\n" + rest


def longer_rows(content: bytes) -> bytes:
    header, _, rest = content.partition(b"\n")
    return header + b"\n" + rest.replace(b"\n", b",7\n")


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


def listed(content: bytes, change: Callable[[list[object]], list[object]]) -> bytes:
    """Guesses as lists, as the examples of the format have them, each list changed."""
    records = []
    for record in json.loads(content):
        groups = [[value for name, value in record.items() if name.endswith(f"{number}")] for number in range(1, 6)]
        found = [group if len(group) > 1 else group[0] for group in groups if group]
        name = "guesses" if "xmin1" in record else "labels"
        records.append({"image": record["image"], name: change(found)})
    return json.dumps(records).encode()


def a_sixth_listed(content: bytes) -> bytes:
    return listed(content, lambda guesses: [*guesses, guesses[0]])


def one_a_line(content: bytes) -> bytes:
    return content[1:-1].replace(b"}, {", b"}\n{") + b"\n"


def npy(items: int) -> bytes:
    """A .npy whose header claims so many items."""
    header = f"{{'descr': '<f8', 'fortran_order': False, 'shape': ({items},), }}".ljust(117) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + b"\0" * 80


def pickled_npy() -> bytes:
    stream = io.BytesIO()
    np.save(stream, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    return stream.getvalue()


_CSV = (
    one(
        refused,
        "csv",
        10,
        "an unclosed quote",
        replaced("\n1,", '\n"1,', 1),
        "csv",
        line=2,
        tasks=("cls", "cls-loc", *OBJECT_TASKS),
    ),
    one(refused, "csv", 10, "a quote that closes on the next line", lambda content: content[:-1] + b',"a\nb"\n', "csv"),
    one(refused, "kaggle", 10, "an unclosed quote", replaced("\n1,", '\n1,"', 1), "csv", line=2),
    one(noticed, "csv", 10, "every cell in quotes", quoted, twin=None),
    one(noticed, "kaggle", 10, "every cell in quotes", quoted),
    one(noticed, "csv", 11, "tabs", replaced(",", "\t")),
    one(noticed, "csv", 11, "blanks behind the commas", replaced(",", ", ")),
    one(refused, "csv", 11, "semicolons", replaced(",", ";"), "not-numeric", "line-count", tasks=("cls",)),
    one(
        refused,
        "csv",
        11,
        "semicolons",
        replaced(",", ";"),
        "not-numeric",
        "column-count",
        "line-count",
        tasks=("cls-loc",),
    ),
    one(refused, "csv", 11, "semicolons", replaced(",", ";"), "column-count", tasks=DETECTION_TASKS),
    one(
        refused,
        "csv",
        11,
        "semicolons",
        replaced(",", ";"),
        "column-count",
        "unknown-image",
        "image-missing",
        tasks=("scene",),
    ),
    one(refused, "csv", 11, "semicolons", replaced(",", ";"), "format", tasks=("coco-det",)),
    one(refused, "csv", 12, "a header with a name twice", header_with_a_name_twice, "columns"),
    one(refused, "csv", 13, "a cell too many", longer_rows, "column-count", line=2, tasks=OBJECT_TASKS),
    one(noticed, "kaggle", 11, "six columns", six_columns),
    one(refused, "csv", 46, "HTML with commas", always(b"<!doctype html>,<p>\n"), "not-text"),
)

_JSON = (
    one(noticed, "json", 0, "one record a line", one_a_line),
    one(noticed, "json", 7, "blanks and line ends of all kinds", replaced(", ", " ,\r\n\t")),
    one(
        too_big,
        "json",
        9,
        "a record over the cap",
        replaced("{", '{"note": "' + "x" * 1_100_000 + '", ', 1),
        message="1,000,000 bytes",
    ),
    *(
        one(
            bad,
            "json",
            19,
            "a list of more than five labels",
            a_sixth_listed,
            code,
            tasks=tasks,
            twin=twin,
        )
        for bad, code, tasks, twin in (
            (noticed, "more-guesses", ("cls", "cls-loc"), lambda task: valid_in(task, "json")),
            (refused, "column-count", ("scene",), None),
        )
    ),
    *(
        one(refused, "json", 12, "an empty list", partial(listed, change=lambda _: []), code, tasks=tasks, value=value)
        for code, tasks, value in (("not-numeric", _KEYED, "[]"), ("columns", ("scene",), "image,label1"))
    ),
    one(refused, "json", 10, "an unclosed string", replaced('"', "", 1), "json", line=1),
    one(refused, "json", 0, "a top-level object", lambda content: b'{"annotations": ' + content + b"}", "not-records"),
    one(refused, "json", 0, "a list of lists", lambda _: b"[[1, 2, 3]]", "not-records", line=1),
    one(refused, "json", 0, "a list of numbers", lambda _: b"[1, 2, 3]", "not-records", line=1),
    one(refused, "json", 0, "a record that is null", a_record_replaced("null"), "not-records", line=2),
    one(
        refused,
        "json",
        26,
        "a word",
        replaced(": 1,", ": nan,", 1),
        "json",
        line=1,
        tasks=("cls", "cls-loc", *OBJECT_TASKS),
    ),
    one(refused, "json", 38, "nested deep", replaced(": ", ": " + "[" * _DEEP, 1), "json-depth", line=1),
    one(refused, "json", 38, "lists alone, nested deep", lambda _: b"[" * _DEEP, "json-depth", line=1),
    one(refused, "json", 38, "objects nested deep", lambda _: b'[{"a":' + b'{"a":' * _DEEP, "json-depth", line=1),
    one(
        refused,
        "json",
        39,
        "a key twice",
        replaced("{", '{"image": 1, ', 1),
        "key-twice",
        line=1,
        tasks=tasks_with("json"),
    ),
    one(
        refused,
        "json",
        39,
        "a key twice in the third record",
        lambda content: content.replace(b"}, {", b"}, { ", 1).replace(b'}, {"image"', b'}, {"image": 2, "image"', 1),
        "key-twice",
        line=3,
    ),
    one(refused, "json", 43, "cut short within a record", lambda content: content[:-20], "json-cut"),
    one(refused, "json", 43, "cut short behind a record", lambda content: content[:-1], "json-cut"),
    one(refused, "json", 43, "something behind the list", lambda content: content + b" more", "trailing-data"),
    one(refused, "json", 43, "two lists", lambda content: content + content, "trailing-data"),
    one(refused, "json", 43, "more ends than records", more_ends_than_records, "json"),
    one(refused, "json", 43, "a comma behind the last record", lambda content: content[:-1] + b",]", "json"),
    one(refused, "json", 43, "records without commas", replaced("}, {", "} {"), "json", line=1),
    one(refused, "json", 43, "single quotes", replaced('"', "'"), "json", line=1),
)

_TABLE_TASKS = tuple(task for task in EVERY_TASK if task != "scene-parsing")

_NO_TABLES = (
    refused(44, "a pickled .npy", always(pickled_npy()), "not-text", tasks=_TABLE_TASKS, message="NumPy"),
    refused(44, "a pickle", always(pickle.dumps([1, 2], protocol=5)), "not-text", tasks=_TABLE_TASKS, message="pickle"),
    refused(45, "a .npy that claims 10^14 items", always(npy(10**14)), "not-text", tasks=_TABLE_TASKS, message="NumPy"),
    refused(
        46,
        "a PNG",
        always(b"\x89PNG\r\n\x1a\n" + bytes(30)),
        "not-text",
        tasks=("vid-track", "scene", "coco-det"),
        message="PNG",
    ),
)

_PACKED = (
    *(
        noticed(
            0,
            kind,
            lambda task, encoding=encoding, pack=pack: pack(valid_in(task, encoding)),
            encoding=encoding,
            tasks=tasks_with(encoding),
            twin=lambda task, encoding=encoding: valid_in(task, encoding),
        )
        for encoding in ("csv", "json", "parquet", "kaggle")
        for kind, pack in PACKERS.items()
    ),
)

_TRACKS = (
    *tables(0, "a track of -1", cell(("track",), "-1"), _R, "no-track", tasks=("vid-track",), line=4),
    *tables(0, "a track of -2", cell(("track",), "-2"), _R, "track", tasks=("vid-track",), line=4),
    *tables(0, "a track of 0.5", cell(("track",), "0.5"), _R, "track", tasks=("vid-track",), line=4),
    *tables(0, "a track of 10^18", cell(("track",), "1000000000000000000"), _R, "track", tasks=("vid-track",), line=4),
    *tables(
        0, "two classes in one track", cell(("class",), "4", line=2), _R, "track-classes", tasks=("vid-track",), line=2
    ),
    *tables(
        0,
        "two boxes of a track in a frame",
        cell(("track",), "0", line=4),
        _R,
        "track-twice",
        "track-classes",
        tasks=("vid-track",),
    ),
)

BAD_SPELLINGS: tuple[BadFile, ...] = (*_CSV, *_JSON, *_NO_TABLES, *_PACKED, *_TRACKS)
