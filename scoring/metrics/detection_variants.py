"""Outcomes as they would be if some detections or boxes did not count: what-if questions about a score."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from scoring.metrics.positives import Positives


def of_boxes(positives: Positives, is_kept: npt.NDArray[np.bool_]) -> Positives:
    """Some of the boxes; `is_kept` is (boxes,)."""
    kept_before = np.concatenate([[0], np.cumsum(is_kept)])
    return replace(
        positives,
        images=positives.images[is_kept],
        classes=positives.classes[is_kept],
        corners=positives.corners[is_kept],
        thresholds=positives.thresholds[is_kept],
        starts=kept_before[positives.starts].astype(np.int64),
    )


def mean_ap(rows: Sequence[dict[str, Any]], classes: npt.NDArray[np.bool_] | None) -> float | None:
    """The mean over a scorecard's class rows that have an AP, of the classes chosen; None where there is none."""
    chosen = np.ones(len(rows), dtype=np.bool_) if classes is None else classes
    defined = [row["ap"] for row, is_chosen in zip(rows, chosen, strict=True) if is_chosen and row["ap"] is not None]
    return float(np.mean(defined)) if defined else None
