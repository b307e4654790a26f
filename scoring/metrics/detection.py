"""Average precision of detections, as the ILSVRC kits of 2013 to 2017 compute it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from scoring.formats.detection_lines import DetectionColumns
from scoring.halves import both
from scoring.metrics import detection_kernels as kernels
from scoring.metrics.positives import Positives
from scoring.outcomes import ClassMask, ImageMask
from scoring.rounds import PublicRound
from scoring.scorecard import Scorecard
from scoring.synsets import Classes
from scoring.truth import Truth

if TYPE_CHECKING:  # loaded only where explanations are asked for
    from scoring.metrics.detection_explanations import DetectionExplainer, DetectionExplanations


def average_precision(false_positives_before: npt.NDArray[np.int64], positives: int) -> float | None:
    """Area under the precision-recall curve, precision made monotone from the right (PASCAL VOC 2010 and later).

    Recall steps at true positives alone, so the curve is known from what stands before each of them.

    Args:
        false_positives_before: (true positives,) in descending confidence, how many false positives precede each.
        positives: ground truth boxes of the class.

    Returns:
        A value in [0, 1]; None for a class without positives.

    >>> average_precision(np.array([0, 1]), 4)
    0.41666666666666663
    """
    if not positives:
        return None
    found = np.arange(1, len(false_positives_before) + 1)
    precision = found / (found + false_positives_before)
    monotone = np.maximum.accumulate(precision[::-1])
    return float(monotone.sum() / positives)


@dataclass(frozen=True, kw_only=True, eq=False)
class DetectionWindow:
    """What became of some detections, in the order of the file."""

    images: npt.NDArray[np.int32]
    classes: npt.NDArray[np.int32]
    confidences: npt.NDArray[np.float64]
    states: npt.NDArray[np.uint8]  # a false positive, a true positive, or skipped
    first_row: int  # the number of the first of them

    def part(self, rows: slice, *, first_row: int) -> DetectionWindow:
        """Some rows, not copied."""
        return DetectionWindow(
            images=self.images[rows],
            classes=self.classes[rows],
            confidences=self.confidences[rows],
            states=self.states[rows],
            first_row=first_row,
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class TruePositives:
    """The detections that found a box, in the order of the file."""

    images: npt.NDArray[np.int32]
    classes: npt.NDArray[np.int32]
    confidences: npt.NDArray[np.float64]
    rows: npt.NDArray[np.int64]  # their numbers among all detections


@dataclass(frozen=True, kw_only=True, eq=False)
class DetectionOutcomes:
    """What became of every detection."""

    classes: Classes
    image_count: int
    positives: Positives
    windows: tuple[DetectionWindow, ...]
    explanations: DetectionExplanations | None = None  # where they were asked for

    def scorecard(self, mask: ImageMask | None = None, *, classes: ClassMask | None = None) -> Scorecard:
        is_counted = np.ones(self.image_count, dtype=np.bool_) if mask is None else mask
        class_count = len(self.classes)
        chosen = np.arange(class_count) if classes is None else np.flatnonzero(classes)
        positives = np.bincount(self.positives.classes[is_counted[self.positives.images]], minlength=class_count)
        starts, before = self._false_positives_before(is_counted)
        ap = {c: average_precision(before[starts[c] : starts[c + 1]], int(positives[c])) for c in chosen.tolist()}
        detections, skipped = self._counts(is_counted)
        defined = [value for value in ap.values() if value is not None]
        return Scorecard(
            scores={
                "mean_ap": float(np.mean(defined)) if defined else None,
                "median_ap": float(np.median(defined)) if defined else None,
            },
            counts={
                "images": int(is_counted.sum()),
                "detections": int(detections[chosen].sum()),
                "positives": int(positives[chosen].sum()),
                "skipped": int(skipped[chosen].sum()),
            },
            per_class=self._class_rows(ap, positives, detections),
            details=self._details(starts, before, mask=mask, classes=classes),
        )

    def save(self, path: Path) -> None:
        with path.open("wb") as stream:
            np.savez(
                stream,
                images=np.concatenate([window.images for window in self.windows] or [np.zeros(0, np.int32)]),
                classes=np.concatenate([window.classes for window in self.windows] or [np.zeros(0, np.int32)]),
                confidences=np.concatenate([window.confidences for window in self.windows] or [np.zeros(0)]),
                states=np.concatenate([window.states for window in self.windows] or [np.zeros(0, np.uint8)]),
            )

    def _details(
        self, starts: npt.NDArray[np.int64], before: npt.NDArray[np.int64], *,
        mask: ImageMask | None, classes: ClassMask | None,
    ) -> dict[str, Any]:  # fmt: skip
        if self.explanations is None:
            return {}
        from scoring.metrics.detection_details import detection_details

        bare = replace(self, explanations=None)  # what is asked of its variants is their scores
        return detection_details(
            bare, self.explanations, starts=starts, false_positives_before=before, mask=mask, classes=classes
        )

    def _false_positives_before(self, is_counted: ImageMask) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """(classes + 1,) where the true positives of each class start, and (true positives,) what precedes each."""
        found = self._true_positives(is_counted)
        order = np.lexsort((found.images, -found.confidences, found.classes))  # rows ascend already, and it is stable
        starts = np.searchsorted(found.classes[order], np.arange(len(self.classes) + 1)).astype(np.int64)
        confidences, images, rows = found.confidences[order], found.images[order], found.rows[order]
        buckets = kernels.Buckets.of(starts, confidences)

        def count(windows: tuple[DetectionWindow, ...]) -> npt.NDArray[np.int64]:
            """A count of false positives before each true positive, and behind the last one of each class."""
            counts = np.zeros(len(rows) + len(self.classes), np.int64)
            for window in windows:
                kernels.count_false_positives(
                    window.images, window.classes, window.confidences, window.states, window.first_row,
                    is_counted, confidences, images, rows, buckets, counts,
                )  # fmt: skip
            return counts

        half = len(self.windows) // 2
        halves = (self.windows[:half], self.windows[half:])
        counts = sum(both(count, halves, in_threads=half > 0))
        total = np.delete(counts, starts[1:] + np.arange(len(self.classes)))
        for c in range(len(self.classes)):
            np.cumsum(total[starts[c] : starts[c + 1]], out=total[starts[c] : starts[c + 1]])
        return starts, total

    def _true_positives(self, is_counted: ImageMask) -> TruePositives:
        parts = []
        for window in self.windows:
            rows = np.flatnonzero(window.states == kernels.TRUE_POSITIVE)
            parts.append((window, rows[is_counted[window.images[rows]]]))
        return TruePositives(
            images=np.concatenate([np.zeros(0, np.int32), *(w.images[rows] for w, rows in parts)]),
            classes=np.concatenate([np.zeros(0, np.int32), *(w.classes[rows] for w, rows in parts)]),
            confidences=np.concatenate([np.zeros(0), *(w.confidences[rows] for w, rows in parts)]),
            rows=np.concatenate([np.zeros(0, np.int64), *(rows + w.first_row for w, rows in parts)]),
        )

    def _counts(self, is_counted: ImageMask) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """(classes,) detections, skipped ones included; and (classes,) those that were skipped."""
        detections, skipped = np.zeros((2, len(self.classes)), dtype=np.int64)
        is_whole = bool(is_counted.all())
        for window in self.windows:
            chosen = slice(None) if is_whole else is_counted[window.images]
            classes = window.classes[chosen]
            detections += np.bincount(classes, minlength=len(self.classes))
            skipped += np.bincount(classes[window.states[chosen] == kernels.SKIPPED], minlength=len(self.classes))
        return detections, skipped

    def _class_rows(
        self, ap: dict[int, float | None], positives: npt.NDArray[np.int64], detections: npt.NDArray[np.int64]
    ) -> list[dict[str, Any]]:
        classes = self.classes
        return [
            {
                "id": int(classes.ids[c]),
                "wnid": classes.wnids[c],
                "name": classes.names[c],
                "ap": ap[c],
                "positives": int(positives[c]),
                "detections": int(detections[c]),
            }
            for c in ap
        ]


# Rows that are kept are copied into blocks: large ones cost the least to touch for the first time.
_BLOCK_ROWS = 1 << 20


class _KeptColumns:
    """Columns of detections, one window behind the other."""

    def __init__(self) -> None:
        self._free = DetectionWindow(
            images=np.zeros(0, np.int32), classes=np.zeros(0, np.int32), confidences=np.zeros(0),
            states=np.zeros(0, np.uint8), first_row=0,
        )  # fmt: skip

    def take(self, count: int, *, first_row: int) -> DetectionWindow:
        """Room for `count` rows, to be filled."""
        if count > len(self._free.images):
            rows = max(count, _BLOCK_ROWS)
            self._free = DetectionWindow(
                images=np.empty(rows, np.int32), classes=np.empty(rows, np.int32), confidences=np.empty(rows),
                states=np.empty(rows, np.uint8), first_row=0,
            )  # fmt: skip
        taken = self._free.part(slice(count), first_row=first_row)
        self._free = self._free.part(slice(count, None), first_row=0)
        return taken


class DetectionScorer:
    """Compares detections with the boxes."""

    def __init__(self, public: PublicRound, truth: Truth, *, explain: bool = False) -> None:
        """With `explain`, six bytes a detection are kept beside, and scorecards have details."""
        self._classes = public.classes
        self._image_count = len(public.images)
        self._positives = Positives.of(truth, self._image_count, len(public.classes))
        self._explainer: DetectionExplainer | None = None
        if explain:
            from scoring.metrics.detection_explanations import DetectionExplainer

            self._explainer = DetectionExplainer(self._positives)
        self._kept = _KeptColumns()
        self._windows: list[DetectionWindow] = []
        self._candidates: list[npt.NDArray[np.int64]] = []  # rows of each window
        self._candidate_boxes: list[npt.NDArray[np.float64]] = []
        self._rows = 0

    def add(self, columns: DetectionColumns) -> None:
        p = self._positives
        states, candidates = kernels.sift(
            columns.images, columns.classes, columns.boxes,
            p.starts, p.classes, p.corners, p.thresholds, p.skip_starts, p.skip_classes,
        )  # fmt: skip
        window = self._kept.take(len(columns), first_row=self._rows)
        window.images[:], window.classes[:] = columns.images, columns.classes
        window.confidences[:], window.states[:] = columns.confidences, states
        self._windows.append(window)
        self._candidates.append(candidates)
        self._candidate_boxes.append(columns.boxes[candidates])
        self._rows += len(columns)
        if self._explainer is not None:
            self._explainer.add(columns)

    def finish(self) -> DetectionOutcomes:
        if self._windows:
            half = int(np.searchsorted(self._positives.starts, len(self._positives.images) // 2))
            halves = ((0, half), (half, self._image_count))
            both(self._match, halves, in_threads=len(self._windows) > 1)
        return DetectionOutcomes(
            classes=self._classes,
            image_count=self._image_count,
            positives=self._positives,
            windows=tuple(self._windows),
            explanations=None if self._explainer is None else self._explainer.explain(self._windows),
        )

    def _match(self, image_edges: tuple[int, int]) -> None:
        """Match the candidates of the images from one edge up to the other."""
        p, (low, high) = self._positives, image_edges
        chosen = []
        for window, rows, boxes in zip(self._windows, self._candidates, self._candidate_boxes, strict=True):
            images = window.images[rows]
            is_here = (images >= low) & (images < high)
            chosen.append((window, rows[is_here], boxes[is_here]))
        images = np.concatenate([window.images[rows] for window, rows, _ in chosen])
        classes = np.concatenate([window.classes[rows] for window, rows, _ in chosen])
        confidences = np.concatenate([window.confidences[rows] for window, rows, _ in chosen])
        boxes = np.concatenate([boxes for _, _, boxes in chosen])
        is_matched = kernels.match(images, classes, confidences, boxes, p.starts, p.classes, p.corners, p.thresholds)
        start = 0
        for window, rows, _ in chosen:
            window.states[rows] = np.where(
                is_matched[start : start + len(rows)], kernels.TRUE_POSITIVE, kernels.FALSE_POSITIVE
            )
            start += len(rows)
