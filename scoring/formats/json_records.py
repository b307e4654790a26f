"""JSON records, one by one and strictly, as lines of the kit's text: for files of any spelling."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import cast

import numpy as np
import numpy.typing as npt

from scoring.formats.complaints import error
from scoring.formats.layouts import Header, Layout, grouped
from scoring.formats.rows import Tokeniser
from scoring.formats.tokens import Tokens
from scoring.formats.unreadable import UnreadableFile
from scoring.formats.windows import Window

_WNID = re.compile(r"n[0-9]{8}")

# Inside a string, what separates tokens is no separator.
_INSIDE_CELL = str.maketrans(dict.fromkeys(" ,\t\r\n", "_"))

# What a member without a number, or a WNID, is shown as: no number, so its line is refused.
_ODD_CELLS = {type(None): "null", bool: "boolean", list: "[...]", dict: "{...}"}

_NULL = "null"
_MORE = "\0"  # the name of numbers behind the last column, which no key of a file has

# Files have one or two kinds of records; this bounds what is remembered of a hostile one.
_KNOWN_SHAPES = 64

# COCO's box: its upper left corner, its width and its height.
_BOX = "bbox"
_SIZES = ("x", "y", "width", "height")
_CORNERS = ("xmin", "ymin", "xmax", "ymax")


class Number(str):
    """A number as the file writes it: the tokeniser reads it, as it reads those of the kit's text."""

    __slots__ = ()


class _Members(list[tuple[str, object]]):
    """The members of an object, in their order."""


DECODER = json.JSONDecoder(object_pairs_hook=_Members, parse_float=Number, parse_int=Number, parse_constant=Number)


@dataclass(frozen=True, kw_only=True, slots=True)
class Shape:
    """What a record has, lists of numbers laid flat, and where the layout's columns are among it."""

    names: tuple[str, ...]
    is_sized: bool  # whether its box gives width and height where xmax and ymax are due
    header: Header


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """A record as a line of the kit's text."""

    key: str  # the image it speaks of, where its format says so beside it
    cells: list[str]
    shape: Shape


class Records:
    """Reads the records of one file; safe to use in any thread, once `first` was called."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._group = layout.group
        self._box = _SIZES if layout.has_xywh else _CORNERS if _CORNERS[0] in layout.columns else ()
        self._shapes: dict[tuple[tuple[str, ...], bool], Shape] = {}
        self.is_keyed = False
        self.is_plain = False  # whether the first record holds numbers alone, none behind the last column

    def first(self, record: object) -> Shape:
        """The shape of the file's first record, which tells whether records name their images.

        Raises:
            UnreadableFile: where it is none, a key stands there twice, or a column is missing.
        """
        names, values = self._flat(record, line=1)
        shape = self._shape(names, _has_box(record))
        self.is_keyed = shape.header.key is not None
        self.is_plain = _MORE not in names and all(isinstance(value, Number) for value in values)
        return shape

    def row(self, record: object, *, line: int) -> Row:
        """A record as a line, its cells in the kit's order; raises as `first`."""
        names, values = self._flat(record, line=line)
        try:
            shape = self._shape(names, _has_box(record))
        except UnreadableFile as fault:
            raise UnreadableFile(replace(fault.finding, line=line)) from None
        header = shape.header
        if (header.key is not None) != self.is_keyed:
            raise UnreadableFile(
                error(
                    "columns", line, ",".join(names), "some records name their image, some do not",
                    advice="write the same keys in every record",
                )
            )  # fmt: skip
        more = [place for place, name in enumerate(names) if name == _MORE]
        cells = [_cell(values[place]) for place in (*header.order, *more)]
        while len(cells) > self._layout.required and cells[-1] == _NULL:
            cells.pop()
        return Row(key="" if header.key is None else _key(values[header.key]), cells=cells, shape=shape)

    def _shape(self, names: tuple[str, ...], is_sized: bool) -> Shape:
        shape = self._shapes.get((names, is_sized))
        if shape is None:
            header = self._layout.header(names, "keys")
            header = replace(header, ignored=tuple(name for name in header.ignored if name != _MORE))
            shape = Shape(names=names, is_sized=is_sized and not self._layout.has_xywh, header=header)
            if len(self._shapes) < _KNOWN_SHAPES:
                self._shapes[names, is_sized] = shape
        return shape

    def _flat(self, record: object, *, line: int) -> tuple[tuple[str, ...], list[object]]:
        """Names and values of a record, lists of numbers laid flat."""
        if not isinstance(record, _Members):
            raise not_records(line)
        keys = [name for name, _ in record]
        if len(set(keys)) < len(keys):
            twice = next(key for key in keys if keys.count(key) > 1)
            raise UnreadableFile(
                error("key-twice", line, twice, "this key stands in one record twice", advice="write every key once")
            )
        names: list[str] = []
        values: list[object] = []
        for name, value in record:
            flat_names, flat_values = self._laid_flat(name, value) if type(value) is list else ((name,), (value,))
            names += flat_names
            values += flat_values
        return tuple(names), values

    def _laid_flat(self, name: str, value: list[object]) -> tuple[Sequence[str], Sequence[object]]:
        size = len(self._group)
        if name == _BOX and self._box:
            return self._box, _of_size(value, len(self._box))
        if name == "labels" and size == 1:
            labels = value or [value]
            return self._numbered(len(labels)), labels
        if name == "guesses" and size > 1:
            groups = [_of_size(group, size) for group in value or [value]]
            return self._numbered(len(groups)), [cell for group in groups for cell in group]
        return (name,), (value,)

    def _numbered(self, groups: int) -> tuple[str, ...]:
        return tuple(name if name in self._layout.columns else _MORE for name in grouped(self._group, groups=groups))


