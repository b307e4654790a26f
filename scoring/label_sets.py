"""The labels of images that may have several, or none."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
import numpy.typing as npt

from scoring.faults import FaultLog
from scoring.grouping import members
from scoring.images import Images
from scoring.synsets import Classes, ClassNaming, positions_by_naming
from scoring.whole_numbers import whole_number

_KEY = "truth.labels"


@dataclass(frozen=True, kw_only=True, eq=False)
class LabelSets:
    """A set of classes for each image: a guess is right if it is in the set.

    An image with an empty set cannot be judged, and leaves the denominator (Beyer et al., "Are we done with ImageNet?",
    2020).
    """

    starts: npt.NDArray[np.int64]  # (images + 1,) the labels of image i are those from starts[i] up to starts[i + 1]
    classes: npt.NDArray[np.int32]  # (labels,) class positions, inside an image ascending, none twice

    @classmethod
    def of_labels(cls, labels: npt.NDArray[np.int32]) -> LabelSets:
        """One label for each of (images,)."""
        return cls(starts=np.arange(len(labels) + 1, dtype=np.int64), classes=labels)

    @classmethod
    def of_sets(cls, sets: Iterable[Iterable[int]]) -> LabelSets:
        """From the class positions of each image, in any order."""
        ordered = [sorted(set(labels)) for labels in sets]
        return cls(
            starts=np.concatenate([[0], np.cumsum([len(labels) for labels in ordered], dtype=np.int64)]),
            classes=np.array([label for labels in ordered for label in labels], dtype=np.int32),
        )

    def __len__(self) -> int:
        return len(self.starts) - 1

    @cached_property
    def images(self) -> npt.NDArray[np.int64]:
        """(labels,) the image of each label."""
        return np.repeat(np.arange(len(self)), np.diff(self.starts))

    @cached_property
    def is_labelled(self) -> npt.NDArray[np.bool_]:
        """(images,) whether an image has a label at all."""
        return self.starts[1:] > self.starts[:-1]

    @cached_property
    def single(self) -> npt.NDArray[np.int32] | None:
        """(images,) the label of each image, where every image has exactly one."""
        return self.classes if bool((np.diff(self.starts) == 1).all()) else None

    def of_images(self, images: npt.NDArray[np.integer]) -> LabelSets:
        """The sets of some images, in the order given."""
        rows, starts = members(self.starts, images)
        return LabelSets(starts=starts, classes=self.classes[rows])

    def has_any_of(self, is_chosen: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
        """(images,) whether one of an image's labels is among the chosen (classes,)."""
        has_any = np.zeros(len(self), dtype=np.bool_)
        has_any[self.images[is_chosen[self.classes]]] = True
        return has_any

    def contain(self, guesses: npt.NDArray[np.int32]) -> npt.NDArray[np.bool_]:
        """(images, guesses) whether each of (images, guesses) class positions is in the set of its image.

        >>> LabelSets.of_sets([[2, 0], []]).contain(np.array([[0, 1, 2], [0, 1, 2]], np.int32))
        array([[ True, False,  True],
               [False, False, False]])
        """
        is_right = np.zeros(guesses.shape, dtype=np.bool_)
        labels, places = np.nonzero(guesses[self.images] == self.classes[:, None])
        is_right[self.images[labels], places] = True
        return is_right

    def columns(self) -> dict[str, npt.NDArray[np.generic]]:
        """The arrays by name, to be stored."""
        return {"starts": self.starts, "classes": self.classes}

    @classmethod
    def from_columns(cls, columns: Mapping[str, npt.NDArray[np.generic]]) -> LabelSets | None:
        """What `columns` gave; None where it is not there."""
        if "starts" not in columns:
            return None
        return cls(starts=columns["starts"].astype(np.int64), classes=columns["classes"].astype(np.int32))

    def digest_columns(self, images: Images, classes: Classes) -> dict[str, npt.NDArray[np.generic]]:
        """The same with image indices and class ids in place of positions, in canonical order."""
        rows = np.column_stack([images.indices[self.images], classes.ids[self.classes]])
        return {"images with label sets": images.indices.astype("<i8"), "label sets": rows.astype("<i8")}


