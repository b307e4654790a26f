"""What a correction of the truth changes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from scoring.truth import Truth


def changed_images(before: Truth, after: Truth, image_count: int) -> npt.NDArray[np.int64]:
    """Positions of the images whose labels, boxes or blacklisting differ, ascending; in whatever order boxes stand."""
    old, new = _by_image(before, image_count), _by_image(after, image_count)
    differs = [image for image in range(image_count) if not np.array_equal(old[image], new[image])]
    return np.array(differs, dtype=np.int64)


def _by_image(truth: Truth, image_count: int) -> list[npt.NDArray[np.float64]]:
    table = _table(truth)
    return np.split(table, np.searchsorted(table[:, 0], np.arange(1, image_count)))


def _table(truth: Truth) -> npt.NDArray[np.float64]:
    """(facts, 7) image, kind, class and corners of all that is known of each image, sorted."""
    parts = [_facts(truth.class_pairs(), kind=0)]
    if truth.labels is not None:
        parts.append(_facts(np.column_stack([np.arange(len(truth.labels)), truth.labels]), kind=1))
    if truth.boxes is not None:
        parts.append(_facts(np.column_stack([truth.boxes.images, truth.boxes.classes]), truth.boxes.corners, kind=2))
    if truth.coco is not None:
        parts.append(_facts(np.column_stack([truth.coco.images, truth.coco.classes]), truth.coco.boxes, kind=3))
        marks = np.column_stack([truth.coco.areas, truth.coco.is_crowd, truth.coco.areas * 0, truth.coco.areas * 0])
        parts.append(_facts(np.column_stack([truth.coco.images, truth.coco.classes]), marks, kind=4))
    if truth.blacklisted_images is not None:
        left_out = np.flatnonzero(truth.blacklisted_images)
        parts.append(_facts(np.column_stack([left_out, left_out * 0]), kind=5))
    if truth.blacklisted_pairs is not None:
        parts.append(_facts(truth.blacklisted_pairs, kind=6))
    table = np.concatenate(parts)
    return table[np.lexsort(table.T[::-1])]


def _facts(
    pairs: npt.NDArray[np.integer], numbers: npt.NDArray[np.float64] | None = None, *, kind: int
) -> npt.NDArray[np.float64]:
    kinds = np.full((len(pairs), 1), kind)
    rest = np.zeros((len(pairs), 4)) if numbers is None else numbers
    return np.column_stack([pairs[:, :1], kinds, pairs[:, 1:], rest]).astype(np.float64)
