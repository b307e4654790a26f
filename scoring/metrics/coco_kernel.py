"""The compiled loops of COCO's evaluation, all ten overlaps and all four sizes at once: arrays in, arrays out.

What becomes of a detection is a word of 40 bits: bit 10 s + t speaks of size range s and overlap t.
"""

from __future__ import annotations

import numpy as np
from numba import njit

OVERLAPS = np.linspace(0.5, 0.95, 10)
RECALLS = np.linspace(0.0, 1.0, 101)
EPSILON = np.spacing(1.0)  # the kit's guard against a division by nothing
# All, small, medium, large: least and greatest area in square pixels, both included.
SIZES = np.array([(0, 1e10), (0, 32**2), (32**2, 96**2), (96**2, 1e10)], np.float64)
SIZE_WORDS = np.array([sum(1023 << 10 * size for size in range(4) if bits >> size & 1) for bits in range(16)], np.int64)
REACHED_WORDS = np.array([((1 << count) - 1) * 0x40100401 for count in range(11)], np.int64)

# The state of a detection: four bits for the ranges its area is in, and these. MOST: those that count in an image.
CANDIDATE, CUT, MOST = 16, 32, 100


@njit(nogil=True, cache=True)
def overlap_of(boxes, d, targets, b, is_crowd):
    """IoU of box d of `boxes` and box b of `targets`; of a crowd, the share of the first inside it; 0 if they miss."""
    wide = min(boxes[d, 0] + boxes[d, 2], targets[b, 0] + targets[b, 2]) - max(boxes[d, 0], targets[b, 0])
    high = min(boxes[d, 1] + boxes[d, 3], targets[b, 1] + targets[b, 3]) - max(boxes[d, 1], targets[b, 1])
    if wide <= 0 or high <= 0:
        return 0.0
    area = boxes[d, 2] * boxes[d, 3]
    union = area if is_crowd[b] else area + targets[b, 2] * targets[b, 3] - wide * high
    return wide * high / union if union > 0 else 0.0


@njit(nogil=True, cache=True)
def sift(images, classes, boxes, starts, target_classes, targets, is_crowd):
    """Tell candidates, which overlap some box of their class enough, from what is a false positive at best.

    Args:
        images, classes: (d,) of detections; boxes: (d, 4) x, y, width, height.
        starts: (images + 1,); target_classes, is_crowd: (b,); targets: (b, 4), as `boxes`, grouped by image.

    Returns:
        states (d,) uint8.
    """
    states = np.zeros(len(images), np.uint8)
    for d in range(len(images)):
        image, label, area, state = images[d], classes[d], boxes[d, 2] * boxes[d, 3], 0
        for size in range(4):
            state |= ((SIZES[size, 0] <= area) & (area <= SIZES[size, 1])) << size
        for b in range(starts[image], starts[image + 1]):
            if target_classes[b] == label and overlap_of(boxes, d, targets, b, is_crowd) >= OVERLAPS[0]:
                state |= CANDIDATE
                break
        states[d] = state
    return states


@njit(nogil=True, cache=True)
def match(images, states, boxes, target_images, targets, is_crowd, counted, image_count):
    """Greedy matching as the kit's: boxes that count before ignored ones, then the largest overlap, then the last box.

    Args:
        images, states: (d,) of one class, in the order of the curve; those past the best 100 of an image become CUT.
        boxes: (c, 4) of the candidates among them.
        target_images, is_crowd: (b,) of the boxes of the class, grouped by image; targets: (b, 4).
        counted: (b,) words, where a box is not ignored.

    Returns:
        found and false: (k,) words of the candidates kept, the true and the false positives; their ranks (k,) uint8.
    """
    found, false = np.zeros(len(boxes), np.int64), np.zeros(len(boxes), np.int64)
    ranks, kept, candidate = np.zeros(len(boxes), np.uint8), 0, -1
    near, overlaps, taken = np.empty(len(targets), np.int64), np.empty(len(targets)), np.zeros(len(targets), np.int64)
    seen, first = np.zeros(image_count, np.uint8), np.zeros(image_count, np.int32)
    for b in range(len(targets) - 1, -1, -1):
        first[target_images[b]] = b
    for d in range(len(images)):
        image = images[d]
        candidate += states[d] >= CANDIDATE
        if seen[image] == MOST:
            states[d] = CUT
            continue
        seen[image] += 1
        if not states[d] & CANDIDATE:
            continue
        count, b = 0, first[image]
        while b < len(targets) and target_images[b] == image:
            overlap = overlap_of(boxes, candidate, targets, b, is_crowd)
            if overlap >= OVERLAPS[0]:
                k = count
                while k > 0 and overlaps[k - 1] <= overlap:
                    near[k], overlaps[k] = near[k - 1], overlaps[k - 1]
                    k -= 1
                near[k], overlaps[k] = b, overlap
                count += 1
            b += 1
        matched = 0
        for is_ignored in range(2):
            for k in range(count):
                b = near[k]
                reached = REACHED_WORDS[np.searchsorted(OVERLAPS, overlaps[k], "right")]
                free = reached & (~counted[b] if is_ignored else counted[b]) & ~matched
                if not is_crowd[b]:
                    free &= ~taken[b]
                    taken[b] |= free
                matched |= free
            found[kept] = found[kept] if is_ignored else matched
        false[kept], ranks[kept] = SIZE_WORDS[states[d] & 15] & ~matched, seen[image] - 1
        kept += 1
    return found[:kept], false[:kept], ranks[:kept]


@njit(nogil=True, cache=True)
def accumulate(images, states, found, false, ranks, mask, positives):
    """The curves of one class over the images of `mask`.

    Args:
        images, states: (d,) in the order of the curve; found, false, ranks: (k,) of the candidates among them.
        mask: (images,) bool; positives: (4,) boxes that count, by size.

    Returns:
        precisions (40, 101) at the recalls; right (3, 40) true positives among the best 1, 10 and 100 of an image;
        the detections, and those of them cut.
    """
    right, wrong = np.zeros((3, 40), np.int64), np.zeros((2, 40), np.int64)
    before = np.empty((40, positives.max()), np.int64)
    precisions = np.zeros((40, 101))
    detections, cut, k = 0, 0, -1
    for d in range(len(images)):
        k += (states[d] & CANDIDATE) > 0
        if not mask[images[d]]:
            continue
        detections += 1
        cut += states[d] == CUT
        if not states[d] & CANDIDATE:
            for size in range(4):
                wrong[0, size] += states[d] >> size & 1
            continue
        for bit in range(40):
            if found[k] >> bit & 1:
                before[bit, right[2, bit]] = wrong[0, bit // 10] + wrong[1, bit]
                right[0, bit] += ranks[k] < 1
                right[1, bit] += ranks[k] < 10
                right[2, bit] += 1
            wrong[1, bit] += false[k] >> bit & 1
    for bit in range(40):
        best, r = 0.0, 100
        for true in range(right[2, bit], 0, -1):
            best = max(best, true / (before[bit, true - 1] + true + EPSILON))
            while r >= 0 and RECALLS[r] > true / positives[bit // 10]:
                r -= 1
            while r >= 0 and (true == 1 or RECALLS[r] > (true - 1) / positives[bit // 10]):
                precisions[bit, r] = best
                r -= 1
    return precisions, right, detections, cut
