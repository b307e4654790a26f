"""Which rows of the table of bad files make no sense for which tasks and formats, and why.

Every other pair of a task and a format has a file for every row; see test_files_validate.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from scoring.tasks import TASKS
from tests.hostile.bad_file import BadFile

# Every task with each of its formats. A file is an entry's of the task's first format unless the entry names another.
KINDS = frozenset((slug, form.encoding) for slug, task in TASKS.items() for form in task.formats)

# Rows about names and repeats, which are no files.
OTHER_ROWS = frozenset({47, 48})
ROWS = tuple(row for row in range(1, 49) if row not in OTHER_ROWS)

_IN_ORDER = ("cls", "cls-loc")  # whose text has a line per image, in the order of the images
_GUESSES = (*_IN_ORDER, "scene")
_OBJECTS = ("det", "vid", "vid-track", "coco-det")
_UNBOXED = ("cls", "scene")
_LISTED = ("cls", "cls-loc", "det", "vid", "vid-track", "scene")  # whose JSON is not their first format
_MAPS = "label maps"


class LeftOut(NamedTuple):
    """Tasks and formats without a file of a row; no tasks, or no formats, stand for all."""

    reason: str
    formats: tuple[str, ...] = ()
    tasks: tuple[str, ...] = ()

    def kinds(self) -> frozenset[tuple[str, str]]:
        return frozenset(
            (task, form) for task, form in KINDS
            if (not self.tasks or task in self.tasks) and (not self.formats or form in self.formats)
        )  # fmt: skip


_NO_TEXT = LeftOut("is no text", ("parquet", _MAPS))
_MAPS_NO_TEXT = LeftOut("a pixel is a number of 8 or 16 bits, not a text", (_MAPS,))
_NO_LINES = LeftOut("has no lines", ("parquet", _MAPS))
_MANY_OBJECTS = LeftOut("an image has any number of objects", tasks=_OBJECTS)
_NAMELESS = LeftOut("lines name no image", ("text",), _IN_ORDER)
_NO_GUESSES = LeftOut("objects and pixels have one class, guesses alone have five", tasks=(*_OBJECTS, "scene-parsing"))
_NO_CONFIDENCES = LeftOut("has no confidences", tasks=(*_GUESSES, "scene-parsing"))
_NO_BOXES = LeftOut("has no boxes", tasks=(*_UNBOXED, "scene-parsing"))
_SIZES = LeftOut("COCO's rules take any box; of width and height what is odd is row 30", tasks=("coco-det",))
_JSON_ALONE = LeftOut("JSON alone nests, and has keys", ("text", "csv", "parquet", "kaggle", _MAPS))
_NO_FORMAT = "such bytes are in no format: they are tried in each task's first"

LEFT_OUT: dict[int, tuple[LeftOut, ...]] = {
    1: (LeftOut("nothing has no header; a header alone is row 2", ("csv", "kaggle")),),
    2: (LeftOut("has no header; no rows are row 1", ("text", "json", "parquet", _MAPS)),),
    3: (_NO_TEXT,),
    4: (_NO_TEXT,),
    5: (_MAPS_NO_TEXT,),
    6: (_MAPS_NO_TEXT,),
    7: (_NO_LINES,),
    8: (_NO_LINES,),
    9: (LeftOut("has no lines; the cap of a map is row 40", (_MAPS,)),),
    10: (LeftOut("has no quotes", ("text", "parquet", _MAPS)),),
    11: (LeftOut("has no choice of separators", ("json", "parquet", _MAPS)),),
    12: (
        LeftOut("fewer labels are row 18", ("text", "kaggle"), ("cls",)),
        LeftOut("fewer labels are row 18", ("text",), ("scene",)), LeftOut("has no columns", (_MAPS,)),
    ),
    13: (LeftOut("more labels are row 19", ("text",), _GUESSES), LeftOut("has no columns", (_MAPS,))),
    14: (_NAMELESS, _MANY_OBJECTS),
    15: (_NAMELESS,),
    16: (_MANY_OBJECTS,),
    17: (_NAMELESS,),
    18: (_NO_GUESSES,),
    19: (_NO_GUESSES,),
    20: (_NO_GUESSES,),
    **dict.fromkeys(range(22, 28), (_MAPS_NO_TEXT,)),
    28: (_NO_CONFIDENCES,),
    29: (_NO_CONFIDENCES,),
    30: (_NO_BOXES,),
    31: (_NO_BOXES, _SIZES),
    32: (_NO_BOXES, _SIZES),
    33: (_NO_BOXES, _SIZES),
    34: (_NO_BOXES,),
    35: (_NO_BOXES, _SIZES),
    36: (LeftOut("an image has one prediction", tasks=(*_GUESSES, "scene-parsing")),),
    37: (LeftOut("has no lines; the cap of its pixels is row 40", (_MAPS,)),),
    38: (_JSON_ALONE,),
    39: (_JSON_ALONE,),
    44: (LeftOut(_NO_FORMAT, ("csv", "parquet", "kaggle")), LeftOut(_NO_FORMAT, ("json",), _LISTED)),
    45: (LeftOut(_NO_FORMAT, ("csv", "parquet", "kaggle")), LeftOut(_NO_FORMAT, ("json",), _LISTED)),
    46: (LeftOut(_NO_FORMAT, ("parquet", "kaggle")), LeftOut(_NO_FORMAT, ("json",), _LISTED)),
}  # fmt: skip


def left_out(row: int) -> frozenset[tuple[str, str]]:
    """The tasks and formats that have no file of this row, and need none."""
    return frozenset[tuple[str, str]]().union(*(one.kinds() for one in LEFT_OUT.get(row, ())))


def covered(row: int, files: Iterable[BadFile]) -> frozenset[tuple[str, str]]:
    """The tasks and formats that have a file of this row."""
    return frozenset(kind for bad in files if bad.row == row for kind in _kinds_of(bad))


def _kinds_of(bad: BadFile) -> Iterator[tuple[str, str]]:
    for task in bad.tasks:
        first = TASKS[task].formats[0].encoding
        yield task, first if bad.encoding in ("", "maps") else bad.encoding
