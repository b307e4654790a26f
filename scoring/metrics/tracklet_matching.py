"""Tracklets of predictions and of the truth: how much they overlap, and which finds which."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scoring.boxes import Corners, iou_thresholds
from scoring.tracklets import grouped
from scoring.truth import TruthBoxes

# Confidences whose sum is no double are added up this much smaller; a power of two changes no other digit.
_SHRINK = 2.0**-64


def tracks_of(boxes: TruthBoxes) -> npt.NDArray[np.int32]:
    """(boxes,) the track of each.

    Raises:
        TypeError: for boxes without tracks.
    """
    if boxes.tracks is None:
        raise TypeError("the boxes of a vid-track truth come with tracks")
    return boxes.tracks


def mean_confidence(confidences: list[float]) -> float:
    """The mean, as if rounded once: tracklets of one mean tie, whatever their length and the order of their lines.

    >>> mean_confidence([0.1, 0.2, 0.3]) == mean_confidence([0.3, 0.2, 0.1]) == mean_confidence([0.2] * 7)
    True
    """
    count = len(confidences)
    try:
        about = math.fsum(confidences) / count  # rounded twice
        return about + math.fsum([*confidences, *[-about] * count]) / count
    except OverflowError:
        return mean_confidence([confidence * _SHRINK for confidence in confidences]) / _SHRINK


@dataclass(frozen=True, kw_only=True, eq=False)
class TruthTracklets:
    """The ground truth, tracklet by tracklet in the order in which they first appear."""

    snippets: npt.NDArray[np.int32]  # (tracklets,)
    classes: npt.NDArray[np.int32]  # (tracklets,)
    frames: npt.NDArray[np.int64]  # (tracklets,) how many frames each has a box in
    box_tracklets: npt.NDArray[np.int64]  # (boxes,) the tracklet of each box
    box_classes: npt.NDArray[np.int32]  # (boxes,)
    corners: Corners  # (boxes, 4)
    thresholds: npt.NDArray[np.float64]  # (boxes,) the IoU from which a frame is matched
    starts: npt.NDArray[np.int64]  # (images + 1,) the boxes of each frame

    @classmethod
    def of(cls, boxes: TruthBoxes, snippets: npt.NDArray[np.int32]) -> TruthTracklets:
        """The tracklets of boxes; `snippets` is (images,).

        Raises:
            TypeError: for boxes without tracks.
        """
        tracks = grouped(snippets[boxes.images], tracks_of(boxes))
        groups = grouped(tracks.numbers, boxes.classes)
        return cls(
            snippets=snippets[boxes.images[groups.first_rows]],
            classes=boxes.classes[groups.first_rows],
            frames=np.bincount(groups.numbers, minlength=len(groups)),
            box_tracklets=groups.numbers,
            box_classes=boxes.classes,
            corners=boxes.corners,
            thresholds=iou_thresholds(boxes.corners),
            starts=boxes.starts(len(snippets)),
        )

    def __len__(self) -> int:
        return len(self.snippets)


@dataclass(frozen=True, kw_only=True, eq=False)
class Meetings:
    """Predicted and ground truth tracklets of one class that have boxes in some frame both."""

    predicted: npt.NDArray[np.int64]  # (m,)
    truth: npt.NDArray[np.int64]  # (m,)
    shared: npt.NDArray[np.int64]  # (m,) frames in which both have a box
    matched: npt.NDArray[np.int64]  # (m,) those in which the boxes overlap enough

    @classmethod
    def summed(
        cls,
        *,
        predicted: npt.NDArray[np.int64],
        truth: npt.NDArray[np.int64],
        shared: npt.NDArray[np.int64],
        matched: npt.NDArray[np.int64],
    ) -> Meetings:
        """Meetings of the same two tracklets made one."""
        groups = grouped(predicted, truth)
        return cls(
            predicted=predicted[groups.first_rows],
            truth=truth[groups.first_rows],
            shared=_sums(groups.numbers, shared, len(groups)),
            matched=_sums(groups.numbers, matched, len(groups)),
        )


def _sums(numbers: npt.NDArray[np.int64], values: npt.NDArray[np.int64], count: int) -> npt.NDArray[np.int64]:
    """(count,) sums of `values` by `numbers`; of whole numbers, so doubles hold them exactly."""
    return np.bincount(numbers, weights=values, minlength=count).astype(np.int64)


def find_tracklets(
    *,
    confidences: npt.NDArray[np.float64],
    meetings: Meetings,
    overlaps: npt.NDArray[np.float64],
    least: float,
    truth_count: int,
) -> npt.NDArray[np.bool_]:
    """(tracklets,) which predicted tracklets find a ground truth tracklet.

    Args:
        confidences: (tracklets,) of the predicted ones, in the order in which they first appear.
        meetings: which of them can find which.
        overlaps: (meetings,) how much they overlap.
        least: the overlap from which a tracklet is found.
        truth_count: ground truth tracklets.
    """
    is_enough = np.flatnonzero(overlaps >= least)
    predicted, truth = meetings.predicted[is_enough], meetings.truth[is_enough]
    order = np.lexsort((truth, -overlaps[is_enough], predicted, -confidences[predicted]))
    is_found = np.zeros(len(confidences), dtype=np.bool_)
    is_taken = [False] * truth_count
    for tracklet, candidate in zip(predicted[order].tolist(), truth[order].tolist(), strict=True):
        if not is_found[tracklet] and not is_taken[candidate]:
            is_found[tracklet] = is_taken[candidate] = True
    return is_found
