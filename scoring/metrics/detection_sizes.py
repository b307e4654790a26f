"""Average precision by the size of objects: COCO's three sizes, on the matching of the ILSVRC kits.

Detections are matched once, with objects of all sizes, as for the score. Then, for one size:

- objects of another size are ignored: they are neither positives nor missed;
- a detection that found an object counts as true where the object has the size, and is ignored where it has not;
- a detection that found nothing counts as false where its own box has the size, and is ignored where it has not.

Sizes are areas w * h in square pixels, corners inclusive: small up to 32 * 32, medium from there to 96 * 96, large from
there on. Both ends belong to a size, as in COCO's own tool, so that a box of exactly 32 * 32 is small and medium.
COCO matches anew for each size, offering a detection objects of that size first; here the objects that a detection
finds do not depend on the question asked.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from scoring.metrics import detection_kernels as kernels
from scoring.metrics.detection import DetectionOutcomes
from scoring.metrics.detection_explanations import LARGE, MEDIUM, SMALL, DetectionExplanations
from scoring.metrics.detection_variants import mean_ap, of_boxes
from scoring.outcomes import ImageMask

SIZES = {"small": SMALL, "medium": MEDIUM, "large": LARGE}


@dataclass(frozen=True, kw_only=True)
class SizeFigures:
    """The average precision for objects of one size."""

    mean_ap: float | None  # None where no class has objects of the size
    positives: int
    ap: list[float | None]  # (classes,) None without objects of the size
    class_positives: list[int]  # (classes,)


def ap_by_size(
    outcomes: DetectionOutcomes,
    explanations: DetectionExplanations,
    *,
    mask: ImageMask | None = None,
    classes: npt.NDArray[np.bool_] | None = None,
) -> dict[str, SizeFigures]:
    """The figures for "small", "medium" and "large" objects.

    Args:
        outcomes: what became of every detection.
        explanations: of the same detections.
        mask: (images,) which images count; None for all.
        classes: (classes,) which classes count in the mean and in `positives`; None for all.
    """
    figures = {}
    for name, bit in SIZES.items():
        rows = outcomes_of_size(outcomes, explanations, bit).scorecard(mask).per_class
        positives = [int(row["positives"]) for row in rows]
        chosen = np.ones(len(rows), dtype=np.bool_) if classes is None else classes
        figures[name] = SizeFigures(
            mean_ap=mean_ap(rows, classes),
            positives=sum(count for count, is_chosen in zip(positives, chosen, strict=True) if is_chosen),
            ap=[row["ap"] for row in rows],
            class_positives=positives,
        )
    return figures


def outcomes_of_size(outcomes: DetectionOutcomes, explanations: DetectionExplanations, bit: int) -> DetectionOutcomes:
    """The outcomes with all that is ignored for a size taken out."""
    has_size = explanations.box_sizes & bit > 0
    windows = []
    for window, explained in zip(outcomes.windows, explanations.windows, strict=True):
        states = window.states.copy()
        found = np.flatnonzero(states == kernels.TRUE_POSITIVE)
        is_ignored = explained.sizes & bit == 0
        is_ignored[found] = ~has_size[explained.boxes[found]]
        states[is_ignored] = kernels.SKIPPED
        windows.append(replace(window, states=states))
    return replace(outcomes, windows=tuple(windows), positives=of_boxes(outcomes.positives, has_size))


def sizes_as_json(figures: dict[str, SizeFigures], class_ids: npt.NDArray[np.integer]) -> dict[str, Any]:
    """The figures as the details of a scorecard show them."""
    return {
        name: {
            "mean_ap": of_size.mean_ap,
            "positives": of_size.positives,
            "per_class": [
                {"id": int(class_id), "ap": ap, "positives": positives}
                for class_id, ap, positives in zip(class_ids, of_size.ap, of_size.class_positives, strict=True)
            ],
        }
        for name, of_size in figures.items()
    }
