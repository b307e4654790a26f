"""The compiled loops of detection, arrays in, arrays out. Their plain twins are in the tests."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scoring.machine_code import MachineCode
from scoring.metrics.detection_states import CANDIDATE, FALSE_POSITIVE, SKIPPED, TRUE_POSITIVE

__all__ = [
    "CANDIDATE", "CODE", "FALSE_POSITIVE", "SKIPPED", "TRUE_POSITIVE",
    "Buckets", "best_first", "count_false_positives", "match", "sift",
]  # fmt: skip

_BYTES, _INTS, _LONGS, _DOUBLES = (f"CPointer({name})" for name in ("uint8", "int32", "int64", "float64"))
_BOXES = f"{_LONGS}, {_INTS}, {_DOUBLES}, {_DOUBLES}"  # where those of each image start, classes, corners, thresholds

CODE = MachineCode(
    "scoring.metrics.matching_kernel",
    {
        "sift": f"int64(int64, {_INTS}, {_INTS}, {_DOUBLES}, {_BOXES}, {_LONGS}, {_INTS}, {_BYTES}, {_LONGS})",
        "best_first": f"int64(int64, {_INTS}, {_DOUBLES}, int64, {_INTS}, {_LONGS}, {_INTS})",
        "match": f"int64(int64, {_INTS}, {_INTS}, {_INTS}, {_DOUBLES}, {_BOXES}, {_BYTES}, {_BYTES})",
        "fill_buckets": f"int64(int64, {_LONGS}, {_DOUBLES}, int64, {_DOUBLES}, {_DOUBLES}, {_INTS})",
        "count_false_positives": f"int64(int64, {_INTS}, {_INTS}, {_DOUBLES}, {_BYTES}, int64, {_BYTES},"
        f" {_DOUBLES}, {_INTS}, {_LONGS}, int64, {_DOUBLES}, {_DOUBLES}, {_INTS}, {_LONGS})",
    },
    ("scoring.metrics.detection_states",),
)

_BUCKETS_EACH = 4

_Ints = npt.NDArray[np.int32]
_Longs = npt.NDArray[np.int64]
_Doubles = npt.NDArray[np.float64]


def sift(  # noqa: PLR0917  # as the compiled loops
    images: _Ints, classes: _Ints, boxes: _Doubles, box_starts: _Longs, box_classes: _Ints, box_corners: _Doubles,
    box_thresholds: _Doubles, skip_starts: _Longs, skip_classes: _Ints,
) -> tuple[npt.NDArray[np.uint8], _Longs]:  # fmt: skip
    """Tell false positives for good from candidates: detections that reach the threshold of some box of their class.

    Args:
        images, classes: (d,) int32; boxes: (d, 4).
        box_starts: (images + 1,); box_classes, box_thresholds: (b,); box_corners: (b, 4), grouped by image.
        skip_starts: (images + 1,); skip_classes: (s,) the blacklisted classes of each image.

    Returns:
        states (d,) uint8, and the candidates as ascending rows (c,) int64.
    """
    states = np.empty(len(images), np.uint8)
    candidates = np.empty(len(images), np.int64)
    found = CODE["sift"](
        len(images), images, classes, boxes, box_starts, box_classes, box_corners, box_thresholds,
        skip_starts, skip_classes, states, candidates,
    )  # fmt: skip
    return states, candidates[:found].copy()


def best_first(images: _Ints, confidences: _Doubles, image_count: int) -> tuple[_Ints, _Longs]:
    """Rows by image, inside an image by descending confidence, equal ones in the order given: a stable sort.

    Returns:
        order (c,) int32, and starts (image_count + 1,) int64: the rows of image i are order[starts[i]:starts[i + 1]].
    """
    order, starts = np.empty(len(images), np.int32), np.empty(image_count + 1, np.int64)
    spare = np.empty(max(len(images), image_count), np.int32)
    CODE["best_first"](len(images), images, confidences, image_count, order, starts, spare)
    return order, starts


def match(  # noqa: PLR0917  # as the compiled loops
    images: _Ints, classes: _Ints, confidences: _Doubles, boxes: _Doubles, box_starts: _Longs, box_classes: _Ints,
    box_corners: _Doubles, box_thresholds: _Doubles,
) -> npt.NDArray[np.bool_]:  # fmt: skip
    """Greedy matching in the kit's order: each candidate takes the free box it overlaps most, of those it reaches.

    Args:
        images, classes, confidences: (c,) of the candidates, in the order of the file; boxes: (c, 4).
        box_*: as in `sift`, without blacklisted boxes.

    Returns:
        is_matched (c,) bool.
    """
    order, _ = best_first(images, confidences, len(box_starts) - 1)
    is_matched, is_taken = np.zeros(len(images), np.uint8), np.zeros(len(box_classes), np.uint8)
    CODE["match"](
        len(images), order, images, classes, boxes, box_starts, box_classes, box_corners, box_thresholds,
        is_matched, is_taken,
    )  # fmt: skip
    return is_matched.view(np.bool_)


@dataclass(frozen=True, kw_only=True, eq=False)
class Buckets:
    """Where to look for a confidence among the true positives of a class: a table in place of most of a search."""

    count: int  # for each class
    scales: _Doubles  # (classes,) buckets per unit of confidence
    greatest: _Doubles  # (classes,) confidence, where the first bucket starts
    table: _Ints  # (classes, count + 2) the first true positive in a bucket or behind it

    @classmethod
    def of(cls, class_starts: _Longs, tp_confidences: _Doubles) -> Buckets:
        """A few times as many buckets as a class has true positives, by and large: nearly all hold one or none."""
        class_count = len(class_starts) - 1
        count = min(max(_BUCKETS_EACH * len(tp_confidences) // class_count, 8), 4096)
        scales, greatest = np.empty(class_count), np.empty(class_count)
        table = np.empty((class_count, count + 2), np.int32)
        CODE["fill_buckets"](class_count, class_starts, tp_confidences, count, scales, greatest, table)
        return cls(count=count, scales=scales, greatest=greatest, table=table)


def count_false_positives(  # noqa: PLR0917  # as the compiled loops
    images: _Ints, classes: _Ints, confidences: _Doubles, states: npt.NDArray[np.uint8], first_row: int,
    mask: npt.NDArray[np.bool_], tp_confidences: _Doubles, tp_images: _Ints, tp_rows: _Longs,
    buckets: Buckets, counts: _Longs,
) -> None:  # fmt: skip
    """Count the false positives before each true positive of their class, and after the one before it.

    Nothing is sorted but the true positives: each false positive looks up its place among them.

    Args:
        images, classes, confidences, states: (d,) of a window; first_row: the number of its first detection.
        mask: (images,) bool, which images count.
        tp_confidences, tp_images, tp_rows: (t,) the true positives, by class, then by descending confidence, image
            and row; buckets: of these.
        counts: (t + classes,) to be added to; behind the true positives of each class stands a place for the rest.
    """
    CODE["count_false_positives"](
        len(images), images, classes, confidences, states, first_row, mask.view(np.uint8),
        tp_confidences, tp_images, tp_rows, buckets.count, buckets.scales, buckets.greatest, buckets.table, counts,
    )  # fmt: skip
