"""The ground truth boxes of detection that count."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scoring.boxes import iou_thresholds
from scoring.truth import Truth


@dataclass(frozen=True, kw_only=True, eq=False)
class Positives:
    """The ground truth boxes that count: those of blacklisted pairs are gone."""

    images: npt.NDArray[np.int32]  # (boxes,) ascending
    classes: npt.NDArray[np.int32]  # (boxes,)
    corners: npt.NDArray[np.float64]  # (boxes, 4)
    thresholds: npt.NDArray[np.float64]  # (boxes,) the IoU that finds each
    starts: npt.NDArray[np.int64]  # (images + 1,) the boxes of each image
    skip_starts: npt.NDArray[np.int64]  # (images + 1,) the blacklisted classes of each image
    skip_classes: npt.NDArray[np.int32]  # (pairs,)

    @classmethod
    def of(cls, truth: Truth, image_count: int, class_count: int) -> Positives:
        boxes = truth.box_columns
        pairs = truth.blacklisted_pairs
        skipped = np.unique(pairs, axis=0) if pairs is not None else np.zeros((0, 2), dtype=np.int32)
        keys = boxes.images.astype(np.int64) * class_count + boxes.classes
        is_kept = ~np.isin(keys, skipped[:, 0].astype(np.int64) * class_count + skipped[:, 1])
        edges = np.arange(image_count + 1)
        return cls(
            images=boxes.images[is_kept],
            classes=boxes.classes[is_kept],
            corners=boxes.corners[is_kept],
            thresholds=iou_thresholds(boxes.corners[is_kept]),
            starts=np.searchsorted(boxes.images[is_kept], edges).astype(np.int64),
            skip_starts=np.searchsorted(skipped[:, 0], edges).astype(np.int64),
            skip_classes=np.ascontiguousarray(skipped[:, 1]),
        )