def parse_label_sets(
    text: str, *, classes: Classes, ids: ClassNaming, image_count: int, file: str, faults: FaultLog,
    is_single: bool = False,
) -> LabelSets:  # fmt: skip
    """Read the labels of a round: a line of class ids for each image, or a JSON list of lists of them.

    An empty line, or list, is an image without labels. Empty lines at the end count for nothing as far as they are too
    many.

    Args:
        text: the file's content.
        classes: the round's.
        ids: what a number in the file is.
        image_count: of the round; images are in its order.
        file: its path within the round's folder.
        faults: takes in all that is wrong; what is returned then is not to be used.
        is_single: whether each image must have exactly one label.
    """
    position_of = label_positions(classes, ids)
    is_json = text.lstrip()[:1] == "["
    rows = _json_rows(text, file, faults) if is_json else _lines(text, image_count)
    sets = []
    for number, (line, row) in enumerate(rows, start=1):
        positions = [position_of(label) for label in row]
        for label, position in zip(row, positions, strict=True):
            if position is None:
                faults.add(
                    "unknown-class", "a label is a class of the class table, named as [truth] ids says",
                    advice=f"this round's labels are {LABEL_NAMES[ids]}", file=file, key=_KEY, line=line,
                    value=str(label) if line else f"image {number}: {label!r}",
                )  # fmt: skip
        if is_single and len(row) != 1:
            faults.add(
                "labels-several", "an image of this task has exactly one label", advice="write one class id a line",
                file=file, key=_KEY, line=line, value=f"image {number}: {len(row):,} labels",
            )  # fmt: skip
        sets.append([position for position in positions if position is not None])
    if len(sets) != image_count and not faults.has("labels-json", file):
        blank = 0 if is_json else sum(not row for _, row in rows)
        found = f"{len(sets):,} lines, {blank:,} of them blank," if blank else f"{len(sets):,} labels"
        blank_advice = _BLANK_ADVICE if blank else ""
        faults.add(
            "label-count", f"there are {found} for {image_count:,} images",
            advice="write the labels of one image a line, in the order of the images" + blank_advice,
            file=file, key=_KEY,
        )  # fmt: skip
    return LabelSets.of_sets(sets)


_BLANK_ADVICE = "; a blank line is an image without a label, so take out those that stand for no image"

# What [truth] ids says that labels are.
LABEL_NAMES: Mapping[ClassNaming, str] = {
    "kit": "ids of the class table",
    "sorted-wnid": "places among the sorted WNIDs, from 0",
    "wnid": "WNIDs",
}


_Rows = list[tuple[int | None, list[object]]]  # of each image its line, where it has one, and its labels


def label_positions(classes: Classes, ids: ClassNaming) -> Callable[[object], int | None]:
    """The class position that a word, or a number of JSON, stands for; None for what is no class."""
    table: list[int] = positions_by_naming(classes, ids).tolist()

    @cache
    def position_of_word(word: str) -> int | None:
        return (
            classes.position_of_wnid.get(word) if ids == "wnid" else in_table(whole_number(word, most=len(table) - 1))
        )

    def in_table(number: int | None) -> int | None:
        return None if number is None or table[number] < 0 else table[number]

    def position_of(label: object) -> int | None:
        if isinstance(label, str):
            return position_of_word(label)
        return in_table(label if type(label) is int and 0 <= label < len(table) else None)  # True is no label

    return position_of


def _lines(text: str, image_count: int) -> _Rows:
    lines: _Rows = [(n, [*line.split()]) for n, line in enumerate(text.splitlines(), 1)]
    while len(lines) > image_count and not lines[-1][1]:
        lines.pop()
    return lines


def _json_rows(text: str, file: str, faults: FaultLog) -> _Rows:
    try:
        rows = json.loads(text)
    except (ValueError, RecursionError) as error:  # a number of 5,000 digits is a ValueError too
        faults.add(
            "labels-json",
            f"this is not JSON: {error}",
            advice="write a list of lists of class ids",
            file=file,
            key=_KEY,
        )
        return []
    for number, row in enumerate(rows, start=1):
        if not isinstance(row, list):
            faults.add(
                "labels-json", "each image has a list of class ids", advice="write a list of lists: [[5], [], [2, 7]]",
                file=file, key=_KEY, value=f"image {number}: {row!r}",
            )  # fmt: skip
    return [(None, row) for row in rows if isinstance(row, list)]