def _has_box(record: object) -> bool:
    return any(name == _BOX for name, _ in cast("_Members", record))


def holds_lists(record: object) -> bool:
    """Whether an object has lists as members: what a whole COCO file is, and no record of a few numbers."""
    return isinstance(record, _Members) and any(isinstance(value, list) for _, value in record)


def _of_size(values: object, size: int) -> list[object]:
    """The values, or as many of which the first will be refused."""
    if isinstance(values, list) and len(values) == size:
        return values
    first = values if values is None or isinstance(values, list) else [values]
    return [first, *[Number("0")] * (size - 1)]


def _cell(value: object) -> str:
    """A value as one token."""
    if isinstance(value, Number):
        return value
    if isinstance(value, str):
        return value if _WNID.fullmatch(value) else f'"{value.translate(_INSIDE_CELL)}"'
    if value == [] and not isinstance(value, _Members):
        return "[]"
    return _ODD_CELLS[dict if isinstance(value, _Members) else type(value)]


def _key(value: object) -> str:
    return value if isinstance(value, str) else _cell(value)


def not_records(line: int | None = None) -> UnreadableFile:
    return UnreadableFile(
        error(
            "not-records", line, None, "a JSON file is a list of records: this is none",
            advice='write [{...}, {...}, ...], one record per line of the text format; of a COCO file with "images" '
            'and "annotations", send the list of predictions alone',
        )
    )  # fmt: skip


class Lines:
    """Rows on their way to become tokens."""

    def __init__(self, records: Records, layout: Layout) -> None:
        self._records = records
        self._columns = len(layout.columns)
        self._keys: list[str] = []
        self._lines: list[str] = []
        self._sized: list[int] = []  # the lines with a width and a height
        self.ignored: dict[str, None] = {}  # keys that mean nothing

    def __len__(self) -> int:
        return len(self._lines)

    def add(self, record: object, *, line: int) -> None:
        """Take in a record; raises as `Records.row`."""
        row = self._records.row(record, line=line)
        if row.shape.is_sized:
            self._sized.append(len(self._lines))
        self.ignored.update(dict.fromkeys(row.shape.header.ignored))
        self._keys.append(row.key)
        self._lines.append(" ".join(row.cells) + "\n")

    def text(self) -> bytes:
        """The lines as they are to be read."""
        return "".join(self._lines).encode("utf-8", "backslashreplace")

    def read(self, window: Window, tokenise: Tokeniser) -> Tokens:
        """The tokens of a window with this text."""
        tokens = tokenise(Window(data=window.data, size=window.size))
        sized = np.array(self._sized, dtype=np.intp)
        ends = tokens.line_starts[1:][sized[tokens.counts[sized] == self._columns]]
        places = ends[:, None] + np.arange(-4, 0)
        boxes = tokens.values[places]
        make_corners(boxes)
        tokens.values[places] = boxes
        return replace(tokens, separators=0, keys=self._keys if self._records.is_keyed else None)


def make_corners(boxes: npt.NDArray[np.float64]) -> None:
    """Turn (boxes, 4) x y width height into inclusive corners, in place: xmax = x + width - 1."""
    with np.errstate(over="ignore"):  # what overflows is no coordinate, and refused as such
        boxes[:, 2:] += boxes[:, :2]
        boxes[:, 2:] -= 1
