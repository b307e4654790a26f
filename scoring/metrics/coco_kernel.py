"""The compiled loops of COCO's evaluation, on numbers and pointers; scoring/metrics/coco_kernels.py says what they do.

All ten overlaps and all four sizes are looked at at once, as bits of a word.
"""

# mypy: disable-error-code="no-untyped-def,no-untyped-call,untyped-decorator"
# Numba ships no types, so its decorator leaves compiled functions untyped.

from __future__ import annotations

from numba import njit

from scoring.metrics.coco_words import (
    CANDIDATE,
    CUT,
    EPSILON,
    MOST,
    OVERLAPS,
    REACHED_WORDS,
    RECALLS,
    SIZE_WORDS,
    SIZES,
)


@njit(nogil=True, cache=True, error_model="numpy")
def overlap_of(x, y, width, height, left, top, across, down, is_crowd):
    """IoU of a detection and a box; of a crowd, the share of the detection inside it; 0 if they miss."""
    wide = min(x + width, left + across) - max(x, left)
    high = min(y + height, top + down) - max(y, top)
    if wide <= 0 or high <= 0:
        return 0.0
    area = width * height
    union = area if is_crowd else area + across * down - wide * high
    return wide * high / union if union > 0 else 0.0


def sift(count, images, classes, boxes, starts, target_classes, targets, is_crowd, states):
    """Fill states (count,)."""
    for d in range(count):
        image, label, state = images[d], classes[d], 0
        x, y, width, height = boxes[4 * d], boxes[4 * d + 1], boxes[4 * d + 2], boxes[4 * d + 3]
        for size in range(4):
            state |= ((SIZES[size, 0] <= width * height) & (width * height <= SIZES[size, 1])) << size
        for b in range(starts[image], starts[image + 1]):
            if target_classes[b] == label:
                overlap = overlap_of(
                    x, y, width, height,
                    targets[4 * b], targets[4 * b + 1], targets[4 * b + 2], targets[4 * b + 3], is_crowd[b],
                )  # fmt: skip
                if overlap >= OVERLAPS[0]:
                    state |= CANDIDATE
                    break
        states[d] = state
    return count


def match(
    count, images, states, boxes, target_count, target_images, targets, is_crowd, counted,
    found, false, ranks, near, overlaps, taken, seen, first,
):  # fmt: skip
    """How many candidates are kept; fill found, false and ranks of these. The last five are room, the last three 0."""
    kept, candidate = 0, -1
    for b in range(target_count - 1, -1, -1):
        first[target_images[b]] = b
    for d in range(count):
        image = images[d]
        candidate += states[d] >= CANDIDATE
        if seen[image] == MOST:
            states[d] = CUT
            continue
        seen[image] += 1
        if not states[d] & CANDIDATE:
            continue
        x, y, width, height = (
            boxes[4 * candidate], boxes[4 * candidate + 1], boxes[4 * candidate + 2], boxes[4 * candidate + 3]
        )  # fmt: skip
        reaching, b = 0, first[image]
        while b < target_count and target_images[b] == image:
            overlap = overlap_of(
                x, y, width, height,
                targets[4 * b], targets[4 * b + 1], targets[4 * b + 2], targets[4 * b + 3], is_crowd[b],
            )  # fmt: skip
            if overlap >= OVERLAPS[0]:
                k = reaching
                while k > 0 and overlaps[k - 1] <= overlap:
                    near[k], overlaps[k] = near[k - 1], overlaps[k - 1]
                    k -= 1
                near[k], overlaps[k] = b, overlap
                reaching += 1
            b += 1
        matched, right = 0, 0
        for is_ignored in range(2):
            for k in range(reaching):
                b, reached = near[k], 0
                while reached < len(OVERLAPS) and OVERLAPS[reached] <= overlaps[k]:
                    reached += 1
                free = REACHED_WORDS[reached] & (~counted[b] if is_ignored else counted[b]) & ~matched
                if not is_crowd[b]:
                    free &= ~taken[b]
                    taken[b] |= free
                matched |= free
            right = right if is_ignored else matched
        found[kept], false[kept], ranks[kept] = right, SIZE_WORDS[states[d] & 15] & ~matched, seen[image] - 1
        kept += 1
    return kept


def accumulate(
    count, images, states, found, false, ranks, mask, positives, most, precisions, right, wrong, before, totals
):
    """Fill precisions (40, 101), right (3, 40) and totals (2,), 0 before; wrong (2, 40) and before (40, most) are room.

    Returns:
        how many candidates there are.
    """
    k = -1
    for d in range(count):
        k += (states[d] & CANDIDATE) > 0
        if not mask[images[d]]:
            continue
        totals[0] += 1
        totals[1] += states[d] == CUT
        if not states[d] & CANDIDATE:
            for size in range(4):
                wrong[size] += states[d] >> size & 1
            continue
        for bit in range(40):
            if found[k] >> bit & 1:
                before[most * bit + right[80 + bit]] = wrong[bit // 10] + wrong[40 + bit]
                right[bit] += ranks[k] < 1
                right[40 + bit] += ranks[k] < 10
                right[80 + bit] += 1
            wrong[40 + bit] += false[k] >> bit & 1
    for bit in range(40):
        best, r = 0.0, 100
        for true in range(right[80 + bit], 0, -1):
            best = max(best, true / (before[most * bit + true - 1] + true + EPSILON))
            while r >= 0 and RECALLS[r] > true / positives[bit // 10]:
                r -= 1
            while r >= 0 and (true == 1 or RECALLS[r] > (true - 1) / positives[bit // 10]):
                precisions[101 * bit + r] = best
                r -= 1
    return k + 1
