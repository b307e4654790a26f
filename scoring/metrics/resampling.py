"""Average precision over resamples of the images: what a bootstrap of mAP is made of.

Matching happens inside an image, so a resample changes how often an image's detections count and nothing else: each
class is sorted once, and every resample is one pass over it with other weights.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scoring.metrics import resample_kernel as kernel
from scoring.metrics.confidence_order import best_first
from scoring.metrics.detection import DetectionOutcomes
from scoring.metrics.detection_kernels import SKIPPED, TRUE_POSITIVE
from scoring.outcomes import ImageMask

Counts = npt.NDArray[np.uint8]  # (images, LANES) how often each resample of a block holds each image

_THREADS = 2


@dataclass(frozen=True, kw_only=True, eq=False)
class ImageResamples:
    """Resamples of the images, drawn with replacement as many as there are (Efron 1979).

    They follow from the seed alone, block by block, so that entries scored apart or together share them and nobody has
    to keep them.
    """

    image_count: int
    count: int  # of resamples
    seed: int  # not negative
    mask: ImageMask | None = None  # (images,) which images are drawn from; None: all

    @property
    def blocks(self) -> int:
        """How many blocks hold them; the last one may be cut short."""
        return -(-self.count // kernel.LANES)

    def counts(self, block: int) -> Counts:
        """(images, LANES) how often each resample of this block holds each image."""
        drawable = np.arange(self.image_count) if self.mask is None else np.flatnonzero(self.mask)
        counts = np.zeros((self.image_count, kernel.LANES), np.uint8)
        if len(drawable):
            rng = np.random.default_rng([self.seed, block])
            lanes = [rng.integers(0, len(drawable), size=len(drawable), dtype=np.int32) for _ in range(kernel.LANES)]
            drawn = np.stack([np.bincount(lane, minlength=len(drawable)).astype(np.uint8) for lane in lanes])
            counts[drawable] = drawn.T
        return counts


@dataclass(frozen=True, kw_only=True, eq=False)
class RankedDetections:
    """The detections of each class in the order of its curve, as far as they can bear on its area.

    What comes behind the last true positive of a class cannot, and skipped detections do not.
    """

    images: npt.NDArray[np.int32]  # (d,) by class, then by descending confidence, image and row
    found: npt.NDArray[np.int64]  # (t,) ascending: which of them are true positives
    class_starts: npt.NDArray[np.int64]  # (classes + 1,) where the detections of each class start
    found_starts: npt.NDArray[np.int64]  # (classes + 1,) where they start in `found`
    positive_images: npt.NDArray[np.int32]  # (boxes,) the image of each ground truth box that counts, by class
    positive_starts: npt.NDArray[np.int64]  # (classes + 1,) where those of each class start

    @classmethod
    def of(cls, outcomes: DetectionOutcomes) -> RankedDetections:
        """Sort what became of the detections, each class once."""
        images, classes, confidences, is_found = _columns_that_matter(outcomes)
        return cls.of_columns(
            images=images,
            classes=classes,
            confidences=confidences,
            is_found=is_found,
            positive_images=outcomes.positives.images,
            positive_classes=outcomes.positives.classes,
            class_count=len(outcomes.classes),
        )

    @classmethod
    def of_columns(
        cls,
        *,
        images: npt.NDArray[np.int32],
        classes: npt.NDArray[np.int32],
        confidences: npt.NDArray[np.float64],
        is_found: npt.NDArray[np.bool_],
        positive_images: npt.NDArray[np.int32],
        positive_classes: npt.NDArray[np.int32],
        class_count: int,
    ) -> RankedDetections:
        """Sort detections that are true or false positives.

        Args:
            images, classes, confidences, is_found: (d,) in the order of the file.
            positive_images, positive_classes: (boxes,) of the ground truth boxes that count.
            class_count: classes in all.
        """
        by_class, starts = _grouped(classes, class_count)

        def in_order(c: int) -> npt.NDArray[np.int64]:
            rows = by_class[starts[c] : starts[c + 1]]
            return rows[best_first(images[rows], confidences[rows])]

        with ThreadPoolExecutor(max_workers=_THREADS, thread_name_prefix="heldout-sorter") as threads:
            order = np.concatenate([np.zeros(0, np.int64), *threads.map(in_order, range(class_count))])
        found = np.flatnonzero(is_found[order])
        positives_by_class, positive_starts = _grouped(positive_classes, class_count)
        return cls(
            images=images[order],
            found=found,
            class_starts=starts,
            found_starts=np.searchsorted(found, starts).astype(np.int64),
            positive_images=positive_images[positives_by_class],
            positive_starts=positive_starts,
        )

    def class_ap(self, counts: Counts) -> npt.NDArray[np.float64]:
        """(LANES, classes) average precision of each class in each resample of a block.

        NaN where a resample holds no positive of the class: there its average precision is undefined.
        """
        areas = kernel.weighted_areas(self.images, self.found, self.class_starts, self.found_starts, counts)
        positives = _sums_between(counts[self.positive_images], self.positive_starts)
        ap: npt.NDArray[np.float64] = np.divide(
            areas.T, positives.T, where=positives.T > 0, out=np.full(areas.T.shape, np.nan)
        )
        return ap


def resampled_class_ap(detections: RankedDetections, resamples: ImageResamples) -> npt.NDArray[np.float64]:
    """(resamples, classes) average precision of each class, NaN where a resample holds no positive of it."""

    def ap_of(block: int) -> npt.NDArray[np.float64]:
        return detections.class_ap(resamples.counts(block))

    with ThreadPoolExecutor(max_workers=_THREADS, thread_name_prefix="heldout-resampler") as threads:
        return np.concatenate(list(threads.map(ap_of, range(resamples.blocks))))[: resamples.count]


def resampled_mean_ap(entries: Sequence[RankedDetections], resamples: ImageResamples) -> npt.NDArray[np.float64]:
    """(resamples, entries) mean average precision, every entry on the same resamples.

    As in the score itself, classes without positives leave the mean; NaN where a resample holds no positive at all.
    """

    def mean_ap_of(block: int) -> npt.NDArray[np.float64]:
        counts = resamples.counts(block)
        return np.stack([mean_of_defined(entry.class_ap(counts)) for entry in entries], axis=1)

    with ThreadPoolExecutor(max_workers=_THREADS, thread_name_prefix="heldout-resampler") as threads:
        return np.concatenate(list(threads.map(mean_ap_of, range(resamples.blocks))))[: resamples.count]


def mean_of_defined(ap: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """(...) means over the last axis of what is not NaN; NaN where nothing is left.

    >>> mean_of_defined(np.array([[0.5, np.nan, 1.0], [np.nan, np.nan, np.nan]]))
    array([0.75,  nan])
    """
    is_defined = ~np.isnan(ap)
    defined = is_defined.sum(axis=-1)
    total = np.where(is_defined, ap, 0.0).sum(axis=-1)
    mean: npt.NDArray[np.float64] = np.divide(total, defined, where=defined > 0, out=np.full(total.shape, np.nan))
    return mean


def _columns_that_matter(
    outcomes: DetectionOutcomes,
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32], npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    """Images, classes, confidences of the detections no less confident than their class's last true positive, in the
    order of the file; and which are true positives.
    """
    last = np.full(len(outcomes.classes), np.inf)
    for window in outcomes.windows:
        is_found = window.states == TRUE_POSITIVE
        np.minimum.at(last, window.classes[is_found], window.confidences[is_found])
    chosen = [
        np.flatnonzero((window.confidences >= last[window.classes]) & (window.states != SKIPPED))
        for window in outcomes.windows
    ]
    parts = list(zip(outcomes.windows, chosen, strict=True))
    return (
        np.concatenate([np.zeros(0, np.int32), *(window.images[rows] for window, rows in parts)]),
        np.concatenate([np.zeros(0, np.int32), *(window.classes[rows] for window, rows in parts)]),
        np.concatenate([np.zeros(0), *(window.confidences[rows] for window, rows in parts)]),
        np.concatenate([np.zeros(0, np.bool_), *(window.states[rows] == TRUE_POSITIVE for window, rows in parts)]),
    )


def _grouped(classes: npt.NDArray[np.int32], class_count: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """(rows,) rows by class, inside a class as they came; and (classes + 1,) where each class starts."""
    # numpy sorts small integers by radix, in linear time
    rows = np.argsort(classes.astype(np.min_scalar_type(class_count)), kind="stable")
    return rows, np.searchsorted(classes[rows], np.arange(class_count + 1)).astype(np.int64)


def _sums_between(rows: npt.NDArray[np.uint8], starts: npt.NDArray[np.int64]) -> npt.NDArray[np.int32]:
    """(classes, LANES) the sums of the rows between neighbouring starts; 0 where there are none."""
    sums = np.zeros((len(starts) - 1, rows.shape[1]), np.int32)
    is_filled = starts[1:] > starts[:-1]
    if is_filled.any():
        sums[is_filled] = np.add.reduceat(rows, starts[:-1][is_filled], axis=0, dtype=np.int32)
    return sums
