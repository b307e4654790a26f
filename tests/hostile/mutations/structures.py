"""Damage that knows JSON, CSV and zips: what comes out is well formed more often than not, and still wrong."""

from __future__ import annotations

import io
import json
import random
import warnings
import zipfile
from collections.abc import Mapping
from typing import Any

from scoring.tasks import TASKS
from tests.hostile.mutations.edits import NUMBERS, SPLINTERS, edited, splintered
from tests.hostile.mutations.pictures import damaged_png
from tests.hostile.mutations.valid_files import Kind, maps_of, rows_of
from tests.parity.table_files import columns_of

_ODD_VALUES: tuple[Any, ...] = (
    None, True, False, "", " ", "1", "n00000001", "val/a", "abc", "\x00", "\ud800", "1,2", [], {}, [1], [[1]], {"a": 1},
    [1, 2, 3, 4], [1, 2, 3, 4, 5], [[1, 2, 3, 4, 5]] * 7, 0, -1, 1.5, 1e308, -0.0, 10**30, 10**400, float("nan"),
    float("inf"), list(range(2000)), "x" * 3000,
)  # fmt: skip
_KEYS = (
    "image", "image_id", "Image ID", "label", "label1", "labels", "class", "category_id", "bbox", "score", "confidence",
    "track", "x", "xmin", "guesses", "label6", "", "\x00", "é", "segmentation", "xmin1", "width",
)  # fmt: skip


def odd_json(content: bytes, rng: random.Random) -> bytes:
    """Records with members dropped, renamed, doubled, replaced or nested, and spelled in one of many ways."""
    try:
        document = json.loads(content)
    except ValueError:  # one record a line
        document = [json.loads(line) for line in content.splitlines()]
    for _ in range(rng.choice((1, 1, 2, 4))):
        document = _odd_records(document, rng)
    if rng.random() < 0.1:
        document = rng.choice(({"annotations": document}, [document], document[:1], document * 50, {"images": [1]}))
    return _spelled(document, rng)


def _odd_records(document: list[Any], rng: random.Random) -> list[Any]:
    records = [dict(record) if isinstance(record, dict) else record for record in document]
    if not records:
        return records
    place = rng.randrange(len(records))
    record, kind = records[place], rng.randrange(8)
    if kind == 0:
        del records[place]
    elif kind == 1:
        records.insert(place, record)
    elif kind == 2:
        rng.shuffle(records)
    elif kind == 3:
        records[place] = rng.choice(_ODD_VALUES)
    elif isinstance(record, dict) and record:
        _change_member(record, rng, kind)
    return records


def _change_member(record: dict[str, Any], rng: random.Random, kind: int) -> None:
    key = rng.choice(list(record))
    if kind == 4:
        del record[key]
    elif kind == 5:
        record[rng.choice(_KEYS)] = record.pop(key)
    elif kind == 6:
        record[rng.choice(_KEYS)] = rng.choice(_ODD_VALUES)
    elif isinstance(record[key], list) and record[key] and rng.random() < 0.7:
        values = list(record[key])
        values[rng.randrange(len(values))] = rng.choice(_ODD_VALUES)
        record[key] = rng.choice((values, values[:-1], values + values))
    else:
        record[key] = rng.choice(_ODD_VALUES)


def _spelled(document: Any, rng: random.Random) -> bytes:
    options: dict[str, Any] = {
        "ensure_ascii": rng.random() < 0.7,
        "indent": rng.choice((None, None, None, 0, 1, "\t")),
        "separators": rng.choice((None, None, (",", ":"), (" ,\n", " : "))),
    }
    if isinstance(document, list) and rng.random() < 0.25:
        options["indent"] = None
        text = "".join(json.dumps(record, **options) + rng.choice(("\n", "\n", "", "\n\n")) for record in document)
    else:
        text = json.dumps(document, **options)
    if rng.random() < 0.1:
        deep = rng.choice((3, 500, 20_000))
        text = text.replace("1", "[" * deep + "1" + "]" * rng.choice((0, deep)), 1)
    if rng.random() < 0.1:
        text = text.replace("{", '{"image": 1, ', 1)
    return text.encode("utf-8", "surrogatepass")


def odd_csv(content: bytes, rng: random.Random) -> bytes:
    """A header and rows with columns moved, dropped, doubled, renamed or added, and cells that are odd."""
    rows = [line.split(b",") for line in content.replace(b'"', b"").splitlines()]
    for _ in range(rng.choice((1, 1, 2, 3))):
        _change_column(rows, rng)
    if rng.random() < 0.4:
        row = rng.choice(rows)
        row[rng.randrange(len(row)) if row else 0 : 1] = [rng.choice((*NUMBERS, *SPLINTERS, b"")) for _ in range(2)]
    if rng.random() < 0.3:
        rows = [[b'"' + cell.replace(b'"', b'""') + b'"' for cell in row] for row in rows]
    separator = rng.choice((b",", b",", b",", b"\t", b", ", b";"))
    return rng.choice((b"\n", b"\n", b"\r\n", b"\r")).join(separator.join(row) for row in rows) + b"\n"


