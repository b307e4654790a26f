"""What explaining detections needs beyond scoring them: which boxes they overlap, and how large they are.

None of it is kept while detections are only scored. It is gathered beside the scoring, window by window, when an
explanation is asked for; six bytes a detection stay, not its box.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from scoring.boxes import box_area, box_iou
from scoring.formats.detection_lines import DetectionColumns
from scoring.metrics import detection_kernels as kernels
from scoring.metrics.box_pairs import Pairs, companions

if TYPE_CHECKING:  # detection.py asks for explanations, not the other way round
    from scoring.metrics.detection import DetectionWindow
    from scoring.metrics.positives import Positives

# Below it a detection has nothing to do with an object (Bolya et al. 2020, section 2.2: the background threshold).
BACKGROUND_IOU = 0.1

# Why a detection that finds nothing fails; `detection_errors` says what each means.
CLASS, LOCALIZATION, BOTH, DUPLICATE, BACKGROUND = range(5)

NO_BOX = -1  # in columns of box positions

# Areas of objects in square pixels, both ends included (COCO's detection challenge: 32 x 32 and 96 x 96 part them).
SMALL, MEDIUM, LARGE = 1, 2, 4  # bits: a box of exactly 32 x 32 is small and medium
_SMALL_TO, _MEDIUM_TO = 32.0**2, 96.0**2


def size_bits(areas: npt.NDArray[np.float64]) -> npt.NDArray[np.uint8]:
    """(n,) the sizes each area belongs to, as a sum of SMALL, MEDIUM and LARGE.

    Args:
        areas: (n,) square pixels, corners inclusive; negative ones, of inverted boxes, are small.

    >>> size_bits(np.array([100.0, 1024.0, 9216.5])).tolist()
    [1, 3, 4]
    """
    is_small, is_large = areas <= _SMALL_TO, areas >= _MEDIUM_TO
    is_medium = (areas >= _SMALL_TO) & (areas <= _MEDIUM_TO)
    return (is_small * np.uint8(SMALL) + is_medium * np.uint8(MEDIUM) + is_large * np.uint8(LARGE)).astype(np.uint8)


@dataclass(frozen=True, kw_only=True, eq=False)
class ExplainedWindow:
    """What more is known of some detections, in the order of the file: the companion of a DetectionWindow."""

    kinds: npt.NDArray[np.uint8]  # (d,) why it fails, if it does
    boxes: npt.NDArray[np.int32]  # (d,) the box it found; or that of its CLASS or LOCALIZATION error; or NO_BOX
    sizes: npt.NDArray[np.uint8]  # (d,) sums of SMALL, MEDIUM and LARGE, from its own box


@dataclass(frozen=True, kw_only=True, eq=False)
class DetectionExplanations:
    """What more is known of every detection and of every box that counts."""

    windows: tuple[ExplainedWindow, ...]
    is_found: npt.NDArray[np.bool_]  # (boxes,) of the positives
    box_sizes: npt.NDArray[np.uint8]  # (boxes,) sums of SMALL, MEDIUM and LARGE


def overlapping_pairs(columns: DetectionColumns, positives: Positives) -> Pairs:
    """Every detection with every box of its image, of any class, that it reaches or overlaps by BACKGROUND_IOU.

    Args:
        columns: some detections; `Pairs.rows` counts them from 0.
        positives: the boxes that count.
    """
    least = np.minimum(positives.thresholds, BACKGROUND_IOU)
    parts = []
    for rows, boxes in companions(columns.images, positives.starts):
        ious = box_iou(columns.boxes[rows], positives.corners[boxes])
        parts.append(Pairs(rows=rows, boxes=boxes, ious=ious).where(ious >= least[boxes]))
    return Pairs.joined(parts)


def _why_they_fail(
    columns: DetectionColumns, positives: Positives, pairs: Pairs
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int32], Pairs]:
    """(d,) kinds and (d,) boxes of the errors, and the pairs of one class that reach."""
    is_own = columns.classes[pairs.rows] == positives.classes[pairs.boxes]
    reaches = pairs.ious >= positives.thresholds[pairs.boxes]
    is_near = pairs.ious >= BACKGROUND_IOU

    def has(chosen: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
        found = np.zeros(len(columns), dtype=np.bool_)
        found[pairs.rows[chosen]] = True
        return found

    reaches_own = has(is_own & reaches)
    is_misplaced = has(is_own & is_near) & ~reaches_own
    is_misnamed = has(~is_own & reaches) & ~is_misplaced
    kinds = np.select(
        [is_misplaced, is_misnamed, reaches_own, has(~is_own & is_near)],
        [np.uint8(LOCALIZATION), np.uint8(CLASS), np.uint8(DUPLICATE), np.uint8(BOTH)],
        np.uint8(BACKGROUND),
    )
    of_place = is_own & is_near & is_misplaced[pairs.rows]
    of_name = ~is_own & reaches & is_misnamed[pairs.rows]
    targets = pairs.where(of_place | of_name).best_of_each_row()
    boxes = np.full(len(columns), NO_BOX, dtype=np.int32)
    boxes[targets.rows] = targets.boxes
    return kinds, boxes, pairs.where(is_own & reaches)


class DetectionExplainer:
    """Takes in the same windows as a DetectionScorer, in the same order."""

    def __init__(self, positives: Positives) -> None:
        self._positives = positives
        self._windows: list[ExplainedWindow] = []
        self._reaching: list[Pairs] = []  # of each window; rows count from its first

    def add(self, columns: DetectionColumns) -> None:
        pairs = overlapping_pairs(columns, self._positives)
        kinds, boxes, reaching = _why_they_fail(columns, self._positives, pairs)
        self._windows.append(ExplainedWindow(kinds=kinds, boxes=boxes, sizes=size_bits(box_area(columns.boxes))))
        self._reaching.append(reaching)

    def explain(self, windows: Sequence[DetectionWindow]) -> DetectionExplanations:
        """What more is known, once `windows` tell which detections are true positives."""
        found = self._found_boxes(windows)
        is_found = np.zeros(len(self._positives.images), dtype=np.bool_)
        is_found[found] = True
        start = 0
        for window, explained in zip(windows, self._windows, strict=True):
            rows = np.flatnonzero(window.states == kernels.TRUE_POSITIVE)
            explained.boxes[rows] = found[start : start + len(rows)]
            start += len(rows)
        return DetectionExplanations(
            windows=tuple(self._windows),
            is_found=is_found,
            box_sizes=size_bits(box_area(self._positives.corners)),
        )

    def _found_boxes(self, windows: Sequence[DetectionWindow]) -> npt.NDArray[np.int32]:
        """(true positives,) the box of each, in the order of the file: no other detection ever took one."""
        parts, confidences = [], [np.zeros(0)]
        count = 0
        for window, reaching in zip(windows, self._reaching, strict=True):
            is_true = window.states == kernels.TRUE_POSITIVE
            numbers = np.cumsum(is_true) - 1 + count  # of the true positives
            kept = reaching.where(is_true[reaching.rows])
            parts.append(Pairs(rows=numbers[kept.rows].astype(np.int64), boxes=kept.boxes, ious=kept.ious))
            confidences.append(window.confidences[is_true])
            count += int(is_true.sum())
        return self._taken_boxes(Pairs.joined(parts), np.concatenate(confidences))

    def _taken_boxes(self, pairs: Pairs, confidences: npt.NDArray[np.float64]) -> npt.NDArray[np.int32]:
        """(n,) the box each of n true positives takes, in descending confidence; `pairs.rows` counts them."""
        p = self._positives
        groups = np.zeros(len(confidences), dtype=np.int64)  # by image and class
        groups[pairs.rows] = p.images[pairs.boxes].astype(np.int64) * (int(p.classes.max(initial=0)) + 1)
        groups[pairs.rows] += p.classes[pairs.boxes]
        order = np.lexsort((np.arange(len(groups)), -confidences, groups))
        is_first = np.ones(len(groups), dtype=np.bool_)
        is_first[1:] = groups[order][1:] != groups[order][:-1]
        places = np.arange(len(groups))
        turns = np.zeros(len(groups), dtype=np.int64)  # the place of each in its group
        turns[order] = places - np.maximum.accumulate(np.where(is_first, places, 0))
        by_turn = np.argsort(turns[pairs.rows], kind="stable")
        edges = np.searchsorted(turns[pairs.rows][by_turn], np.arange(int(turns.max(initial=-1)) + 2))
        found = np.full(len(groups), NO_BOX, dtype=np.int32)
        is_taken = np.zeros(len(p.images), dtype=np.bool_)
        for start, end in pairwise(edges):
            some = by_turn[start:end]
            best = pairs.where(some[~is_taken[pairs.boxes[some]]]).best_of_each_row()
            found[best.rows] = best.boxes
            is_taken[best.boxes] = True
        return found
