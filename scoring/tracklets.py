"""Tracklets: the boxes of one object, or of what a tracker takes for one, through the frames of a snippet.

A tracklet is named by its snippet and its track id; the same id in another snippet is another tracklet. What follows
knows nothing of the truth, so that participants can check their files with it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scoring.images import Images

# What trackers of the kits write for "no track"; a line of it cannot be scored.
NO_TRACK = -1


@dataclass(frozen=True, kw_only=True, eq=False)
class TrackedColumns:
    """Some detections of a `vid-track` file, in the order of the file."""

    images: npt.NDArray[np.int32]  # (detections,) image positions
    classes: npt.NDArray[np.int32]  # (detections,) class positions
    tracks: npt.NDArray[np.int64]  # (detections,) track ids, unique inside a snippet
    confidences: npt.NDArray[np.float64]  # (detections,) finite
    boxes: npt.NDArray[np.float64]  # (detections, 4) corners

    def __len__(self) -> int:
        return len(self.images)


def snippets_of(images: Images) -> npt.NDArray[np.int32]:
    """(images,) the snippet of each frame, numbered from 0 as they first appear among the images.

    A snippet is the folder of the frame's name: of "val/ILSVRC2015_val_00000000/000000" what stands before the last
    slash. Frames without a folder are one snippet, and so are all frames of a round without names.

    >>> snippets_of(Images(indices=np.array([1, 2, 3]), names=("b/0", "b/1", "a/0"))).tolist()
    [0, 0, 1]
    """
    if images.names is None:
        return np.zeros(len(images), dtype=np.int32)
    numbers: dict[str, int] = {}
    found = [numbers.setdefault(name.rpartition("/")[0], len(numbers)) for name in images.names]
    return np.array(found, dtype=np.int32)


@dataclass(frozen=True, kw_only=True, eq=False)
class Groups:
    """Rows grouped, the groups in the order in which they first appear."""

    numbers: npt.NDArray[np.int64]  # (rows,) the group of each row
    first_rows: npt.NDArray[np.int64]  # (groups,) the first row of each, ascending

    def __len__(self) -> int:
        return len(self.first_rows)


def grouped(first: npt.NDArray[np.integer], second: npt.NDArray[np.integer]) -> Groups:
    """Rows of equal (first, second) together.

    Args:
        first: (rows,) positions: not negative, and so few that they fit into 32 bits.
        second: (rows,) any whole numbers.
    """
    _, first_rows, numbers = np.unique(_joint_keys(first, second), return_index=True, return_inverse=True)
    order = np.argsort(first_rows)
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    return Groups(numbers=place[numbers], first_rows=first_rows[order].astype(np.int64))


def repeated_rows(first: npt.NDArray[np.integer], second: npt.NDArray[np.integer]) -> npt.NDArray[np.int64]:
    """The rows whose (first, second) an earlier row has, ascending. Arguments are those of `grouped`."""
    keys = _joint_keys(first, second)
    ordered = np.sort(keys)
    if (ordered[1:] != ordered[:-1]).all():  # nearly always, and much sooner known than which rows they are
        return np.zeros(0, dtype=np.int64)
    is_repeated = np.ones(len(keys), dtype=np.bool_)
    is_repeated[np.unique(keys, return_index=True)[1]] = False
    return np.flatnonzero(is_repeated)


def _joint_keys(first: npt.NDArray[np.integer], second: npt.NDArray[np.integer]) -> npt.NDArray[np.int64]:
    """(rows,) one number for each pair: equal where both are."""
    least, greatest = (int(second.min()), int(second.max())) if len(second) else (0, 0)
    if (int(first.max(initial=0)) + 1) * (greatest - least + 1) > np.iinfo(np.int64).max:  # ids that are hashes, say
        second = np.unique(second, return_inverse=True)[1]
        least, greatest = 0, int(second.max())
    return first.astype(np.int64) * (greatest - least + 1) + (second.astype(np.int64) - least)


@dataclass(frozen=True, kw_only=True, eq=False)
class TrackletFaults:
    """Rows of predictions that cannot be scored, ascending."""

    without_track: npt.NDArray[np.int64]  # the track id is -1
    of_second_class: npt.NDArray[np.int64]  # another class than that of the tracklet's first row
    of_same_frame: npt.NDArray[np.int64]  # the tracklet has an earlier row in this frame

    def __bool__(self) -> bool:
        return bool(len(self.without_track) or len(self.of_second_class) or len(self.of_same_frame))


def tracklet_faults(
    *,
    snippets: npt.NDArray[np.int32],
    images: npt.NDArray[np.int32],
    classes: npt.NDArray[np.int32],
    tracks: npt.NDArray[np.int64],
) -> TrackletFaults:
    """What is wrong with the tracklets of a whole file.

    A track id of -1, two classes in one tracklet (ILSVRC 2016 and 2017), and two boxes of one tracklet in one frame: an
    object is in one place at a time, and its overlap with a ground truth tracklet would be undefined. A row without a
    track is faulted for that alone.

    Args:
        snippets: (images,) the snippet of each frame.
        images, classes, tracks: (rows,) image positions, class positions and track ids, in the order of the file.
    """
    named = np.flatnonzero(tracks != NO_TRACK)
    tracklets = grouped(snippets[images[named]], tracks[named])
    of_first = classes[named][tracklets.first_rows][tracklets.numbers]
    return TrackletFaults(
        without_track=np.flatnonzero(tracks == NO_TRACK),
        of_second_class=named[classes[named] != of_first],
        of_same_frame=named[repeated_rows(images[named], tracklets.numbers)],
    )
