"""Formats of one object a line: an image index, a class id, and numbers whose meaning the task's layout tells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from scoring.findings import Finding, FindingLog
from scoring.formats.class_ids import ClassIdUse, ClassLookup
from scoring.formats.complaints import SEMICOLONS_ADVICE, bad_token, error, notice
from scoring.formats.detection_columns import dense_positions
from scoring.formats.detection_counts import BLANK, CLASS, COLUMNS, IMAGE, OK, TOKEN
from scoring.formats.detection_counts import COORDINATE as RANGE
from scoring.formats.image_lines import LineCount
from scoring.formats.image_use import ImageUse
from scoring.formats.layouts import Layout
from scoring.formats.tokens import NUMBER, WNID, Tokens, tokenise
from scoring.formats.unreadable import unreadable
from scoring.formats.windows import Window
from scoring.rounds import PublicRound

# The code under which faulty lines are counted once they are no longer explained one by one.
_CODES = {
    COLUMNS: "column-count",
    TOKEN: "not-numeric",
    IMAGE: "unknown-image",
    CLASS: "unknown-class",
}

# Faults of lines whose image index is a number all the same.
_NAMING_IMAGES = (IMAGE, CLASS, RANGE)

# What a column holds, where its name alone does not say it; and with an article.
_HELD = {"image": "image index", "class": "class id", "track": "track id"}
_DUE = {"image": "an image index", "class": "a class id", "track": "a track id", "confidence": "a confidence"}

# The kits' own demo has a few dozen objects an image.
CROWD = 10_000

_KEYS = 2  # the columns image and class


@dataclass(frozen=True, kw_only=True, eq=False)
class ObjectColumns:
    """Some objects, in the order of the file."""

    images: npt.NDArray[np.int32]  # (objects,) image positions
    classes: npt.NDArray[np.int32]  # (objects,) class positions; the ids themselves where the round has no class table
    numbers: npt.NDArray[np.float64]  # (objects, columns) finite; the layout's columns behind image and class

    def __len__(self) -> int:
        return len(self.images)


@dataclass(frozen=True, kw_only=True, eq=False)
class ParsedObjects:
    """A window, before its place in the file is known."""

    window: Window
    tokens: Tokens
    columns: ObjectColumns
    faults: npt.NDArray[np.uint8]  # (lines,) what is wrong with each
    class_tokens: npt.NDArray[np.intp]  # those that name a class


class ObjectLines:
    """Reads objects by the columns of a layout: `image`, `class`, and then any numbers.

    A task of objects derives from this, names its layout, and says in `range_fault` which numbers cannot be.
    """

    layout: Layout
    range_code = "number-range"  # of the lines with a number that cannot be

    def __init__(self, public: PublicRound) -> None:
        self._images = public.images
        self._image_positions = public.images.position_of_index
        self._lookup = ClassLookup.of(public.classes, ids=public.prediction_ids) if len(public.classes) else None
        self._lines = LineCount(public.policy.max_lines)
        self._use = ClassIdUse(public)
        self._image_use = ImageUse(public.images)
        self._last_index = int(public.images.indices[-1])
        self._blank = 0
        self._of_image = np.zeros(len(public.images), dtype=np.int64)  # objects by image position
        self.line_count = 0  # objects, right or wrong

    def is_out_of_range(self, numbers: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
        """(objects, columns) which numbers cannot be; by default there are none."""
        return np.zeros(numbers.shape, dtype=np.bool_)

    def range_finding(self, column: str, text: str, *, line: int) -> Finding:
        """What is said of a number that cannot be."""
        return error(self.range_code, line, text, f"{column} cannot be this", advice="write another number")

    def parse(self, window: Window) -> Any:
        """The window's lines before its place in the file is known: a ParsedObjects, or what is alike."""
        tokens = tokenise(window)
        width = len(self.layout.columns)
        counts = tokens.counts
        faults = np.where(counts == 0, BLANK, np.where(counts == width, OK, COLUMNS)).astype(np.uint8)
        rows = np.flatnonzero(counts == width)
        cells = tokens.line_starts[rows, None] + np.arange(width)
        values, kinds = tokens.values[cells], tokens.kinds[cells]
        is_number = kinds == NUMBER
        is_number[:, 1] |= kinds[:, 1] == WNID
        images = dense_positions(self._image_positions, values[:, 0])
        classes = self._classes(values[:, 1], kinds[:, 1])
        for fault, is_faulty in (
            (RANGE, self.is_out_of_range(values[:, _KEYS:]).any(axis=1)),
            (CLASS, classes < 0),
            (IMAGE, images < 0),
            (TOKEN, ~is_number.all(axis=1)),
        ):
            faults[rows[is_faulty]] = fault
        right = faults[rows] == OK
        return ParsedObjects(
            window=window,
            tokens=tokens,
            columns=ObjectColumns(images=images[right], classes=classes[right], numbers=values[right, _KEYS:]),
            faults=faults,
            class_tokens=cells[:, 1].astype(np.intp),
        )

    def accept(self, parsed: Any, log: FindingLog) -> Any:
        """The columns of a window as `parse` gives it, once its lines are numbered and its findings logged."""
        first = self._lines.accept(parsed.window, parsed.tokens, log)
        blank = int((parsed.faults == BLANK).sum())
        self._blank += blank
        self.line_count += len(parsed.faults) - blank
        self._of_image += np.bincount(parsed.columns.images, minlength=len(self._of_image))
        self._take_classes(parsed, first)
        faulty = np.flatnonzero(parsed.faults > BLANK)
        whole = faulty[np.isin(parsed.faults[faulty], _NAMING_IMAGES)]
        self._image_use.add(parsed.tokens.values[parsed.tokens.line_starts[whole]])
        explained = self._lines.explainable(faulty, parsed.tokens)
        for row in faulty[:explained].tolist():
            self._explain(parsed.tokens, row, first + row + 1, log)
        for fault, count in enumerate(np.bincount(parsed.faults[faulty[explained:]]).tolist()):
            if count:
                log.count_more(_CODES.get(fault, self.range_code), count)
        return parsed.columns

    def _take_classes(self, parsed: Any, first: int) -> None:
        """Take in how the window, which starts behind line `first`, names classes."""
        if self._lookup is None:
            return
        named = parsed.class_tokens
        self._use.add_tokens(parsed.tokens.values[named], parsed.tokens.kinds[named])
        if self._use.is_newly_mixed:
            self._use.locate_mix(parsed.tokens, named, first=first)

    def finish(self, log: FindingLog) -> None:
        if not self.line_count:
            raise unreadable("empty", "the file holds blank lines alone", "send one line per object")
        if self._blank:
            log.add(notice("blank-lines", "blank lines are skipped", count=self._blank, advice="leave them out"))
        if self._lookup is not None:
            self._use.finish(log)
        if not self._images.is_sparse:
            self._image_use.add(self._images.indices[self._of_image > 0].astype(np.float64))
            self._image_use.finish(log)
        crowded = int((self._of_image > CROWD).sum())
        if crowded:
            log.add(
                notice(
                    "crowded-image", f"images have more than {CROWD:,} detections", count=crowded,
                    advice="this is allowed; a few hundred are the custom",
                )
            )  # fmt: skip

    def _classes(self, values: npt.NDArray[np.float64], kinds: npt.NDArray[np.uint8]) -> npt.NDArray[np.int32]:
        if self._lookup is not None:
            return self._lookup.positions(values, kinds)
        is_id = (kinds == NUMBER) & (values >= 0) & (values <= np.iinfo(np.int32).max) & (values == np.floor(values))
        return np.where(is_id, values, -1).astype(np.int32)

    def _explain(self, tokens: Tokens, row: int, line: int, log: FindingLog) -> None:
        """Log all that is wrong with a line."""
        columns = self.layout.columns
        first, end = int(tokens.line_starts[row]), int(tokens.line_starts[row + 1])
        if end - first != len(columns):
            text = tokens.line_text(row)
            columns_due = " ".join(f"<{_HELD.get(column, column)}>" for column in columns)
            log.add(
                error(
                    "column-count", line, text, f"a line has {len(columns)} columns, this one has {end - first}",
                    advice=SEMICOLONS_ADVICE if ";" in text else f"write {columns_due}",
                )
            )  # fmt: skip
            return
        values, kinds = tokens.values[first:end], tokens.kinds[first:end]
        is_out = self.is_out_of_range(values[None, _KEYS:])[0]
        for place, column in enumerate(columns):
            text = tokens.text_of(first + place)
            if kinds[place] != NUMBER and not (kinds[place] == WNID and place == 1):
                log.add(bad_token(text, line=line, due=_DUE.get(column, f"a number for {column}")))
            elif place == 0:
                self._explain_image(text, values[:1], line, log)
            elif place == 1:
                self._explain_class(text, values[1:2], kinds[1:2], line=line, log=log)
            elif is_out[place - _KEYS]:
                log.add(self.range_finding(column, text, line=line))

    def _explain_image(self, text: str, value: npt.NDArray[np.float64], line: int, log: FindingLog) -> None:
        if dense_positions(self._image_positions, value)[0] < 0:
            log.add(
                error(
                    "unknown-image", line, text, "no image of this round has this index",
                    advice=f"use the indices of the round's image list, up to {self._last_index:,}",
                )
            )  # fmt: skip

    def _explain_class(
        self, text: str, value: npt.NDArray[np.float64], kind: npt.NDArray[np.uint8], *, line: int, log: FindingLog
    ) -> None:
        if self._classes(value, kind)[0] >= 0:
            return
        if self._lookup is not None:
            log.add(self._lookup.unknown(text, line=line))
        else:
            log.add(
                error("unknown-class", line, text, "this is no class id", advice="write a whole number, at least 0")
            )
