"""Precision over recall, as the confidence that is asked for falls: the curve whose area is the average precision."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

# More points than these a plot of ordinary width does not show.
MAX_POINTS = 200


@dataclass(frozen=True, kw_only=True, eq=False)
class Curve:
    """Corners of the monotone precision-recall curve of a class, in ascending recall.

    Between two corners, and from recall 0 to the first, the precision is that of the corner to the right; behind the
    last it is 0.
    """

    positives: int  # ground truth boxes of the class
    true_positives: npt.NDArray[np.int64]  # (points,) ascending
    false_positives: npt.NDArray[np.int64]  # (points,) ascending

    @property
    def recall(self) -> npt.NDArray[np.float64]:
        """(points,) the share of the positives that is found."""
        return self.true_positives / self.positives

    @property
    def precision(self) -> npt.NDArray[np.float64]:
        """(points,) the share of the detections that finds something; descending."""
        return self.true_positives / (self.true_positives + self.false_positives)

    @property
    def area(self) -> float:
        """The area under the curve: the average precision, where no corner was left out."""
        return float((np.diff(self.recall, prepend=0.0) * self.precision).sum())

    def as_json(self) -> dict[str, list[float]]:
        """Recall and precision to six decimals."""
        return {"recall": self.recall.round(6).tolist(), "precision": self.precision.round(6).tolist()}


def precision_recall_curve(
    false_positives_before: npt.NDArray[np.int64], positives: int, *, most: int = MAX_POINTS
) -> Curve | None:
    """The curve of one class, thinned to at most `most` corners.

    Precision is made monotone from the right (PASCAL VOC 2010 and later), which leaves a staircase; its corners are the
    true positives behind which precision only falls, and they alone bound it. Where there are more than `most`, recall
    from 0 to the last corner is cut into most // 2 equal parts, and of the corners in each part the first and the last
    stay. So both ends of the curve stay, each corner that stays is a point of the full curve, the thinned curve never
    lies above the full one, and the area lost is at most last recall / (most // 2) * (first - last precision). The
    average precision itself is computed from all true positives.

    Args:
        false_positives_before: (true positives,) in descending confidence, how many false positives precede each.
        positives: ground truth boxes of the class.
        most: how many corners may stay, at least 2.

    Returns:
        The curve; without a corner where nothing was found; None for a class without positives.

    >>> curve = precision_recall_curve(np.array([1, 1, 4]), 4)
    >>> curve.recall.tolist(), curve.precision.round(3).tolist()
    ([0.5, 0.75], [0.667, 0.429])
    """
    if not positives:
        return None
    found = np.arange(1, len(false_positives_before) + 1)
    precision = found / (found + false_positives_before)  # equal fractions are equal doubles
    highest_behind = np.maximum.accumulate(precision[::-1])[::-1]
    is_corner = np.ones(len(found), dtype=np.bool_)
    is_corner[:-1] = precision[:-1] > highest_behind[1:]
    corners = np.flatnonzero(is_corner)
    if len(corners) > most:
        parts = (found[corners] * (most // 2) - 1) // found[-1]  # from 0; the last corner lies in the last
        is_last = np.diff(parts, append=most) > 0
        is_first = np.diff(parts, prepend=-1) > 0
        corners = corners[is_first | is_last]
    return Curve(
        positives=positives,
        true_positives=found[corners].astype(np.int64),
        false_positives=false_positives_before[corners].astype(np.int64),
    )


def class_curves(
    starts: npt.NDArray[np.int64], false_positives_before: npt.NDArray[np.int64], positives: npt.NDArray[np.int64]
) -> list[Curve | None]:
    """The curve of every class.

    Args:
        starts: (classes + 1,) the true positives of class c are those from starts[c] up to starts[c + 1].
        false_positives_before: (true positives,) by class, then in descending confidence.
        positives: (classes,) ground truth boxes.
    """
    return [
        precision_recall_curve(false_positives_before[starts[c] : starts[c + 1]], int(positives[c]))
        for c in range(len(positives))
    ]


def curves_as_json(curves: list[Curve | None], class_ids: npt.NDArray[np.integer]) -> list[dict[str, Any]]:
    """The curves as the details of a scorecard show them; classes without positives are left out."""
    return [
        {"id": int(class_id)} | curve.as_json()
        for class_id, curve in zip(class_ids, curves, strict=True)
        if curve is not None
    ]
