"""What mutations start from: valid files for the smallest rounds, several for each task and encoding."""

from __future__ import annotations

import io
import json
import random
from collections.abc import Mapping, Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

from scoring.tasks import TASKS
from tests.parity import table_files
from tests.parity.table_files import columns_of
from tests.scoring.making import zip_of

Rows = Sequence[Sequence[str]]


class Kind(NamedTuple):
    """What a file is written for, and how."""

    task: str
    encoding: str

    def __str__(self) -> str:
        return f"{self.task}, {self.encoding}"


KINDS: tuple[Kind, ...] = tuple(Kind(slug, form.encoding) for slug, task in TASKS.items() for form in task.formats)

# The image first, by index or, where it stands so in the kit's text too, by name.
_DETECTIONS: Rows = (
    ("1", "1", "0.95", "0", "0", "9", "9"),
    ("2", "2", "0.5", "11.5", "20", "29.25", "40"),
    ("5", "3", "1e-3", "2", "1", "98", "90"),
    ("5", "1", "0.25", "5", "5", "24", "24"),
)
_SCENES: Rows = (
    ("val/b", "1", "2", "3", "1", "2"), ("val/a", "1", "3", "2", "3", "3"), ("val/c", "3", "1", "2", "3", "1"),
)  # fmt: skip
_ROWS: Mapping[str, Rows] = {
    "cls": (("1", "1", "2", "3"), ("2", "3", "2", "1", "0", "0"), ("5", "3")),
    "cls-loc": (
        ("1", "1", "0", "0", "9", "9", "2", "1.5", "2", "30", "20"), ("2", "2", "10", "20", "29", "39"),
        ("5", "3", "0", "0", "99", "99", "3", "1", "1", "5", "5", "1", "0", "0", "2", "2"),
    ),
    "det": _DETECTIONS,
    "vid": _DETECTIONS,
    "vid-track": tuple((*row[:2], str(track), *row[2:]) for track, row in enumerate(_DETECTIONS)),
    "scene": _SCENES,
    "coco-det": tuple((row[0], "18" if row[1] == "3" else row[1], *row[2:]) for row in _DETECTIONS),
}  # fmt: skip

# (rows, columns) of the three images' maps.
_MAP_SIZES = {"val/a": (1, 2), "val/b": (2, 1), "val/c": (2, 2)}


def rows_of(task: str) -> Rows:
    return _ROWS[task]


@cache
def valid_files(kind: Kind) -> tuple[bytes, ...]:
    """Files of a kind that are read without a fault."""
    if kind.encoding == "label maps":
        return _zips_of_maps()
    rows, layout = rows_of(kind.task), TASKS[kind.task].layout
    if kind.encoding == "json":
        return _json_files(kind.task)
    if kind.encoding == "parquet":
        return (table_files.as_parquet(rows, layout), _small_parquet(kind.task))
    plain = table_files.WRITERS[kind.encoding](rows, layout)
    if kind.encoding == "text":
        return plain, plain.replace(b" ", b"\t").replace(b"\n", b"\r\n")
    quoted = plain.replace(b"\n", b'"\n').replace(b",", b'","').replace(b"\n", b'\n"')
    return plain, b'"' + quoted[:-1]


def records_of(task: str) -> list[dict[str, object]]:
    """The rows as records of named numbers."""
    rows, layout = rows_of(task), TASKS[task].layout
    names = columns_of(rows, layout)
    return [dict(zip(names, map(number, row), strict=False)) for row in rows]


def number(token: str) -> object:
    """The token as JSON has it: a string where it is no number."""
    try:
        value = float(token)
    except ValueError:
        return token
    return int(value) if token.isdigit() else value


def _json_files(task: str) -> tuple[bytes, ...]:
    flat = records_of(task)
    nested = [_nested(task, record) for record in flat]
    lines = "".join(json.dumps(record) + "\n" for record in nested)
    return json.dumps(flat).encode(), json.dumps(nested, indent=1).encode(), lines.encode()


def _nested(task: str, record: Mapping[str, object]) -> dict[str, object]:
    """A record in COCO's words, or with its guesses in a list."""
    values = list(record.values())
    if task in {"cls", "scene"}:
        return {"image": values[0], "labels": values[1:]}
    if task == "cls-loc":
        return {"image": values[0], "guesses": [values[place : place + 5] for place in range(1, len(values), 5)]}
    track = {"track_id": record["track"]} if "track" in record else {}
    return {
        "image_id": record["image"], "category_id": record["class"], **track, "bbox": values[-4:],
        "score": record["confidence"],
    }  # fmt: skip


def _small_parquet(task: str) -> bytes:
    """A table of two row groups, of small pages packed by gzip, its first column of strings."""
    rows, layout = rows_of(task), TASKS[task].layout
    columns = {
        name: pa.array([row[place] if place < len(row) else None for row in rows])
        for place, name in enumerate(columns_of(rows, layout))
    }
    floats = {name: column if name == "image" else column.cast(pa.float64()) for name, column in columns.items()}
    stream = io.BytesIO()
    pq.write_table(pa.table(floats), stream, row_group_size=2, compression="gzip", data_page_version="2.0")
    return stream.getvalue()


def map_png(name: str, rng: random.Random, *, mode: str = "L") -> bytes:
    """A map of the right size, of any of the round's classes."""
    rows, columns = _MAP_SIZES[name]
    pixels = np.array([[rng.randint(0, 3) for _ in range(columns)] for _ in range(rows)], dtype=np.uint8)
    image = Image.fromarray(pixels)
    if mode == "P":
        image = image.convert("P")
    elif mode != "L":
        image = Image.fromarray(pixels.astype(np.uint16)) if mode == "I;16" else image.convert(mode)
    stream = io.BytesIO()
    image.save(stream, "PNG")
    return stream.getvalue()


def maps_of(rng: random.Random, *, mode: str = "L") -> dict[str, bytes]:
    """A valid set of maps, by their paths in the zip."""
    return {f"{name}.png": map_png(name, rng, mode=mode) for name in _MAP_SIZES}


def _zips_of_maps() -> tuple[bytes, ...]:
    rng = random.Random(0)
    return tuple(zip_of(maps_of(rng, mode=mode)) for mode in ("L", "P", "I;16"))
