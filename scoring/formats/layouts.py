"""The columns of a task's predictions, by name: what a header, a record or a table may call them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from scoring.formats.unreadable import UnreadableFile, unreadable

# What else a column may be called; the kits, COCO and Kaggle each have their own words.
_ALIASES = {
    "image": (
        "image_id", "imageid", "image_index", "image_name", "frame", "frame_index", "index", "filename", "file_name",
    ),
    "class": ("class_id", "category_id", "label", "label_id"),
    "label1": ("label", "class", "class_id", "prediction"),
    "track": ("track_id", "trackid"),
    "confidence": ("score",),
    "x": ("left",),
    "y": ("top",),
    "width": ("w",),
    "height": ("h",),
}  # fmt: skip


Naming = Literal["header", "keys", "table"]  # of a CSV, of JSON's records, of a table in memory

# How each names its columns, behind which they are listed.
_ADVICE: dict[Naming, str] = {
    "header": "name every column of the format once in the first line, the header",
    "keys": "write every key of the format once in each record, a number behind it",
    "table": "name every column of the format once, with one number a cell; part lists into columns of their own",
}

_GROUPS = 5  # guesses that count

# So many guesses of a row are read, those behind the fifth to be counted: a hostile table may have thousands.
_MOST_GROUPS = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class Header:
    """Where a file has the layout's columns."""

    # For each column of the layout that the file has, in the kit's order, its place in a row; then those of guesses
    # behind the fifth.
    order: tuple[int, ...]
    key: int | None  # the place of the image's name or index, where it is no column of the kit's line
    width: int  # cells a row
    ignored: tuple[str, ...]  # columns that mean nothing here


@dataclass(frozen=True, kw_only=True, slots=True)
class Layout:
    """The numbers of one line of the kit's text, in its order."""

    columns: tuple[str, ...]
    required: int  # so many of them, from the first, stand on every line
    has_key: bool = False  # whether other formats may name the image beside them, and then come in any order
    needs_key: bool = False  # whether every format names it
    has_xywh: bool = False  # boxes are x y width height here; elsewhere corners, both inclusive
    is_whole_numbers: bool = False  # nearly all tokens are whole numbers of a few digits

    @property
    def group(self) -> tuple[str, ...]:
        """The columns of one guess, without its number; of objects, none."""
        return tuple(column.removesuffix("1") for column in self.columns if column.endswith("1"))

    @property
    def list_name(self) -> str:
        """What JSON's records call a list of this layout's numbers: of a box's, of labels, or of guesses with both."""
        return ("bbox", "labels", "guesses")[min(len(self.group), 2)]

    @property
    def has_kaggle(self) -> bool:
        """Whether Kaggle's two columns may stand for this layout's."""
        return self.has_key and not self.needs_key

    def header(self, names: Sequence[str], naming: Naming = "header") -> Header:
        """Where the columns stand in a file whose columns are called `names`.

        Raises:
            UnreadableFile: when a column is missing, or stands there twice.
        """
        known = [name.strip().lower().replace(" ", "_") for name in names]
        wanted = (*(("image",) if self.has_key else ()), *self.columns)
        places = {column: _places(column, known) for column in wanted}
        twice = [column for column, found in places.items() if len(found) > 1]
        if twice:
            raise self._faulty(f"the column {twice[0]} stands there twice", names, naming)
        missing = [column for column in self._due() if not places[column]]
        given = [column for column in self.columns if places[column]]
        missing += [column for column in self.columns[: len(given)] if not places[column] and column not in missing]
        if missing:
            raise self._faulty(f"the column {', '.join(missing)} is missing", names, naming)
        further = self._further(known) if len(given) == len(self.columns) else ()
        used = {*further, *(found[0] for found in places.values() if found)}
        key = places["image"][0] if self.has_key and places["image"] else None
        return Header(
            order=(*(places[column][0] for column in given), *further),
            key=key,
            width=len(names),
            ignored=tuple(name for place, name in enumerate(names) if place not in used),
        )

    def is_header(self, cells: Sequence[str]) -> bool:
        """Whether these cells of a file's first line name columns; numbers and WNIDs never do."""
        known = [name.strip().strip('"').lower().replace(" ", "_") for name in cells]
        wanted = (*(("image",) if self.has_key else ()), *self.columns)
        return any(_places(column, known) for column in wanted)

    def _due(self) -> tuple[str, ...]:
        return (*(("image",) if self.needs_key else ()), *self.columns[: self.required])

    def _further(self, known: Sequence[str]) -> tuple[int, ...]:
        """The places of the columns of a sixth guess, of a seventh, and so on."""
        if not self.group:
            return ()
        places = {name: place for place, name in reversed(tuple(enumerate(known)))}
        found: list[int] = []
        for number in range(_GROUPS + 1, _MOST_GROUPS + 1):
            columns = [f"{column}{number}" for column in self.group]
            if not all(column in places for column in columns):
                break
            found += [places[column] for column in columns]
        return tuple(found)

    def _faulty(self, message: str, names: Sequence[str], naming: Naming) -> UnreadableFile:
        advice = f"{_ADVICE[naming]}: {', '.join(self._due())}"
        if naming == "keys":
            advice += f'; a list is read as "{self.list_name}" alone'
        return unreadable("columns", message, advice, value=",".join(names))


def _places(column: str, known: Sequence[str]) -> list[int]:
    exact = [place for place, name in enumerate(known) if name == column]
    return exact or [place for place, name in enumerate(known) if name in _ALIASES.get(column, ())]


def grouped(columns: Sequence[str], *, groups: int) -> tuple[str, ...]:
    """Columns that come in groups, numbered from 1.

    >>> grouped(("label", "xmin"), groups=2)
    ('label1', 'xmin1', 'label2', 'xmin2')
    """
    return tuple(f"{column}{group}" for group in range(1, groups + 1) for column in columns)


_CORNERS = ("xmin", "ymin", "xmax", "ymax")

LABELS = Layout(columns=grouped(("label",), groups=_GROUPS), required=1, has_key=True, is_whole_numbers=True)
SCENES = Layout(
    columns=grouped(("label",), groups=_GROUPS), required=5, has_key=True, needs_key=True, is_whole_numbers=True
)
LOCATED_LABELS = Layout(columns=grouped(("label", *_CORNERS), groups=_GROUPS), required=5, has_key=True)
DETECTIONS = Layout(columns=("image", "class", "confidence", *_CORNERS), required=7)
TRACKS = Layout(columns=("image", "class", "track", "confidence", *_CORNERS), required=8)
COCO_DETECTIONS = Layout(
    columns=("image", "class", "confidence", "x", "y", "width", "height"), required=7, has_xywh=True
)
NO_COLUMNS = Layout(columns=(), required=0)  # of a format that is no table
