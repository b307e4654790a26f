"""The compiled loops of detection, on numbers and pointers; scoring/metrics/detection_kernels.py says what they do."""

# mypy: disable-error-code="no-untyped-def,no-untyped-call,untyped-decorator"
# Numba ships no types, so its decorator leaves compiled functions untyped.

from __future__ import annotations

import numpy as np
from numba import njit

from scoring.metrics.detection_states import CANDIDATE, FALSE_POSITIVE, SKIPPED

# So many rows are sorted by insertion; more, by merging pieces of so many.
_PIECE = 32


@njit(nogil=True, cache=True, error_model="numpy")
def overlap_of(x1, y1, x2, y2, left, top, right, bottom):
    """IoU of a detection and a box, corners inclusive; 0 where they do not meet."""
    width = min(x2, right) - max(x1, left) + 1
    height = min(y2, bottom) - max(y1, top) + 1
    if width <= 0 or height <= 0:
        return 0.0
    area = (right - left + 1) * (bottom - top + 1)
    union = (x2 - x1 + 1) * (y2 - y1 + 1) + area - width * height
    return width * height / union if union != 0 else 0.0


def sift(
    count, images, classes, boxes, box_starts, box_classes, box_corners, box_thresholds, skip_starts, skip_classes,
    states, candidates,
):  # fmt: skip
    """How many candidates there are."""
    found = 0
    for d in range(count):
        image, label = images[d], classes[d]
        state = FALSE_POSITIVE
        for s in range(skip_starts[image], skip_starts[image + 1]):
            if skip_classes[s] == label:
                state = SKIPPED
        for b in range(box_starts[image], box_starts[image + 1]):
            if box_classes[b] != label or state != FALSE_POSITIVE:
                continue
            overlap = overlap_of(
                boxes[4 * d], boxes[4 * d + 1], boxes[4 * d + 2], boxes[4 * d + 3],
                box_corners[4 * b], box_corners[4 * b + 1], box_corners[4 * b + 2], box_corners[4 * b + 3],
            )  # fmt: skip
            if overlap >= box_thresholds[b]:
                state = CANDIDATE
                candidates[found] = d
                found += 1
        states[d] = state
    return found


def best_first(count, images, confidences, image_count, order, starts, spare):
    """Fill order (count,) and starts (image_count + 1,); `spare` is (max(count, image_count),)."""
    for image in range(image_count + 1):
        starts[image] = 0
    for row in range(count):
        starts[images[row] + 1] += 1
    for image in range(image_count):
        starts[image + 1] += starts[image]
        spare[image] = starts[image]
    for row in range(count):
        order[spare[images[row]]] = row
        spare[images[row]] += 1
    for image in range(image_count):
        start, end = starts[image], starts[image + 1]
        for first in range(start, end, _PIECE):
            for k in range(first + 1, min(first + _PIECE, end)):
                row = order[k]
                j = k
                while j > first and confidences[order[j - 1]] < confidences[row]:
                    order[j] = order[j - 1]
                    j -= 1
                order[j] = row
        width = _PIECE
        while width < end - start:
            for first in range(start, end - width, 2 * width):
                i, j, last = first, first + width, min(first + 2 * width, end)
                for k in range(first, last):
                    # the earlier of equal ones
                    is_left = j == last or (i < first + width and confidences[order[i]] >= confidences[order[j]])
                    spare[k] = order[i] if is_left else order[j]
                    i += is_left
                    j += not is_left
                for k in range(first, last):
                    order[k] = spare[k]
            width *= 2
    return count


def match(
    count, order, images, classes, boxes, box_starts, box_classes, box_corners, box_thresholds, is_matched, is_taken
):
    """Set is_matched (count,) and is_taken (boxes,), which are all false before; how many are matched."""
    matched = 0
    for k in range(count):
        d = order[k]
        image, label = images[d], classes[d]
        best, best_overlap = -1, -np.inf
        for b in range(box_starts[image], box_starts[image + 1]):
            if box_classes[b] != label or is_taken[b]:
                continue
            overlap = overlap_of(
                boxes[4 * d], boxes[4 * d + 1], boxes[4 * d + 2], boxes[4 * d + 3],
                box_corners[4 * b], box_corners[4 * b + 1], box_corners[4 * b + 2], box_corners[4 * b + 3],
            )  # fmt: skip
            if overlap >= box_thresholds[b] and overlap > best_overlap:
                best, best_overlap = b, overlap
        if best >= 0:
            is_taken[best] = True
            is_matched[d] = True
            matched += 1
    return matched


@njit(nogil=True, cache=True, error_model="numpy")
def bucket_of(confidence, greatest, scale, buckets):
    """0 to `buckets`; that of a lower confidence is never a lower one. No true positive has the last."""
    place = (greatest - confidence) * scale
    place = place if place > 0 else 0.0
    return np.int64(place if place < buckets else float(buckets))


def fill_buckets(class_count, class_starts, tp_confidences, buckets, scales, greatest, table):
    """Fill scales and greatest (class_count,) and table (class_count, buckets + 2)."""
    for c in range(class_count):
        start, end, first = class_starts[c], class_starts[c + 1], c * (buckets + 2)
        scales[c], greatest[c] = 0.0, 0.0
        if start < end:
            greatest[c] = tp_confidences[start]
            width = greatest[c] - tp_confidences[end - 1]
            if width > buckets * 1e-300:  # where it is not, all are in the first bucket
                scales[c] = buckets * (1 - 1e-9) / width
        bucket = buckets + 1
        table[first + bucket] = end
        for t in range(end - 1, start - 1, -1):
            of_this = bucket_of(tp_confidences[t], greatest[c], scales[c], buckets)
            while bucket > of_this:
                bucket -= 1
                table[first + bucket] = t + 1
            table[first + of_this] = t
        for k in range(bucket):
            table[first + k] = start
    return class_count


def count_false_positives(
    count, images, classes, confidences, states, first_row, mask, tp_confidences, tp_images, tp_rows,
    buckets, scales, greatest, table, before,
):  # fmt: skip
    """Add to before (true positives + classes,), which has a place behind each class for those that bear on nothing."""
    for d in range(count):
        label, confidence, image = classes[d], confidences[d], images[d]
        bucket = label * (buckets + 2) + bucket_of(confidence, greatest[label], scales[label], buckets)
        low, high = table[bucket], table[bucket + 1]
        while low < high:
            middle = (low + high) // 2
            other = tp_confidences[middle]
            comes_first = other > confidence
            if other == confidence:
                comes_first = (tp_images[middle], tp_rows[middle]) < (image, first_row + d)
            if comes_first:
                low = middle + 1
            else:
                high = middle
        before[low + label] += (states[d] == FALSE_POSITIVE) & mask[image]
    return count
