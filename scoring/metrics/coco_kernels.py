"""The compiled loops of COCO's evaluation, arrays in, arrays out. Their plain twins are in the tests."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from scoring.machine_code import MachineCode

_BYTES, _INTS, _LONGS, _DOUBLES = (f"CPointer({name})" for name in ("uint8", "int32", "int64", "float64"))

CODE = MachineCode(
    "scoring.metrics.coco_kernel",
    {
        "sift": f"int64(int64, {_INTS}, {_INTS}, {_DOUBLES}, {_LONGS}, {_INTS}, {_DOUBLES}, {_BYTES}, {_BYTES})",
        "match": f"int64(int64, {_INTS}, {_BYTES}, {_DOUBLES}, int64, {_INTS}, {_DOUBLES}, {_BYTES}, {_LONGS},"
        f" {_LONGS}, {_LONGS}, {_BYTES}, {_LONGS}, {_DOUBLES}, {_LONGS}, {_BYTES}, {_INTS})",
        "accumulate": f"int64(int64, {_INTS}, {_BYTES}, {_LONGS}, {_LONGS}, {_BYTES}, {_BYTES}, {_LONGS}, int64,"
        f" {_DOUBLES}, {_LONGS}, {_LONGS}, {_LONGS}, {_LONGS})",
    },
    ("scoring.metrics.coco_words",),
)

_Bytes = npt.NDArray[np.uint8]
_Ints = npt.NDArray[np.int32]
_Longs = npt.NDArray[np.int64]
_Doubles = npt.NDArray[np.float64]
_Flags = npt.NDArray[np.bool_]


def sift(  # noqa: PLR0917  # as the compiled loops
    images: _Ints, classes: _Ints, boxes: _Doubles, starts: _Longs, target_classes: _Ints, targets: _Doubles,
    is_crowd: _Flags,
) -> _Bytes:  # fmt: skip
    """Tell candidates, which overlap some box of their class enough, from what is a false positive at best.

    Args:
        images, classes: (d,) of detections; boxes: (d, 4) x, y, width, height.
        starts: (images + 1,); target_classes, is_crowd: (b,); targets: (b, 4), as `boxes`, grouped by image.

    Returns:
        states (d,) uint8.
    """
    states = np.empty(len(images), np.uint8)
    CODE["sift"](len(images), images, classes, boxes, starts, target_classes, targets, is_crowd.view(np.uint8), states)
    return states


def match(  # noqa: PLR0917  # as the compiled loops
    images: _Ints, states: _Bytes, boxes: _Doubles, target_images: _Ints, targets: _Doubles, is_crowd: _Flags,
    counted: _Longs, image_count: int,
) -> tuple[_Longs, _Longs, _Bytes]:  # fmt: skip
    """Greedy matching as the kit's: boxes that count before ignored ones, then the largest overlap, then the last box.

    Args:
        images, states: (d,) of one class, in the order of the curve; those past the best 100 of an image become CUT.
        boxes: (c, 4) of the candidates among them.
        target_images, is_crowd: (b,) of the boxes of the class, grouped by image; targets: (b, 4).
        counted: (b,) words, where a box is not ignored.

    Returns:
        found and false: (k,) words of the candidates kept, the true and the false positives; their ranks (k,) uint8.
    """
    found, false, ranks = np.empty(len(boxes), np.int64), np.empty(len(boxes), np.int64), np.empty(len(boxes), np.uint8)
    near, overlaps, taken = np.empty(len(targets), np.int64), np.empty(len(targets)), np.zeros(len(targets), np.int64)
    seen, first = np.zeros(image_count, np.uint8), np.zeros(image_count, np.int32)
    kept = CODE["match"](
        len(images), images, states, boxes, len(targets), target_images, targets, is_crowd.view(np.uint8), counted,
        found, false, ranks, near, overlaps, taken, seen, first,
    )  # fmt: skip
    return found[:kept], false[:kept], ranks[:kept]


def accumulate(  # noqa: PLR0917  # as the compiled loops
    images: _Ints, states: _Bytes, found: _Longs, false: _Longs, ranks: _Bytes, mask: _Flags, positives: _Longs
) -> tuple[_Doubles, _Longs, int, int]:
    """The curves of one class over the images of `mask`.

    Args:
        images, states: (d,) in the order of the curve; found, false, ranks: (k,) of the candidates among them.
        mask: (images,) bool; positives: (4,) boxes that count, by size.

    Returns:
        precisions (40, 101) at the recalls; right (3, 40) true positives among the best 1, 10 and 100 of an image;
        the detections, and those of them cut.
    """
    most = int(positives.max())
    precisions, right, totals = np.zeros((40, 101)), np.zeros((3, 40), np.int64), np.zeros(2, np.int64)
    wrong, before = np.zeros((2, 40), np.int64), np.empty((40, most), np.int64)
    CODE["accumulate"](
        len(images), images, states, found, false, ranks, mask.view(np.uint8), positives, most,
        precisions, right, wrong, before, totals,
    )  # fmt: skip
    return precisions, right, int(totals[0]), int(totals[1])
