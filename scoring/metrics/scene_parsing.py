"""Pixel accuracy and mean IoU of label maps, as the scene parsing challenges of 2016 and 2017 compute them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from scoring.findings import Finding, FindingLog
from scoring.formats.complaints import error
from scoring.formats.label_maps import MapColumns
from scoring.formats.map_classes import BLOCK_PIXELS, ClassMap
from scoring.formats.map_names import MapNames
from scoring.masks import TruthMasks
from scoring.misfits import MisfitPredictions
from scoring.outcomes import ClassMask, ImageMask
from scoring.rounds import PublicRound
from scoring.scorecard import Scorecard
from scoring.synsets import Classes
from scoring.truth import Truth

Counts = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, eq=False)
class PixelCounts:
    """How many pixels of each class; of one image, or of many. Pixels without a label count nowhere."""

    both: Counts  # (classes,) predicted so and labelled so: the intersection
    predicted: Counts  # (classes,)
    labelled: Counts  # (classes,)

    @property
    def unions(self) -> Counts:
        return self.predicted + self.labelled - self.both


def count_pixels(predicted: ClassMap, truth: ClassMap, class_count: int) -> PixelCounts:
    """Compare two maps of one size, of class positions + 1, 0 for none.

    Where the truth is 0, the prediction does not count; where the prediction alone is 0, the pixel is wrong.

    >>> counts = count_pixels(np.array([[1, 1, 2, 0]]), np.array([[1, 2, 2, 0]]), 2)
    >>> counts.both.tolist(), counts.predicted.tolist(), counts.labelled.tolist()
    ([1, 1], [2, 1], [1, 2])
    """
    side = class_count + 1
    index_type = np.min_scalar_type(2 * side)
    of_prediction = np.zeros(side, dtype=np.int64)
    of_truth = np.zeros(2 * side, dtype=np.int64)  # for each label, the pixels missed and the pixels found
    guesses, labels = predicted.reshape(-1), truth.reshape(-1)
    for start in range(0, len(labels), BLOCK_PIXELS):
        guess, label = guesses[start : start + BLOCK_PIXELS], labels[start : start + BLOCK_PIXELS]
        of_prediction += np.bincount(guess * (label > 0), minlength=side)
        of_truth += np.bincount(label.astype(index_type) * 2 + (guess == label), minlength=2 * side)
    missed, found = of_truth.reshape(-1, 2).T
    return PixelCounts(both=found[1:], predicted=of_prediction[1:], labelled=(missed + found)[1:])


def class_ious(counts: PixelCounts) -> list[float]:
    """Intersection over union of each class; 0 for a class that is neither in the truth nor predicted.

    >>> class_ious(PixelCounts(both=np.array([1, 0]), predicted=np.array([2, 0]), labelled=np.array([3, 0])))
    [0.25, 0.0]
    """
    return [float(iou) for iou in counts.both / np.maximum(counts.unions, 1)]


@dataclass(frozen=True, kw_only=True, eq=False)
class MapOutcomes:
    """Pixel counts of every class that an image has, or is said to have."""

    classes: Classes
    image_count: int
    images: npt.NDArray[np.int32]  # (rows,) image positions
    row_classes: npt.NDArray[np.int32]  # (rows,) class positions
    counts: PixelCounts  # (rows,)

    def scorecard(self, mask: ImageMask | None = None, *, classes: ClassMask | None = None) -> Scorecard:
        """The figures over the images of `mask`, and the labels and the mean over `classes`; None stands for all.

        All scores are None where no pixel of these images is labelled with these classes.
        """
        total = self._summed(mask)
        is_meant = np.ones(len(self.classes), dtype=np.bool_) if classes is None else classes
        pixels, correct = int(total.labelled[is_meant].sum()), int(total.both[is_meant].sum())
        ious = class_ious(total)
        accuracy = mean = score = None
        if pixels:
            meant = [ious[position] for position in np.flatnonzero(is_meant)]
            accuracy, mean = correct / pixels, math.fsum(meant) / len(meant)
            score = (accuracy + mean) / 2
        return Scorecard(
            scores={"pixel_accuracy": accuracy, "mean_iou": mean, "score": score},
            counts={
                "images": self.image_count if mask is None else int(mask.sum()),
                "pixels": pixels,
                "correct_pixels": correct,
            },
            per_class=self._rows(total, ious),
        )

    def save(self, path: Path) -> None:
        with path.open("wb") as stream:  # a mere name would be given the ending .npz
            np.savez_compressed(
                stream, images=self.images, classes=self.row_classes, both=self.counts.both,
                predicted=self.counts.predicted, labelled=self.counts.labelled,
            )  # fmt: skip

    def _summed(self, mask: ImageMask | None) -> PixelCounts:
        """(classes,) counts over the images of `mask`."""
        rows = slice(None) if mask is None else mask[self.images]
        places = self.row_classes[rows]

        def summed(column: Counts) -> Counts:
            sums = np.zeros(len(self.classes), dtype=np.int64)
            np.add.at(sums, places, column[rows])
            return sums

        counts = self.counts
        return PixelCounts(
            both=summed(counts.both), predicted=summed(counts.predicted), labelled=summed(counts.labelled)
        )

    def _rows(self, total: PixelCounts, ious: list[float]) -> list[dict[str, Any]]:
        unions = total.unions
        return [
            {
                "id": int(self.classes.ids[c]), "wnid": self.classes.wnids[c], "name": self.classes.names[c],
                "iou": ious[c], "pixels": int(total.labelled[c]), "predicted_pixels": int(total.predicted[c]),
                "intersection": int(total.both[c]), "union": int(unions[c]),
            }
            for c in range(len(self.classes))
        ]  # fmt: skip


@dataclass(frozen=True, kw_only=True, eq=False)
class _ImageCounts:
    classes: npt.NDArray[np.int32]  # those of which the image has pixels, or is said to have
    counts: PixelCounts  # of these


class SceneParsingScorer:
    """Compares label maps with the truth's, one image at a time."""

    def __init__(self, public: PublicRound, truth: Truth) -> None:
        if truth.masks is None:
            raise TypeError(f"a {truth.task} truth has no masks")
        self._public = public
        self._masks: TruthMasks = truth.masks
        self._counted: dict[int, _ImageCounts] = {}  # by image position
        self._misfits = FindingLog()

    def add(self, columns: MapColumns) -> None:
        """Count the pixels of one image."""
        if columns.classes.shape == self._masks.shape(columns.image):
            self._count(columns.image, columns.classes)
        else:
            self._misfits.add(self._other_size(columns))

    def finish(self) -> MapOutcomes:
        """The outcomes; images without a map count as all other.

        Raises:
            MisfitPredictions: when maps are not of their images' sizes.
        """
        if self._misfits.has_errors:
            raise MisfitPredictions(self._misfits.report())
        for image in range(len(self._masks)):
            if image not in self._counted:
                self._count(image, np.zeros(self._masks.shape(image), dtype=np.uint8))
        rows = [self._counted[image] for image in range(len(self._masks))]
        return MapOutcomes(
            classes=self._public.classes,
            image_count=len(rows),
            images=np.repeat(np.arange(len(rows), dtype=np.int32), [len(row.classes) for row in rows]),
            row_classes=np.concatenate([row.classes for row in rows]),
            counts=PixelCounts(
                both=np.concatenate([row.counts.both for row in rows]),
                predicted=np.concatenate([row.counts.predicted for row in rows]),
                labelled=np.concatenate([row.counts.labelled for row in rows]),
            ),
        )

    def _count(self, image: int, predicted: ClassMap) -> None:
        counts = count_pixels(predicted, self._masks.class_map(image), len(self._public.classes))
        present = np.flatnonzero(counts.predicted + counts.labelled)
        self._counted[image] = _ImageCounts(
            classes=present.astype(np.int32),
            counts=PixelCounts(
                both=counts.both[present], predicted=counts.predicted[present], labelled=counts.labelled[present]
            ),
        )

    def _other_size(self, columns: MapColumns) -> Finding:
        (given_height, given_width), (height, width) = columns.classes.shape, self._masks.shape(columns.image)
        return error(
            "map-size", None, f"{MapNames(self._public.images).name(columns.image)}: {given_width} x {given_height}",
            f"the image has {width} x {height} pixels, its map has another size",
            advice="write a map of the image's own size, width by height as here",
        )  # fmt: skip