def _change_column(rows: list[list[bytes]], rng: random.Random) -> None:
    place, kind = rng.randrange(max(1, len(rows[0]))), rng.randrange(6)
    if kind == 0 and rows[0]:
        rows[0][place % len(rows[0])] = rng.choice(_KEYS).encode()
    elif kind == 1 and rows[0]:
        rows[0][place % len(rows[0])] = rows[0][0]
    elif kind == 2:
        rng.shuffle(rows[0])
    else:
        for row in rows:
            if kind == 3:
                del row[place : place + 1]
            elif kind == 4:
                row.insert(place, row[-1] if row else b"")
            elif row:
                row.reverse()


def odd_text(content: bytes, rng: random.Random) -> bytes:
    """Lines whose tokens are moved, dropped, doubled or odd."""
    lines = [line.split() for line in content.splitlines()]
    for _ in range(rng.choice((1, 2, 4))):
        line = rng.choice(lines)
        kind = rng.randrange(5)
        place = rng.randrange(len(line)) if line else 0
        if kind == 0:
            del line[place : place + 1]
        elif kind == 1:
            line.insert(place, rng.choice(NUMBERS))
        elif kind == 2:
            line[place : place + 1] = [rng.choice((*NUMBERS, *SPLINTERS))]
        elif kind == 3:
            rng.shuffle(line)
        else:
            line *= rng.choice((0, 2, 30))
    return b"".join(rng.choice((b" ", b" ", b"\t", b",", b"  ")).join(line) + b"\n" for line in lines)


_NAMES = (
    "../val/a.png", "/val/a.png", "val\\a.png", "C:a.png", "val/a.PNG", "a.png", "run/val/a.png", "x/y/val/a.png",
    "val/a.jpg", "1.png", "2.png", "val/d.png", "val/", "__MACOSX/val/._a.png", ".DS_Store", "\u202ea.png", "", ".png",
    "val/a.png/b.png", "val//a.png", "./val/a.png", "a" * 300 + ".png", "val/\u00e4.png",
)  # fmt: skip


def odd_maps(_content: bytes, rng: random.Random, *, changes: int | None = None) -> bytes:
    """A zip whose maps are damaged, renamed, missing, doubled, or something else altogether."""
    modes = ("L", "L", "P", "I;16") if changes == 0 else ("L", "L", "L", "P", "I;16", "RGB", "1", "LA", "RGBA")
    maps = list(maps_of(rng, mode=rng.choice(modes)).items())
    rng.shuffle(maps)
    for _ in range(rng.choice((0, 0, 1, 1, 2, 3)) if changes is None else changes):
        place, kind = rng.randrange(len(maps)), rng.randrange(8)
        name, png = maps[place]
        if kind == 0 and len(maps) > 1:
            del maps[place]
        elif kind == 1:
            maps[place] = rng.choice(_NAMES), png
        elif kind == 2:
            maps.append((rng.choice((*_NAMES, name)), png))
        elif kind == 3:
            maps[place] = name, rng.choice((b"", b"GIF89a", zipped({"val/a.png": png}, rng), maps[0][1]))
        elif kind == 4:
            maps[place] = name, edited(png, rng)
        else:
            maps[place] = name, damaged_png(png, rng)
    return zipped(maps, rng)


def zipped(maps: Mapping[str, bytes] | list[tuple[str, bytes]], rng: random.Random) -> bytes:
    """A zip of them, in the order given; of names that are there twice, both."""
    stream = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(stream, "w") as archive:
        warnings.simplefilter("ignore")  # names that stand there twice
        for name, content in maps.items() if isinstance(maps, Mapping) else maps:
            method = rng.choice((zipfile.ZIP_DEFLATED, zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED))
            archive.writestr(zipfile.ZipInfo(name), content, method, 1)
    return stream.getvalue()


def odd_header(content: bytes, kind: Kind, rng: random.Random) -> bytes:
    """Another task's or encoding's header in front of the rows."""
    task = rng.choice([slug for slug, other in TASKS.items() if other.layout.columns])
    names = ",".join(columns_of(rows_of(task), TASKS[task].layout)).encode()
    rest = content.partition(b"\n")[2] if kind.encoding in {"csv", "kaggle"} else content
    return splintered(names, rng) + b"\n" + rest if rng.random() < 0.5 else names + b"\n" + rest
