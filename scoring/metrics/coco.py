"""The twelve figures of COCO detection, equal to those of the kit (pycocotools 2.0, bounding boxes)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from scoring.coco_truth import CocoTruth
from scoring.formats.detection_lines import DetectionColumns
from scoring.images import dense_positions
from scoring.metrics import coco_kernels as kernels
from scoring.metrics.coco_detections import GroupedDetections, SiftedWindow
from scoring.metrics.coco_targets import CocoTargets
from scoring.metrics.coco_words import CANDIDATE, OVERLAPS
from scoring.metrics.confidence_order import best_first
from scoring.outcomes import ClassMask, ImageMask
from scoring.rounds import PublicRound
from scoring.scorecard import Scorecard
from scoring.truth import Truth

_ALL, _SMALL, _MEDIUM, _LARGE = range(4)  # sizes, as the kernel numbers them
_OVERLAPS = len(OVERLAPS)
_AT_50, _AT_75 = 0, 5  # places among the overlaps 0.5, 0.55 .. 0.95

# Positions of the best 1, 10 and 100 detections of an image and category, as the kernel counts them.
_BEST_1, _BEST_10, _BEST_100 = range(3)

# Rows grouped at once: few enough for their columns to stay in the cache, and many enough to join few groups.
GROUPED_ROWS = 1 << 19

_Result = TypeVar("_Result")


@dataclass(frozen=True, kw_only=True, eq=False)
class CategoryOutcomes:
    """What became of the detections of one category, in the order of its curve.

    Words have a bit for each size and overlap: bit 10 s + t for size s (all, small, medium, large) and overlap t.
    """

    images: npt.NDArray[np.int32]  # (detections,)
    confidences: npt.NDArray[np.float64]  # (detections,) descending
    states: npt.NDArray[np.uint8]  # (detections,) sizes it is wrong at; or CANDIDATE, then words say; or CUT
    found: npt.NDArray[np.int64]  # (candidates,) words: where it is a true positive
    false: npt.NDArray[np.int64]  # (candidates,) words: where it is a false positive; elsewhere it is ignored
    ranks: npt.NDArray[np.uint8]  # (candidates,) better ones of the image and category


@dataclass(frozen=True, kw_only=True, eq=False)
class CategoryFigures:
    """What the curves of one category over some images come to, by size and overlap."""

    ap: npt.NDArray[np.float64]  # (4, 10) mean precision at the recalls 0, 0.01 .. 1
    right: npt.NDArray[np.int64]  # (3, 4, 10) true positives among the best 1, 10 and 100 of an image
    detections: int
    cut: int  # of them, those past the best 100 of their image


@dataclass(frozen=True, kw_only=True, eq=False)
class CocoOutcomes:
    """What became of every detection."""

    category_ids: npt.NDArray[np.int32]
    category_names: tuple[str, ...]
    targets: CocoTargets
    categories: tuple[CategoryOutcomes, ...]
    unknown: npt.NDArray[np.int64]  # (images,) detections of categories that the truth does not list

    def scorecard(self, mask: ImageMask | None = None, *, classes: ClassMask | None = None) -> Scorecard:
        """The figures over the images of `mask`, means and counts over the categories of `classes`.

        A figure is None where COCO writes -1: where no object is of the size in question.
        """
        is_counted = np.ones(len(self.unknown), np.bool_) if mask is None else mask
        chosen = np.ones(len(self.categories), np.bool_) if classes is None else classes
        positives = self._positives(is_counted)

        def figures_of(c: int) -> CategoryFigures:
            found = self.categories[c]
            precisions, right, detections, cut = kernels.accumulate(
                found.images, found.states, found.found, found.false, found.ranks, is_counted, positives[c]
            )
            return CategoryFigures(
                ap=precisions.mean(axis=1).reshape(4, _OVERLAPS),
                right=right.reshape(3, 4, _OVERLAPS),
                detections=detections,
                cut=cut,
            )

        of_class = _in_threads(figures_of, [len(found.images) for found in self.categories])
        strays = int(self.unknown[is_counted].sum()) if classes is None else 0
        detections = np.array([own.detections for own in of_class], np.int64)
        cut = np.array([own.cut for own in of_class], np.int64)
        return Scorecard(
            scores=_scores(of_class, np.where(chosen[:, np.newaxis], positives, 0)),
            counts={
                "images": int(is_counted.sum()),
                "detections": int(detections.sum(where=chosen)) + strays,
                "positives": int(positives[chosen, _ALL].sum()),
                "skipped": int(cut.sum(where=chosen)) + strays,
            },
            per_class=[self._class_row(c, of_class[c], int(positives[c, _ALL])) for c in range(len(of_class))],
        )

    def save(self, path: Path) -> None:
        """Write the columns of all categories, one after the other, to one .npz."""
        found = self.categories
        with path.open("wb") as stream:
            np.savez(
                stream,
                category_ids=self.category_ids,
                detections=np.array([len(category.images) for category in found], np.int64),
                candidates=np.array([len(category.found) for category in found], np.int64),
                unknown=self.unknown,
                images=np.concatenate([np.zeros(0, np.int32), *(category.images for category in found)]),
                confidences=np.concatenate([np.zeros(0), *(category.confidences for category in found)]),
                states=np.concatenate([np.zeros(0, np.uint8), *(category.states for category in found)]),
                found=np.concatenate([np.zeros(0, np.int64), *(category.found for category in found)]),
                false=np.concatenate([np.zeros(0, np.int64), *(category.false for category in found)]),
                ranks=np.concatenate([np.zeros(0, np.uint8), *(category.ranks for category in found)]),
            )

    def _class_row(self, c: int, own: CategoryFigures, positives: int) -> dict[str, Any]:
        return {
            "id": int(self.category_ids[c]),
            "wnid": "",
            "name": self.category_names[c],
            "ap": float(own.ap[_ALL].mean()) if positives else None,
            "ap50": float(own.ap[_ALL, _AT_50]) if positives else None,
            "positives": positives,
            "detections": own.detections,
        }

    def _positives(self, is_counted: ImageMask) -> npt.NDArray[np.int64]:
        """(categories, 4) the boxes that count, by size."""
        keys = self.targets.classes.astype(np.int64) * 4
        inside = is_counted[self.targets.images]
        chosen = np.concatenate([keys[inside & self.targets.sizes[size]] + size for size in range(4)])
        return np.bincount(chosen, minlength=4 * len(self.categories)).reshape(-1, 4)


def _scores(of_class: list[CategoryFigures], positives: npt.NDArray[np.int64]) -> dict[str, float | None]:
    """The twelve figures: means over the categories that have positives (categories, 4) of the size in question."""

    def precision(size: int, overlaps: slice = slice(None)) -> float | None:
        defined = np.flatnonzero(positives[:, size])
        return float(np.mean([of_class[c].ap[size, overlaps] for c in defined])) if len(defined) else None

    def recall(best: int, size: int) -> float | None:
        defined = np.flatnonzero(positives[:, size])
        shares = [of_class[c].right[best, size] / positives[c, size] for c in defined]
        return float(np.mean(shares)) if shares else None

    return {
        "ap": precision(_ALL),
        "ap50": precision(_ALL, slice(_AT_50, _AT_50 + 1)),
        "ap75": precision(_ALL, slice(_AT_75, _AT_75 + 1)),
        "ap_small": precision(_SMALL),
        "ap_medium": precision(_MEDIUM),
        "ap_large": precision(_LARGE),
        "ar_1": recall(_BEST_1, _ALL),
        "ar_10": recall(_BEST_10, _ALL),
        "ar_100": recall(_BEST_100, _ALL),
        "ar_small": recall(_BEST_100, _SMALL),
        "ar_medium": recall(_BEST_100, _MEDIUM),
        "ar_large": recall(_BEST_100, _LARGE),
    }


class CocoScorer:
    """Compares detections with the boxes of `truth`, of a round of `image_count` images.

    Detections name categories by their ids: the public half has no table of them. What is of no category of the truth
    counts for nothing, as in COCO's evaluation.
    """

    def __init__(self, truth: CocoTruth, image_count: int, *, grouped_rows: int = GROUPED_ROWS) -> None:
        self._truth = truth
        self._grouped_rows = grouped_rows
        self._starts = truth.starts(image_count)
        self._position_of_category = np.append(dense_positions(truth.category_ids), np.int32(-1))
        self._windows: list[SiftedWindow] = []  # that are not grouped yet
        self._groups: list[GroupedDetections] = []
        self._unknown = np.zeros(image_count, np.int64)

    def add(self, columns: DetectionColumns) -> None:
        """Take in a window: `classes` are category ids, `boxes` x, y, width, height."""
        ids = columns.classes.view(np.uint32)  # negative ones become large
        labels = self._position_of_category[np.minimum(ids, len(self._position_of_category) - 1)]
        self._unknown += np.bincount(columns.images[labels < 0], minlength=len(self._unknown))
        t = self._truth
        states = kernels.sift(columns.images, labels, columns.boxes, self._starts, t.classes, t.boxes, t.is_crowd)
        self._windows.append(
            SiftedWindow(
                images=columns.images.copy(),
                labels=labels,
                confidences=columns.confidences.copy(),
                states=states,
                boxes=columns.boxes[(states & CANDIDATE) > 0],
            )
        )
        if sum(len(window.images) for window in self._windows) >= self._grouped_rows:
            self._group()

    def finish(self) -> CocoOutcomes:
        """Match category by category."""
        if self._windows:
            self._group()
        targets = CocoTargets.of(self._truth)
        sizes = sum((np.diff(group.starts) for group in self._groups), np.zeros(len(self._truth.category_ids)))
        return CocoOutcomes(
            category_ids=self._truth.category_ids,
            category_names=self._truth.category_names,
            targets=targets,
            categories=tuple(_in_threads(lambda c: self._matched(c, targets), sizes.tolist())),
            unknown=self._unknown,
        )

    def _group(self) -> None:
        self._groups.append(GroupedDetections.of(self._windows, len(self._truth.category_ids)))
        self._windows = []

    def _matched(self, c: int, targets: CocoTargets) -> CategoryOutcomes:
        parts = [(group, slice(*group.starts[c : c + 2])) for group in self._groups]
        images = np.concatenate([np.zeros(0, np.int32), *(group.images[rows] for group, rows in parts)])
        confidences = np.concatenate([np.zeros(0), *(group.confidences[rows] for group, rows in parts)])
        states = np.concatenate([np.zeros(0, np.uint8), *(group.states[rows] for group, rows in parts)])
        boxes = np.concatenate(
            [np.zeros((0, 4)), *(group.boxes[slice(*group.box_starts[c : c + 2])] for group in self._groups)]
        )
        numbers = np.cumsum(states >> 4 & 1, dtype=np.int32) - 1  # of the candidates
        order = best_first(images, confidences)
        images, states = images[order], states[order]
        own = slice(*targets.starts[c : c + 2])
        found, false, ranks = kernels.match(
            images, states, boxes[numbers[order[(states & CANDIDATE) > 0]]],
            targets.images[own], targets.boxes[own], targets.is_crowd[own], targets.words[own], len(self._unknown),
        )  # fmt: skip
        return CategoryOutcomes(
            images=images, confidences=confidences[order], states=states, found=found, false=false, ranks=ranks
        )


def coco_scorer(public: PublicRound, truth: Truth) -> CocoScorer:
    """The scorer of a `coco-det` round.

    Raises:
        TypeError: when the truth is that of another task.
    """
    if truth.coco is None:
        raise TypeError(f"a {truth.task} truth has no COCO annotations")
    return CocoScorer(truth.coco, len(public.images))


def _in_threads(work: Callable[[int], _Result], sizes: Iterable[float]) -> list[_Result]:
    """`work` of every place in `sizes`, on two threads, the largest first."""
    places = np.argsort(-np.array(list(sizes)), kind="stable").tolist()
    with ThreadPoolExecutor(max_workers=2, thread_name_prefix="heldout-coco") as threads:
        results = dict(zip(places, threads.map(work, places), strict=True))
    return [results[place] for place in range(len(places))]
