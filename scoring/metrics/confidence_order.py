"""The order in which the detections of a class come to its precision-recall curve."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def best_first(images: npt.NDArray[np.int32], confidences: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """Rows by descending confidence, equal ones by image, then as they came: the order of a precision-recall curve.

    Confidences are cut to whole numbers of 32 bits, which sort several times faster; where that makes some equal that
    are not, they are put right afterwards.

    Args:
        images: (n,) positions.
        confidences: (n,) finite.

    Returns:
        (n,) rows.

    >>> best_first(np.array([1, 0, 0], np.int32), np.array([0.5, 0.5, 0.9])).tolist()
    [2, 1, 0]
    """
    rows = np.argsort(images, kind="stable") if (images[1:] < images[:-1]).any() else None
    scores = confidences if rows is None else confidences[rows]
    depths = _depths(scores)
    order = np.argsort(depths.astype(np.uint16), kind="stable")  # the lower two bytes: numpy sorts these by radix
    order = order[np.argsort((depths >> 16).astype(np.uint16)[order], kind="stable")]
    falling = scores[order]
    is_rising = falling[1:] > falling[:-1]
    if is_rising.any():
        run = np.cumsum(np.diff(depths[order], prepend=0) != 0)
        mixed = np.flatnonzero(np.isin(run, run[1:][is_rising]))
        order[mixed] = order[mixed][np.lexsort((order[mixed], -falling[mixed], run[mixed]))]
    return order if rows is None else rows[order]


def _depths(scores: npt.NDArray[np.float64]) -> npt.NDArray[np.uint32]:
    """(n,) how far each score is below the highest, in 2**-32 of the range, rounded down."""
    highest = scores.max(initial=-np.inf)
    half_range = highest / 2 - scores.min(initial=np.inf) / 2
    if not 1e-290 < half_range < np.inf:  # all alike, or nearly
        return np.zeros(len(scores), np.uint32)
    depths: npt.NDArray[np.uint32] = ((highest / 2 - scores / 2) * ((2**32 - 1) / half_range)).astype(np.uint32)
    return depths
