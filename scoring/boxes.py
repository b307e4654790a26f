"""Boxes as ILSVRC means them: corners in pixels, both inclusive."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Corners = npt.NDArray[np.float64]  # (..., 4): xmin, ymin, xmax, ymax


def box_iou(first: Corners, second: Corners) -> npt.NDArray[np.float64]:
    """Intersection over union of boxes, pair by pair.

    A side is xmax - xmin + 1, in areas and in the intersection alike; an intersection with a side <= 0 is no overlap.
    The formula is applied as it stands, to inverted boxes too (ILSVRC development kits, 2013-2017).

    Args:
        first: (..., 4) xmin, ymin, xmax, ymax in pixels.
        second: the same, broadcastable against `first`.

    Returns:
        (...) values in [0, 1] for boxes that are not inverted.

    >>> float(box_iou(np.array([0.0, 0, 9, 9]), np.array([0.0, 0, 9, 4])))
    0.5
    """
    width = np.minimum(first[..., 2], second[..., 2]) - np.maximum(first[..., 0], second[..., 0]) + 1
    height = np.minimum(first[..., 3], second[..., 3]) - np.maximum(first[..., 1], second[..., 1]) + 1
    overlap = np.where((width > 0) & (height > 0), width * height, 0.0)
    union = box_area(first) + box_area(second) - overlap
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(overlap > 0, overlap / union, 0.0)


def box_area(boxes: Corners) -> npt.NDArray[np.float64]:
    """(...) areas in square pixels, corners inclusive."""
    area: npt.NDArray[np.float64] = (boxes[..., 2] - boxes[..., 0] + 1) * (boxes[..., 3] - boxes[..., 1] + 1)
    return area


def iou_thresholds(boxes: Corners) -> npt.NDArray[np.float64]:
    """(...) the IoU from which a ground truth box counts as found: min(0.5, w h / ((w + 10)(h + 10))).

    Small objects are given ten pixels of slack (ILSVRC paper, section 4.3).
    """
    width, height = boxes[..., 2] - boxes[..., 0] + 1, boxes[..., 3] - boxes[..., 1] + 1
    threshold: npt.NDArray[np.float64] = np.minimum(0.5, width * height / ((width + 10) * (height + 10)))
    return threshold
