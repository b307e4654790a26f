"""Trials of the tasks that find objects: `det`, `vid`, `vid-track`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from scoring.boxes import Corners
from scoring.rounds import PublicRound
from scoring.tasks import find_task
from scoring.truth import Truth, TruthBoxes
from server.selftest.trials import Trial, best_of, exactly, worst_of
from server.selftest.words import class_words

# No picture is as large, and files may still say it.
_FAR = 9_000_000.0


def far_box() -> Corners:
    """A box of one pixel that overlaps nothing."""
    return np.full(4, _FAR)


def random_boxes(corners: Corners, count: int, *, rng: np.random.Generator) -> Corners:
    """(count, 4) boxes anywhere within the extent of those in `corners`."""
    low, high = (float(corners.min()), float(corners.max())) if len(corners) else (0.0, 100.0)
    ends = np.round(rng.uniform(low, high, size=(count, 2, 2)), 1)
    return np.concatenate([ends.min(axis=1), ends.max(axis=1)], axis=1)


def object_trials(public: PublicRound, truth: Truth, folder: Path, *, rng: np.random.Generator) -> Iterator[Trial]:
    """Every object as it is annotated, one box where nothing is, and as many boxes anywhere."""
    task = find_task(public.task)
    boxes, is_blank = truth.box_columns, not _positives(truth)
    perfect = boxes if len(boxes) else _one_far(boxes)
    yield Trial(
        name="perfect", path=_write(public, folder / "perfect.txt", perfect),
        expected=tuple(e for m in task.metrics for e in exactly([m.name], best_of(m), may_be_undefined=is_blank)),
    )  # fmt: skip
    yield Trial(
        name="empty", path=_write(public, folder / "empty.txt", _one_far(boxes)),
        expected=tuple(e for m in task.metrics for e in exactly([m.name], worst_of(m), may_be_undefined=is_blank)),
    )  # fmt: skip
    anywhere = _anywhere(public, boxes, rng=rng)
    yield Trial(
        name="random",
        path=_write(public, folder / "random.txt", anywhere, confidences=rng.random(len(anywhere))),
    )


def _positives(truth: Truth) -> int:
    """How many pairs of image and class there are to be found."""
    pairs = {(image, label) for image, label in truth.class_pairs().tolist()}
    blacklisted = () if truth.blacklisted_pairs is None else truth.blacklisted_pairs.tolist()
    return len(pairs - {(image, label) for image, label in blacklisted})


def _one_far(boxes: TruthBoxes) -> TruthBoxes:
    one = np.zeros(1, np.int32)
    return TruthBoxes(images=one, classes=one, corners=far_box()[None], tracks=None if boxes.tracks is None else one)


def _anywhere(public: PublicRound, boxes: TruthBoxes, *, rng: np.random.Generator) -> TruthBoxes:
    count = max(1, len(boxes))
    return TruthBoxes(
        images=rng.integers(len(public.images), size=count, dtype=np.int32),
        classes=rng.integers(len(public.classes), size=count, dtype=np.int32),
        corners=random_boxes(boxes.corners, count, rng=rng),
        tracks=None if boxes.tracks is None else np.arange(count, dtype=np.int32),
    )


def _write(
    public: PublicRound, path: Path, boxes: TruthBoxes, *, confidences: npt.NDArray[np.float64] | None = None
) -> Path:
    """The boxes as detections in the kit's text."""
    words = class_words(public)
    surest = np.ones(len(boxes)) if confidences is None else confidences
    tracks = [""] * len(boxes) if boxes.tracks is None else [f" {track}" for track in boxes.tracks.tolist()]
    indices = public.images.indices[boxes.images].tolist()
    rows = zip(indices, boxes.classes.tolist(), tracks, surest.tolist(), boxes.corners.tolist(), strict=True)
    with path.open("w", encoding="utf-8") as stream:
        for index, label, track, confidence, corners in rows:
            stream.write(f"{index} {words[label]}{track} {confidence!r} {' '.join(map(repr, corners))}\n")
    return path
