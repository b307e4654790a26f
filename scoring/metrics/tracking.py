"""Average precision of tracklets, as the video challenges of 2016 and 2017 ask for objects to be followed.

A predicted tracklet is all boxes of one snippet and track id; its confidence is the mean of theirs. A ground truth
tracklet is all boxes of one snippet, track and class. A frame is matched where both have a box of an IoU of at least
the ground truth box's own threshold, min(0.5, w h / ((w + 10)(h + 10))); the overlap of two tracklets of one class is
the number of matched frames over the number of frames in which either has a box.

For each threshold T of 0.25, 0.5 and 0.75, tracklets are taken in descending confidence (of equals, the one of the
earlier snippet, then the one whose first line comes first), and each finds the free ground truth tracklet of its class
and snippet that it overlaps most, of those it overlaps by T at least; on a tie the one that appears first in the truth.
What finds none is a false positive. The average precision per class and T is that of detections; the score is the mean
over classes and T.

This follows the description of the challenges. There are no published predictions with track ids and their scores to
compare with; that the code does what the description says is held by cases worked out by hand and by a literal twin.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from scoring.boxes import box_iou
from scoring.metrics.box_pairs import companions
from scoring.metrics.detection import average_precision
from scoring.metrics.tracklet_matching import Meetings, TruthTracklets, find_tracklets, mean_confidence
from scoring.outcomes import ClassMask, ImageMask
from scoring.rounds import PublicRound
from scoring.scorecard import Scorecard
from scoring.synsets import Classes
from scoring.tracklets import TrackedColumns, grouped, snippets_of
from scoring.truth import Truth

# Overlaps from which a tracklet counts as found, and what their figures are called.
OVERLAPS = {"25": 0.25, "50": 0.5, "75": 0.75}


@dataclass(frozen=True, kw_only=True, eq=False)
class TrackingOutcomes:
    """What became of every predicted tracklet, in the order in which they first appear."""

    class_table: Classes
    image_snippets: npt.NDArray[np.int32]  # (images,)
    truth: TruthTracklets
    snippets: npt.NDArray[np.int32]  # (tracklets,)
    tracks: npt.NDArray[np.int64]  # (tracklets,) track ids
    classes: npt.NDArray[np.int32]  # (tracklets,)
    confidences: npt.NDArray[np.float64]  # (tracklets,) means
    frames: npt.NDArray[np.int64]  # (tracklets,) how many boxes each has
    is_found: npt.NDArray[np.bool_]  # (thresholds, tracklets) in the order of OVERLAPS

    def scorecard(self, mask: ImageMask | None = None, *, classes: ClassMask | None = None) -> Scorecard:
        """The numbers over all snippets, or those with all their frames in `mask`: a tracklet cannot be cut.

        Of two masks without a common frame, no snippet counts in both; one whose frames they share counts in neither.
        With `classes`, scores and counts are those of some classes; there are rows of all.
        """
        is_counted = np.ones(int(self.image_snippets.max()) + 1, dtype=np.bool_)
        if mask is not None:
            is_counted[self.image_snippets[~mask]] = False
        chosen = np.ones(len(self.class_table), dtype=np.bool_) if classes is None else classes
        rows = self._class_rows(is_counted)
        kept = [row for row, is_chosen in zip(rows, chosen, strict=True) if is_chosen]
        of_kept = is_counted[self.snippets] & chosen[self.classes]
        return Scorecard(
            scores={"mean_ap": _mean([row[f"ap_{name}"] for row in kept for name in OVERLAPS])}
            | {f"mean_ap_{name}": _mean([row[f"ap_{name}"] for row in kept]) for name in OVERLAPS},
            counts={
                "images": int(is_counted[self.image_snippets].sum()),
                "snippets": int(is_counted.sum()),
                "detections": int(self.frames[of_kept].sum()),
                "tracklets": int(of_kept.sum()),
                "positives": sum(row["positives"] for row in kept),
            },
            per_class=rows,
        )

    def save(self, path: Path) -> None:
        with path.open("wb") as stream:
            np.savez_compressed(
                stream,
                snippets=self.snippets,
                tracks=self.tracks,
                classes=self.classes,
                confidences=self.confidences,
                frames=self.frames,
                is_found=self.is_found,
            )

    def _class_rows(self, is_counted: npt.NDArray[np.bool_]) -> list[dict[str, Any]]:
        table = self.class_table
        kept = np.flatnonzero(is_counted[self.snippets])
        # The sort is stable, and tracklets stand in the order in which they appear.
        order = kept[np.lexsort((self.snippets[kept], -self.confidences[kept], self.classes[kept]))]
        starts = np.searchsorted(self.classes[order], np.arange(len(table) + 1))
        positives = np.bincount(self.truth.classes[is_counted[self.truth.snippets]], minlength=len(table))
        rows = []
        for c in range(len(table)):
            found = self.is_found[:, order[starts[c] : starts[c + 1]]]
            aps = [average_precision(np.cumsum(~row)[row], int(positives[c])) for row in found]
            rows.append(
                {
                    "id": int(table.ids[c]),
                    "wnid": table.wnids[c],
                    "name": table.names[c],
                    "ap": _mean(aps),
                    **{f"ap_{name}": ap for name, ap in zip(OVERLAPS, aps, strict=True)},
                    "positives": int(positives[c]),
                    "tracklets": int(starts[c + 1] - starts[c]),
                }
            )
        return rows


def _mean(figures: list[float | None]) -> float | None:
    """The mean of those that are defined."""
    defined = [figure for figure in figures if figure is not None]
    return float(np.mean(defined)) if defined else None


@dataclass(frozen=True, kw_only=True, eq=False)
class _Window:
    """What is kept of some lines: their tracklets, numbered as they first appear here, and 12 bytes a line."""

    snippets: npt.NDArray[np.int32]  # (tracklets,)
    tracks: npt.NDArray[np.int64]  # (tracklets,)
    classes: npt.NDArray[np.int32]  # (tracklets,)
    meetings: Meetings
    tracklets: npt.NDArray[np.int32]  # (lines,)
    confidences: npt.NDArray[np.float64]  # (lines,)


class TrackingScorer:
    """Compares tracklets with those of the truth. Which lines belong together is known only at the end.

    The columns must be without tracklet faults (`scoring.tracklets`), as the reader sees to.

    Raises:
        TypeError: for a truth whose boxes have no tracks.
    """

    def __init__(self, public: PublicRound, truth: Truth) -> None:
        self._classes = public.classes
        self._snippets = snippets_of(public.images)
        self._truth = TruthTracklets.of(truth.box_columns, self._snippets)
        self._windows: list[_Window] = []

    def add(self, columns: TrackedColumns) -> None:
        snippets = self._snippets[columns.images]
        groups = grouped(snippets, columns.tracks)
        self._windows.append(
            _Window(
                snippets=snippets[groups.first_rows],
                tracks=columns.tracks[groups.first_rows],
                classes=columns.classes[groups.first_rows],
                meetings=self._meetings(columns, groups.numbers),
                tracklets=groups.numbers.astype(np.int32),
                confidences=columns.confidences,
            )
        )

    def finish(self) -> TrackingOutcomes:
        windows = self._windows
        snippets = np.concatenate([np.zeros(0, np.int32), *(window.snippets for window in windows)])
        tracks = np.concatenate([np.zeros(0, np.int64), *(window.tracks for window in windows)])
        classes = np.concatenate([np.zeros(0, np.int32), *(window.classes for window in windows)])
        # Windows hold their tracklets in the order of the file, and so do all windows together.
        groups = grouped(snippets, tracks)
        ends = np.cumsum([len(window.snippets) for window in windows], dtype=np.int64)
        numbers = np.split(groups.numbers, ends)[: len(windows)]  # of each window
        frames, confidences = self._frames_and_confidences(numbers, len(groups))
        return TrackingOutcomes(
            class_table=self._classes,
            image_snippets=self._snippets,
            truth=self._truth,
            snippets=snippets[groups.first_rows],
            tracks=tracks[groups.first_rows],
            classes=classes[groups.first_rows],
            confidences=confidences,
            frames=frames,
            is_found=self._found(confidences, frames, self._all_meetings(numbers)),
        )

    def _meetings(self, columns: TrackedColumns, tracklets: npt.NDArray[np.int64]) -> Meetings:
        """Of the tracklets of a window, numbered as in `tracklets`."""
        t = self._truth
        predicted, truth, matched = [], [], []
        for rows, boxes in companions(columns.images, t.starts):
            is_same = columns.classes[rows] == t.box_classes[boxes]
            own_rows, own_boxes = rows[is_same], boxes[is_same]
            predicted.append(tracklets[own_rows])
            truth.append(t.box_tracklets[own_boxes])
            matched.append(box_iou(columns.boxes[own_rows], t.corners[own_boxes]) >= t.thresholds[own_boxes])
        is_matched = _joined(matched)
        return Meetings.summed(
            predicted=_joined(predicted), truth=_joined(truth), shared=np.ones_like(is_matched), matched=is_matched
        )

    def _all_meetings(self, numbers: list[npt.NDArray[np.int64]]) -> Meetings:
        """Of all tracklets; `numbers` has those of each window's."""
        parts = [(window.meetings, of_window) for window, of_window in zip(self._windows, numbers, strict=True)]
        return Meetings.summed(
            predicted=_joined([of_window[some.predicted] for some, of_window in parts]),
            truth=_joined([some.truth for some, _ in parts]),
            shared=_joined([some.shared for some, _ in parts]),
            matched=_joined([some.matched for some, _ in parts]),
        )

    def _frames_and_confidences(
        self, numbers: list[npt.NDArray[np.int64]], count: int
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
        """(count,) how many boxes each tracklet has, and (count,) the mean of their confidences."""
        parts = list(zip(self._windows, numbers, strict=True))
        tracklets = np.concatenate(
            [np.zeros(0, np.int32), *(of_window.astype(np.int32)[window.tracklets] for window, of_window in parts)]
        )
        confidences = np.concatenate([np.zeros(0), *(window.confidences for window, _ in parts)])
        frames = np.bincount(tracklets, minlength=count)
        ordered = confidences[np.argsort(tracklets, kind="stable")]
        ends = np.cumsum(frames)
        means = [
            mean_confidence(ordered[start:end].tolist())
            for start, end in zip((ends - frames).tolist(), ends.tolist(), strict=True)
        ]
        return frames, np.array(means, dtype=np.float64)

    def _found(
        self, confidences: npt.NDArray[np.float64], frames: npt.NDArray[np.int64], meetings: Meetings
    ) -> npt.NDArray[np.bool_]:
        """(thresholds, tracklets) which predicted tracklets find one."""
        union = frames[meetings.predicted] + self._truth.frames[meetings.truth] - meetings.shared
        overlaps = meetings.matched / union
        return np.array(
            [
                find_tracklets(
                    confidences=confidences,
                    meetings=meetings,
                    overlaps=overlaps,
                    least=least,
                    truth_count=len(self._truth),
                )
                for least in OVERLAPS.values()
            ]
        )


def _joined(parts: list[npt.NDArray[Any]]) -> npt.NDArray[np.int64]:
    return np.concatenate([np.zeros(0, np.int64), *(part.astype(np.int64) for part in parts)])
