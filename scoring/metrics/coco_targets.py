"""The boxes of COCO's truth, as matching needs them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scoring.coco_truth import CocoTruth
from scoring.metrics.coco_words import SIZE_WORDS, SIZES


@dataclass(frozen=True, kw_only=True, eq=False)
class CocoTargets:
    """The boxes of the truth, grouped by category; inside one by image, then in the order of the file."""

    images: npt.NDArray[np.int32]  # (boxes,)
    classes: npt.NDArray[np.int32]  # (boxes,) ascending
    starts: npt.NDArray[np.int64]  # (categories + 1,)
    boxes: npt.NDArray[np.float64]  # (boxes, 4) x, y, width, height
    is_crowd: npt.NDArray[np.bool_]  # (boxes,)
    sizes: npt.NDArray[np.bool_]  # (4, boxes) where a box counts; a crowd counts nowhere
    words: npt.NDArray[np.int64]  # (boxes,) the same, a bit for each size and overlap

    @classmethod
    def of(cls, truth: CocoTruth) -> CocoTargets:
        order = np.argsort(truth.classes, kind="stable")
        areas, is_crowd = truth.areas[order], truth.is_crowd[order]
        low, high = SIZES.T[:, :, np.newaxis]
        sizes = (areas >= low) & (areas <= high) & ~is_crowd
        return cls(
            images=truth.images[order],
            classes=truth.classes[order],
            starts=np.searchsorted(truth.classes[order], np.arange(len(truth.category_ids) + 1)),
            boxes=truth.boxes[order],
            is_crowd=is_crowd,
            sizes=sizes,
            words=SIZE_WORDS[(1 << np.arange(4)) @ sizes],
        )
