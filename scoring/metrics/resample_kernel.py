"""The compiled loop of resampling: average precisions of many resamples of the images in one pass."""

from __future__ import annotations

import numpy as np
from numba import njit

LANES = 64  # resamples side by side: their counts of an image fill a cache line


@njit(nogil=True, cache=True)
def weighted_areas(images, found, class_starts, found_starts, counts):
    """Area under each class's precision-recall curve times its positives, in each of LANES resamples.

    Args:
        images: (d,) int32 of each detection, by class, then in the order of the curve.
        found: (t,) int64 ascending, which of them are true positives.
        class_starts: (classes + 1,) where the detections of each class start; found_starts: the same in `found`.
        counts: (images, LANES) uint8, how often each resample holds each image.

    Returns:
        (classes, LANES) float64: over true positives, how often the resample holds each, times the best precision
        from there on.
    """
    areas = np.zeros((len(class_starts) - 1, LANES))
    precisions = np.empty((np.max(np.diff(found_starts)), LANES))
    right, wrong = np.zeros(LANES, np.int32), np.zeros(LANES, np.int32)
    for c in range(len(areas)):
        right[:], wrong[:] = 0, 0
        d = class_starts[c]
        for t in range(found_starts[c], found_starts[c + 1]):
            while d < found[t]:
                image = images[d]
                for lane in range(LANES):
                    wrong[lane] += counts[image, lane]
                d += 1
            image = images[d]
            d += 1
            for lane in range(LANES):
                right[lane] += counts[image, lane]
                precisions[t - found_starts[c], lane] = right[lane] / max(1, right[lane] + wrong[lane])
        best = np.zeros(LANES)
        for t in range(found_starts[c + 1] - 1, found_starts[c] - 1, -1):
            image = images[found[t]]
            for lane in range(LANES):
                best[lane] = max(best[lane], precisions[t - found_starts[c], lane])
                areas[c, lane] += counts[image, lane] * best[lane]
    return areas
