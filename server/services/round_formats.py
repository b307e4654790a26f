"""The formats of a round, each with an example that is valid for its own images and classes."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from scoring.formats.layouts import Layout
from scoring.rounds import PublicRound, load_public_round
from scoring.samples import sample_file
from scoring.tasks import Format, Task, find_task
from server.services.rounds import RoundFacts
from server.storage.folders import DataFolders

# Reading a large list of images takes a moment; the examples are a few lines.
_KEPT_ROUNDS = 256

# What COCO calls our columns.
_COLUMN_OF_KEY = {"image_id": "image", "category_id": "class", "track_id": "track", "score": "confidence"}

_Value = int | float | str


def formats_of(facts: RoundFacts, folders: DataFolders) -> tuple[Format, ...]:
    """The formats of an opened round; of a draft, which has no folder of its own yet, with the task's own examples."""
    if facts.is_draft:
        return find_task(facts.task).formats
    return _kept_formats(folders.public_half(facts.slug), facts.public_digest)


@lru_cache(maxsize=_KEPT_ROUNDS)
def _kept_formats(folder: Path, _digest: str) -> tuple[Format, ...]:
    return formats_for(load_public_round(folder))


def formats_for(public: PublicRound) -> tuple[Format, ...]:
    """The formats of a round, whose examples say what its sample file begins with."""
    task = find_task(public.task)
    line = _sample_line(public)
    if line == task.formats[0].example:  # of a task that makes no sample of its own, or none of text
        return task.formats
    values = _values(task.layout, line, image=_first_image(public))
    return tuple(_filled(form, example=_example(form, task, values, line=line)) for form in task.formats)


def _filled(form: Format, *, example: str) -> Format:
    """The format with this example; a grammar that is the task's own example of a record becomes ours, too."""
    is_record = form.line == form.example[1:-1]
    return replace(form, example=example, line=example[1:-1] if is_record else form.line)


def _sample_line(public: PublicRound) -> str:
    """The first line of the round's sample file, or its first record."""
    form = find_task(public.task).formats[0]
    if form.encoding == "label maps":
        return form.example
    lines = next(sample_file(public).pieces).decode().splitlines()
    return lines[1].rstrip(",") if form.encoding == "json" else lines[0]


def _first_image(public: PublicRound) -> _Value:
    return public.images.names[0] if public.images.names else int(public.images.indices[0])


def _values(layout: Layout, line: str, *, image: _Value) -> Mapping[str, _Value]:
    """What stands in a line, by column."""
    if line.startswith("{"):
        record = json.loads(line)
        box = zip(layout.columns[-4:], record.pop("bbox"), strict=True)
        return {_COLUMN_OF_KEY[key]: value for key, value in record.items()} | dict(box)
    numbers = line.rsplit(maxsplit=len(layout.columns))[1:] if layout.needs_key else line.split()
    values = {column: _number(text) for column, text in zip(layout.columns, numbers, strict=False)}
    return {"image": image, **values} if layout.has_key else values


def _number(text: str) -> int | float:
    return int(text) if text.isdecimal() else float(text)


def _example(form: Format, task: Task, values: Mapping[str, _Value], *, line: str) -> str:
    match form.encoding:
        case "text":
            return line
        case "csv":
            columns = [column for column in form.line.split(",") if column in values]
            return _csv(columns, [values[column] for column in columns])
        case "kaggle":
            return _csv(form.example.partition("\n")[0].split(","), [values["image"], line])
        case "json":
            (record, *_) = json.loads(form.example)
            return json.dumps([{key: _member(key, task.layout, values) for key in record}])
        case _:
            return form.example


def _csv(header: Sequence[str], row: Sequence[_Value]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows((header, row))
    return text.getvalue().rstrip("\n")


def _member(key: str, layout: Layout, values: Mapping[str, _Value]) -> object:
    """The member of a record that is called `key`."""
    if key == "bbox":
        box = [value for column in layout.columns[-4:] if not isinstance(value := values[column], str)]
        left, top, right, bottom = box
        return box if layout.has_xywh else [left, top, right - left + 1, bottom - top + 1]
    if key == layout.list_name:
        numbers = [values[column] for column in layout.columns if column in values]
        size = len(layout.group)
        return numbers if size == 1 else [numbers[at : at + size] for at in range(0, len(numbers), size)]
    return values[_COLUMN_OF_KEY.get(key, key)]
