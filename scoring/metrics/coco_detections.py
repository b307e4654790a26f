"""Detections of COCO's categories on their way to be matched: in the order of the file, then by category."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scoring.metrics.coco_words import CANDIDATE


@dataclass(frozen=True, kw_only=True, eq=False)
class SiftedWindow:
    """Some detections in the order of the file."""

    images: npt.NDArray[np.int32]
    labels: npt.NDArray[np.int32]  # category positions, -1 of those that the truth does not list
    confidences: npt.NDArray[np.float64]
    states: npt.NDArray[np.uint8]
    boxes: npt.NDArray[np.float64]  # (candidates, 4) of those that may find a box


@dataclass(frozen=True, kw_only=True, eq=False)
class GroupedDetections:
    """Detections of known categories, grouped by category; inside a category in the order of the file."""

    images: npt.NDArray[np.int32]
    confidences: npt.NDArray[np.float64]
    states: npt.NDArray[np.uint8]
    starts: npt.NDArray[np.int64]  # (categories + 1,)
    boxes: npt.NDArray[np.float64]  # (candidates, 4)
    box_starts: npt.NDArray[np.int64]  # (categories + 1,)

    @classmethod
    def of(cls, windows: Sequence[SiftedWindow], category_count: int) -> GroupedDetections:
        labels = np.concatenate([window.labels for window in windows])
        states = np.concatenate([window.states for window in windows])
        narrow = labels.astype(np.int16) if category_count < 2**15 else labels  # sorted by radix
        rows = np.argsort(narrow, kind="stable")[np.count_nonzero(labels < 0) :]
        found = narrow[(states & CANDIDATE) > 0]  # none of them is unknown
        edges = np.arange(category_count + 1)
        return cls(
            images=np.concatenate([window.images for window in windows])[rows],
            confidences=np.concatenate([window.confidences for window in windows])[rows],
            states=states[rows],
            starts=np.searchsorted(narrow[rows], edges),
            boxes=np.concatenate([window.boxes for window in windows])[np.argsort(found, kind="stable")],
            box_starts=np.searchsorted(np.sort(found), edges),
        )
