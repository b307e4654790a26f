"""Tokens of detection lines to columns, compiled. Its plain twin is in the tests."""

from __future__ import annotations

import numpy as np
from numba import njit

# What can be wrong with a line; DetectionLines explains it.
OK, BLANK, COLUMNS, TOKEN, IMAGE, CLASS, COORDINATE = range(7)

# Places in the counts that are returned.
WNIDS, IDS, INVERTED, ONE_PIXEL, NEGATIVE, NORMALISED, UNUSUAL, TINY = range(8)
COUNTS = 8

_SMALLEST_NORMAL = float(np.finfo(np.float64).smallest_normal)


@njit(nogil=True, cache=True)
def detection_columns(values, kinds, line_starts, image_positions, class_positions, wnids, wnid_positions):
    """One pass over the lines of a window.

    Args:
        values, kinds: (tokens,) as in Tokens; line_starts: (lines + 1,).
        image_positions, class_positions: dense tables, -1 where there is none.
        wnids, wnid_positions: (wnids,) ascending numbers, and the class position of each.

    Returns:
        faults (lines,) uint8; of the lines that are right: images, classes int32, confidences, boxes (., 4);
        counts; and the least and greatest confidence and class id.
    """
    lines = len(line_starts) - 1
    faults = np.zeros(lines, np.uint8)
    images = np.empty(lines, np.int32)
    classes = np.empty(lines, np.int32)
    confidences = np.empty(lines, np.float64)
    boxes = np.empty((lines, 4), np.float64)
    counts = np.zeros(COUNTS, np.int64)
    extremes = np.array([np.inf, -np.inf, np.inf, -np.inf])
    rows = 0
    for line in range(lines):
        t = line_starts[line]
        tokens = line_starts[line + 1] - t
        if tokens != 7:
            faults[line] = BLANK if tokens == 0 else COLUMNS
            continue
        if kinds[t] | kinds[t + 2] | kinds[t + 3] | kinds[t + 4] | kinds[t + 5] | kinds[t + 6] or kinds[t + 1] > 1:
            faults[line] = TOKEN
            continue
        index = values[t]
        image = -1
        if 0 <= index < len(image_positions) and index == np.floor(index):
            image = image_positions[int(index)]
        label = values[t + 1]
        position = -1
        if kinds[t + 1] == 1:
            counts[WNIDS] += 1
            low, high = 0, len(wnids)
            while low < high:
                middle = (low + high) // 2
                if wnids[middle] < label:
                    low = middle + 1
                else:
                    high = middle
            if low < len(wnids) and wnids[low] == label:
                position = wnid_positions[low]
        else:
            if label != 0:
                counts[IDS] += 1
            extremes[2] = min(extremes[2], label)
            extremes[3] = max(extremes[3], label)
            if 0 <= label < len(class_positions) and label == np.floor(label):
                position = class_positions[int(label)]
        if image < 0 or position < 0:
            faults[line] = IMAGE if image < 0 else CLASS
            continue
        x1, y1, x2, y2 = values[t + 3], values[t + 4], values[t + 5], values[t + 6]
        lowest, highest = min(x1, y1, x2, y2), max(x1, y1, x2, y2)
        if lowest < -1e7 or highest > 1e7:
            faults[line] = COORDINATE
            continue
        if x2 < x1 or y2 < y1:
            counts[INVERTED] += 1
        if x2 == x1 and y2 == y1:
            counts[ONE_PIXEL] += 1
        if lowest < 0:
            counts[NEGATIVE] += 1
        elif highest <= 1:
            counts[NORMALISED] += 1
        for k in range(t + 2, t + 7):
            if abs(values[k]) < _SMALLEST_NORMAL and (values[k] != 0 or np.signbit(values[k])):
                counts[TINY] += 1
                break
        confidence = values[t + 2] + 0.0  # -0.0 becomes 0.0: they tie
        if not 0 <= confidence <= 1:
            counts[UNUSUAL] += 1
        extremes[0] = min(extremes[0], confidence)
        extremes[1] = max(extremes[1], confidence)
        images[rows] = image
        classes[rows] = position
        confidences[rows] = confidence
        boxes[rows, 0], boxes[rows, 1], boxes[rows, 2], boxes[rows, 3] = x1, y1, x2, y2
        rows += 1
    return faults, images[:rows], classes[:rows], confidences[:rows], boxes[:rows], counts, extremes
