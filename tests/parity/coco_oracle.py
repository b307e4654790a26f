"""COCO's own evaluation (pycocotools), asked for the figures of one case."""

from __future__ import annotations

import contextlib
import io
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from scoring.scorecard import Scorecard
from tests.parity.coco_cases import CocoCase

NAMES = ("ap", "ap50", "ap75", "ap_small", "ap_medium", "ap_large",
         "ar_1", "ar_10", "ar_100", "ar_small", "ar_medium", "ar_large")  # fmt: skip
ERROR = 1e-12


@dataclass(frozen=True, kw_only=True)
class KitFigures:
    """What the kit says; None where it writes -1."""

    scores: dict[str, float | None]
    per_class: dict[int, tuple[float | None, float | None]]  # category id: AP and AP50


def kit_figures(case: CocoCase) -> KitFigures:
    """Run the kit on `case`."""
    results = [
        {"id": number, "image_id": image, "category_id": category, "bbox": list(box), "score": score,
         "area": box[2] * box[3], "iscrowd": 0}
        for number, (image, category, box, score) in enumerate(case.detections, start=1)
    ]  # fmt: skip
    with contextlib.redirect_stdout(io.StringIO()):  # it prints its progress and its table
        # as its loadRes makes them, which cannot take an empty list
        evaluation = COCOeval(_coco(case.instances), _coco({**case.instances, "annotations": results}), "bbox")
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    precisions = evaluation.eval["precision"][:, :, :, 0, -1]  # overlap, recall, category
    return KitFigures(
        scores={name: _defined(value) for name, value in zip(NAMES, evaluation.stats, strict=True)},
        per_class={
            category: (_mean(precisions[:, :, k]), _mean(precisions[0, :, k]))
            for k, category in enumerate(sorted(case.category_ids))
        },
    )


def differences(card: Scorecard, kit: KitFigures) -> list[str]:
    """Every figure in which the two differ by more than 1e-12, in words."""
    pairs = [(name, card.scores[name], kit.scores[name]) for name in NAMES]
    for row in card.per_class:
        ap, ap50 = kit.per_class[row["id"]]
        pairs += [(f"ap of {row['id']}", row["ap"], ap), (f"ap50 of {row['id']}", row["ap50"], ap50)]
    return [f"{name}: {ours} is not the kit's {theirs}" for name, ours, theirs in pairs if not _is_same(ours, theirs)]


def _coco(data: dict[str, Any]) -> COCO:
    coco = COCO()
    coco.dataset = data
    coco.createIndex()
    return coco


def _mean(values: Any) -> float | None:
    return float(np.mean(values[values > -1])) if (values > -1).any() else None


def _defined(value: float) -> float | None:
    return None if value == -1 else float(value)


def _is_same(ours: float | None, theirs: float | None) -> bool:
    if ours is None or theirs is None:
        return ours is theirs
    return math.isclose(ours, theirs, rel_tol=0, abs_tol=ERROR)
