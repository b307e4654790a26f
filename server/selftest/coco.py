"""Trials of `coco-det`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from scoring.coco_truth import CocoTruth
from scoring.rounds import PublicRound
from scoring.tasks import find_task
from scoring.truth import Truth
from server.selftest.objects import far_box, random_boxes
from server.selftest.trials import Trial, best_of, exactly, worst_of

# So few detections cannot find all objects of an image and category.
_CAPPED = frozenset({"ar_1", "ar_10"})

# Of an image and category COCO takes no more detections than these.
_MAX_DETECTIONS = 100


def coco_trials(public: PublicRound, truth: Truth, folder: Path, *, rng: np.random.Generator) -> Iterator[Trial]:
    """Every object as it is annotated, one box where nothing is, and as many boxes anywhere."""
    if truth.coco is None:
        raise TypeError(f"a {truth.task} truth has no annotations")
    metrics = find_task(public.task).metrics
    writer = _Writer(public, truth.coco, folder)
    reachable = [metric for metric in metrics if metric.name not in _CAPPED] if _is_within_reach(truth.coco) else []
    # There may be no object at all, or none of a size.
    yield Trial(
        name="perfect",
        path=writer.perfect(),
        expected=tuple(e for m in reachable for e in exactly([m.name], best_of(m), may_be_undefined=True)),
    )
    yield Trial(
        name="empty",
        path=writer.empty(),
        expected=tuple(e for m in metrics for e in exactly([m.name], worst_of(m), may_be_undefined=True)),
    )
    yield Trial(name="random", path=writer.anywhere(rng))


def _is_within_reach(coco: CocoTruth) -> bool:
    """Whether so many detections as are taken can find all objects."""
    pairs = np.column_stack([coco.images, coco.classes])[~coco.is_crowd]
    return not len(pairs) or int(np.unique(pairs, axis=0, return_counts=True)[1].max()) <= _MAX_DETECTIONS


class _Writer:
    """Writes COCO results."""

    def __init__(self, public: PublicRound, coco: CocoTruth, folder: Path) -> None:
        self._indices = public.images.indices
        self._coco = coco
        self._folder = folder

    def perfect(self) -> Path:
        rows = np.flatnonzero(~self._coco.is_crowd)
        if not len(rows):
            return self._write("perfect", [self._far()])
        images, classes = self._indices[self._coco.images[rows]], self._coco.category_ids[self._coco.classes[rows]]
        boxes = self._coco.boxes[rows]
        return self._write("perfect", [
            _record(image, category, box, 1.0)
            for image, category, box in zip(images.tolist(), classes.tolist(), boxes.tolist(), strict=True)
        ])  # fmt: skip

    def empty(self) -> Path:
        return self._write("empty", [self._far()])

    def anywhere(self, rng: np.random.Generator) -> Path:
        count = max(1, len(self._coco))
        ends = self._coco.boxes[:, :2] + self._coco.boxes[:, 2:]
        corners = random_boxes(np.concatenate([self._coco.boxes[:, :2], ends], axis=1), count, rng=rng)
        boxes = np.concatenate([corners[:, :2], corners[:, 2:] - corners[:, :2]], axis=1).round(1)
        images = rng.choice(self._indices, size=count).tolist()
        categories = rng.choice(self._coco.category_ids, size=count).tolist()
        rows = zip(images, categories, boxes.tolist(), rng.random(count).tolist(), strict=True)
        return self._write("random", [_record(*row) for row in rows])

    def _far(self) -> dict[str, object]:
        return _record(int(self._indices[0]), int(self._coco.category_ids[0]), [*far_box()[:2].tolist(), 1.0, 1.0], 0.0)

    def _write(self, name: str, records: list[dict[str, object]]) -> Path:
        path = self._folder / f"{name}.json"
        path.write_text(json.dumps(records), "utf-8")
        return path


def _record(image: int, category: int, box: Sequence[float], score: float) -> dict[str, object]:
    return {"image_id": image, "category_id": category, "bbox": box, "score": score}
