"""Why detections fail, by the six kinds of TIDE (Bolya, Foley, Hays, Hoffman 2020), and what each kind costs.

An object is near a detection where their IoU is at least t_b = 0.1, and reached by it where the IoU is at least the
object's own threshold t_f = min(0.5, w h / ((w + 10)(h + 10))) of the ILSVRC kits, with which detections are matched.
Only objects that count exist: those of blacklisted pairs are nobody's target. Each false positive has one kind, the
first of these that holds (the order in which TIDE's own tool asks):

- localization: it reaches no object of its class, but one is near;
- class: it reaches an object of another class;
- duplicate: it reaches an object of its class, which another detection of higher confidence has taken;
- both: an object of another class is near;
- background: no object is near.

The target of a localization error is the object of its class with the largest IoU; the target of a class error is, of
the objects of other classes it reaches, that with the largest IoU; on a tie the first in the file of the truth.

- missed: an object that no detection found and that is the target of no localization or class error.

What a kind costs is the mean AP once all errors of that kind are mended, less the mean AP as it is (dAP in the paper).
A localization or class error takes its target, under the target's class and with its own confidence, where nothing
found that and no error of this kind with higher confidence takes it (on a tie the first in the file). The other errors
of both kinds, and all duplicate, both and background errors, disappear. Missed objects leave the positives; a class
left without positives has no AP and leaves the mean.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from scoring.metrics import detection_kernels as kernels
from scoring.metrics.detection import DetectionOutcomes
from scoring.metrics.detection_explanations import (
    BACKGROUND,
    BOTH,
    CLASS,
    DUPLICATE,
    LOCALIZATION,
    NO_BOX,
    DetectionExplanations,
)
from scoring.metrics.detection_variants import mean_ap, of_boxes
from scoring.outcomes import ImageMask

# In the paper's order.
KINDS = {"class": CLASS, "localization": LOCALIZATION, "both": BOTH, "duplicate": DUPLICATE, "background": BACKGROUND}
MISSED = "missed"


@dataclass(frozen=True, kw_only=True)
class ErrorFigures:
    """How often detections fail in one way, and what that costs."""

    count: int
    class_counts: list[int]  # (classes,) by the class of the detection; of missed objects, by their own
    delta_ap: float | None  # what the mean AP would gain; None where it is undefined, before or after


def detection_errors(
    outcomes: DetectionOutcomes,
    explanations: DetectionExplanations,
    *,
    mask: ImageMask | None = None,
    classes: npt.NDArray[np.bool_] | None = None,
) -> dict[str, ErrorFigures]:
    """The figures of "class", "localization", "both", "duplicate", "background" and "missed", in this order.

    Args:
        outcomes: what became of every detection.
        explanations: of the same detections.
        mask: (images,) which images count; None for all.
        classes: (classes,) which classes count in `count` and in the mean AP; None for all.
    """
    is_missed = missed_boxes(outcomes, explanations)
    is_counted = np.ones(outcomes.image_count, dtype=np.bool_) if mask is None else mask
    counts = _class_counts(outcomes, explanations, is_counted)
    of_missed = outcomes.positives.classes[is_missed & is_counted[outcomes.positives.images]]
    counts[MISSED] = np.bincount(of_missed, minlength=len(outcomes.classes))
    variants = {name: without_errors(outcomes, explanations, kind) for name, kind in KINDS.items()}
    variants[MISSED] = replace(outcomes, positives=of_boxes(outcomes.positives, ~is_missed))
    before = mean_ap(outcomes.scorecard(mask).per_class, classes)
    figures = {}
    for name, variant in variants.items():
        after = mean_ap(variant.scorecard(mask).per_class, classes)
        figures[name] = ErrorFigures(
            count=int(counts[name].sum() if classes is None else counts[name][classes].sum()),
            class_counts=counts[name].tolist(),
            delta_ap=None if before is None or after is None else after - before,
        )
    return figures


def missed_boxes(outcomes: DetectionOutcomes, explanations: DetectionExplanations) -> npt.NDArray[np.bool_]:
    """(boxes,) the positives that nothing found and that no localization or class error was meant for."""
    is_touched = explanations.is_found.copy()
    for window, explained in zip(outcomes.windows, explanations.windows, strict=True):
        targets = explained.boxes[(window.states == kernels.FALSE_POSITIVE) & (explained.boxes != NO_BOX)]
        is_touched[targets] = True
    return ~is_touched


def without_errors(outcomes: DetectionOutcomes, explanations: DetectionExplanations, kind: int) -> DetectionOutcomes:
    """The outcomes with every error of a kind mended."""
    rows = [
        np.flatnonzero((window.states == kernels.FALSE_POSITIVE) & (explained.kinds == kind))
        for window, explained in zip(outcomes.windows, explanations.windows, strict=True)
    ]
    targets = [explained.boxes[some] for explained, some in zip(explanations.windows, rows, strict=True)]
    confidences = [window.confidences[some] for window, some in zip(outcomes.windows, rows, strict=True)]
    is_mended = _first_on_free_targets(
        np.concatenate([np.zeros(0, np.int32), *targets]),
        np.concatenate([np.zeros(0), *confidences]),
        explanations.is_found,
    )
    windows = []
    start = 0
    for window, some, boxes in zip(outcomes.windows, rows, targets, strict=True):
        mended = is_mended[start : start + len(some)]
        states, classes = window.states.copy(), window.classes.copy()
        states[some] = np.where(mended, kernels.TRUE_POSITIVE, kernels.SKIPPED)
        classes[some[mended]] = outcomes.positives.classes[boxes[mended]]
        windows.append(replace(window, states=states, classes=classes))
        start += len(some)
    return replace(outcomes, windows=tuple(windows))


def _first_on_free_targets(
    targets: npt.NDArray[np.int32], confidences: npt.NDArray[np.float64], is_found: npt.NDArray[np.bool_]
) -> npt.NDArray[np.bool_]:
    """(errors,) whether an error is the most confident on a target that nothing found; of equals the first."""
    rows = np.flatnonzero(targets != NO_BOX)
    rows = rows[~is_found[targets[rows]]]
    order = rows[np.lexsort((rows, -confidences[rows], targets[rows]))]
    is_first = np.zeros(len(targets), dtype=np.bool_)
    is_first[order[np.flatnonzero(np.diff(targets[order], prepend=NO_BOX))]] = True
    return is_first


def _class_counts(
    outcomes: DetectionOutcomes, explanations: DetectionExplanations, is_counted: ImageMask
) -> dict[str, npt.NDArray[np.int64]]:
    """The false positives of each kind, (classes,)."""
    class_count = len(outcomes.classes)
    table = np.zeros(len(KINDS) * class_count, dtype=np.int64)
    for window, explained in zip(outcomes.windows, explanations.windows, strict=True):
        rows = np.flatnonzero((window.states == kernels.FALSE_POSITIVE) & is_counted[window.images])
        table += np.bincount(
            explained.kinds[rows].astype(np.int64) * class_count + window.classes[rows], minlength=len(table)
        )
    by_kind = table.reshape(len(KINDS), class_count)
    return {name: by_kind[kind] for name, kind in KINDS.items()}


def errors_as_json(figures: dict[str, ErrorFigures], class_ids: npt.NDArray[np.integer]) -> dict[str, Any]:
    """The figures as the details of a scorecard show them."""
    return {
        "kinds": {name: {"count": found.count, "delta_ap": found.delta_ap} for name, found in figures.items()},
        "per_class": [
            {"id": int(class_id)} | {name: found.class_counts[position] for name, found in figures.items()}
            for position, class_id in enumerate(class_ids)
        ],
    }
