"""The compiled functions of COCO's evaluation once more in plain Python, as literal as tests/scoring/plain_twins.py."""

from __future__ import annotations

import bisect
from typing import Any

import numpy as np

OVERLAPS = np.linspace(0.5, 0.95, 10).tolist()
SIZES = [(0, 1e10), (0, 1024), (1024, 9216), (9216, 1e10)]
CANDIDATE, CUT = 16, 32


def overlap_of(boxes: Any, d: int, targets: Any, b: int, is_crowd: Any) -> float:
    """Intersection over union; over the detection's own area where the target is a crowd."""
    (x, y, width, height), (left, top, across, down) = boxes[d].tolist(), targets[b].tolist()
    wide = min(x + width, left + across) - max(x, left)
    high = min(y + height, top + down) - max(y, top)
    if wide <= 0 or high <= 0:
        return 0.0
    union = width * height if is_crowd[b] else width * height + across * down - wide * high
    return wide * high / union if union else 0.0


def sift(
    images: Any, classes: Any, boxes: Any, starts: Any, target_classes: Any, targets: Any, is_crowd: Any
) -> list[int]:
    """The sizes each detection is of, and whether it reaches a box of its class in its image."""
    states = []
    for d, image in enumerate(images):
        area = boxes[d, 2] * boxes[d, 3]
        reaches = any(
            target_classes[b] == classes[d] and overlap_of(boxes, d, targets, b, is_crowd) >= 0.5
            for b in range(starts[image], starts[image + 1])
        )
        states.append(sum(1 << s for s, (low, high) in enumerate(SIZES) if low <= area <= high) + CANDIDATE * reaches)
    return states


def match(
    images: Any, states: Any, boxes: Any, target_images: Any, targets: Any, is_crowd: Any, counted: Any,
    image_count: int,
) -> tuple[list[int], list[int], list[int], list[int]]:  # fmt: skip
    """Size by size and overlap by overlap: which candidates find a box that counts, which find none. And the states."""
    rows = iter(range(len(boxes)))
    row_of = {d: next(rows) for d, state in enumerate(states) if state & CANDIDATE}
    seen = [0] * image_count
    kept_states, ranks, kept = [], [], []
    for d, image in enumerate(images):
        rank = seen[image]
        seen[image] += 1
        kept_states.append(int(states[d]) if rank < 100 else CUT)
        if rank < 100 and d in row_of:
            kept.append(d)
            ranks.append(rank)
    found, false = [0] * len(kept), [0] * len(kept)
    for bit in range(40):
        taken: set[int] = set()
        for k, d in enumerate(kept):
            best: tuple[bool, float, int] | None = None
            for b, image in enumerate(target_images):
                overlap = overlap_of(boxes, row_of[d], targets, b, is_crowd)
                is_free = b not in taken or is_crowd[b]
                if image == images[d] and is_free and overlap >= OVERLAPS[bit % 10]:
                    this = (bool(counted[b] >> bit & 1), overlap, b)
                    best = this if best is None else max(best, this)
            if best is None:
                false[k] |= (int(states[d]) >> bit // 10 & 1) << bit
            else:
                taken.add(best[2])
                found[k] |= best[0] << bit
    return found, false, ranks, kept_states


def accumulate(
    images: Any, states: Any, found: Any, false: Any, ranks: Any, mask: Any, positives: Any
) -> tuple[Any, Any, int, int]:
    """Each curve point by point, as the evaluation's text has it."""
    candidates = iter(range(len(found)))
    rows = [(d, next(candidates) if state & CANDIDATE else None) for d, state in enumerate(states)]
    rows = [(d, k) for d, k in rows if mask[images[d]]]
    precisions, right = np.zeros((40, 101)), np.zeros((3, 40), int)
    for bit in range(40):
        recall: list[float] = []
        precision: list[float] = []
        tp = fp = 0
        for d, k in rows:
            is_true = k is not None and bool(int(found[k]) >> bit & 1)
            tp += is_true
            fp += bool(int(states[d]) >> bit // 10 & 1) if k is None else bool(int(false[k]) >> bit & 1)
            if k is not None:
                for place, most in enumerate((1, 10, 100)):
                    right[place, bit] += is_true and ranks[k] < most
            if positives[bit // 10]:
                recall.append(tp / positives[bit // 10])
                precision.append(tp / (fp + tp + np.spacing(1)))
        for r, wanted in enumerate(np.linspace(0, 1, 101)):
            precisions[bit, r] = max(precision[bisect.bisect_left(recall, wanted) :], default=0)
    return precisions, right, len(rows), sum(int(states[d]) == CUT for d, _ in rows)
