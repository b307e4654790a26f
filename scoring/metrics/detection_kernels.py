"""The compiled loops of detection: arrays in, arrays out. Their plain twin is the literal oracle in the tests."""

from __future__ import annotations

import numpy as np
from numba import njit

# What became of a detection.
FALSE_POSITIVE, TRUE_POSITIVE, SKIPPED, CANDIDATE = range(4)


@njit(nogil=True, cache=True)
def overlap_of(x1, y1, x2, y2, left, top, right, bottom):
    """IoU of a detection and a box, corners inclusive; 0 where they do not meet."""
    width = min(x2, right) - max(x1, left) + 1
    height = min(y2, bottom) - max(y1, top) + 1
    if width <= 0 or height <= 0:
        return 0.0
    area = (right - left + 1) * (bottom - top + 1)
    union = (x2 - x1 + 1) * (y2 - y1 + 1) + area - width * height
    return width * height / union if union != 0 else 0.0


@njit(nogil=True, cache=True)
def sift(images, classes, boxes, box_starts, box_classes, box_corners, box_thresholds, skip_starts, skip_classes):
    """Tell false positives for good from candidates: detections that reach the threshold of some box of their class.

    Args:
        images, classes: (d,) int32; boxes: (d, 4).
        box_starts: (images + 1,); box_classes, box_thresholds: (b,); box_corners: (b, 4), grouped by image.
        skip_starts: (images + 1,); skip_classes: (s,) the blacklisted classes of each image.

    Returns:
        states (d,) uint8, and the candidates as ascending rows (c,) int64.
    """
    count = len(images)
    states = np.zeros(count, np.uint8)
    candidates = np.empty(count, np.int64)
    found = 0
    for d in range(count):
        image, label = images[d], classes[d]
        for s in range(skip_starts[image], skip_starts[image + 1]):
            if skip_classes[s] == label:
                states[d] = SKIPPED
                break
        if states[d] == SKIPPED:
            continue
        x1, y1, x2, y2 = boxes[d]
        for b in range(box_starts[image], box_starts[image + 1]):
            if box_classes[b] != label:
                continue
            left, top, right, bottom = box_corners[b]
            if overlap_of(x1, y1, x2, y2, left, top, right, bottom) >= box_thresholds[b]:
                states[d] = CANDIDATE
                candidates[found] = d
                found += 1
                break
    return states, candidates[:found].copy()


@njit(nogil=True, cache=True)
def best_first(images, confidences, image_count):
    """Rows by image, inside an image by descending confidence, equal ones in the order given: a stable sort.

    Returns:
        order (c,) int32, and starts (image_count + 1,) int64: the rows of image i are order[starts[i]:starts[i + 1]].
    """
    starts = np.zeros(image_count + 1, np.int64)
    for row in range(len(images)):
        starts[images[row] + 1] += 1
    for image in range(image_count):
        starts[image + 1] += starts[image]
    place = starts[:-1].copy()
    order = np.empty(len(images), np.int32)
    for row in range(len(images)):
        order[place[images[row]]] = row
        place[images[row]] += 1
    for image in range(image_count):
        start, end = starts[image], starts[image + 1]
        if end - start > 64:
            rows = order[start:end].copy()
            order[start:end] = rows[np.argsort(-confidences[rows], kind="mergesort")]
            continue
        for k in range(start + 1, end):
            row = order[k]
            confidence = confidences[row]
            j = k
            while j > start and confidences[order[j - 1]] < confidence:
                order[j] = order[j - 1]
                j -= 1
            order[j] = row
    return order, starts


@njit(nogil=True, cache=True)
def match(images, classes, confidences, boxes, box_starts, box_classes, box_corners, box_thresholds):
    """Greedy matching in the kit's order: each candidate takes the free box it overlaps most, of those it reaches.

    Args:
        images, classes, confidences: (c,) of the candidates, in the order of the file; boxes: (c, 4).
        box_*: as in `sift`, without blacklisted boxes.

    Returns:
        is_matched (c,) bool.
    """
    is_matched = np.zeros(len(images), np.bool_)
    is_taken = np.zeros(len(box_classes), np.bool_)
    order, _ = best_first(images, confidences, len(box_starts) - 1)
    for d in order:
        image, label = images[d], classes[d]
        x1, y1, x2, y2 = boxes[d]
        best, best_overlap = -1, -np.inf
        for b in range(box_starts[image], box_starts[image + 1]):
            if box_classes[b] != label or is_taken[b]:
                continue
            left, top, right, bottom = box_corners[b]
            overlap = overlap_of(x1, y1, x2, y2, left, top, right, bottom)
            if overlap >= box_thresholds[b] and overlap > best_overlap:
                best, best_overlap = b, overlap
        if best >= 0:
            is_taken[best] = True
            is_matched[d] = True
    return is_matched


@njit(nogil=True, cache=True)
def count_false_positives(
    images, classes, confidences, states, first_row, mask, class_starts, tp_confidences, tp_images, tp_rows
):
    """How many false positives come before each true positive of their class, and after the one before it.

    Nothing is sorted but the true positives: each false positive looks up its place among them.

    Args:
        images, classes, confidences, states: (d,) of a window; first_row: the number of its first detection.
        mask: (images,) bool, which images count.
        class_starts: (classes + 1,); tp_confidences, tp_images, tp_rows: (t,) the true positives, by class, then by
            descending confidence, image and row.

    Returns:
        (t,) int64 counts.
    """
    before = np.zeros(len(tp_rows), np.int64)
    for d in range(len(images)):
        if states[d] != FALSE_POSITIVE or not mask[images[d]]:
            continue
        start, end = class_starts[classes[d]], class_starts[classes[d] + 1]
        low, high = start, end
        confidence, image, row = confidences[d], images[d], first_row + d
        if start == end or confidence < tp_confidences[end - 1]:
            continue  # behind the last true positive nothing counts
        while low < high:
            middle = (low + high) // 2
            other = tp_confidences[middle]
            comes_first = other > confidence
            if other == confidence:
                comes_first = tp_images[middle] < image or (tp_images[middle] == image and tp_rows[middle] < row)
            if comes_first:
                low = middle + 1
            else:
                high = middle
        if low < end:
            before[low] += 1
    return before
