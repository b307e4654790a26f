"""The details of a detection scorecard: curves, sizes and errors, under the names that JSON has."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from scoring.metrics.detection import DetectionOutcomes
from scoring.metrics.detection_curves import class_curves, curves_as_json
from scoring.metrics.detection_errors import detection_errors, errors_as_json
from scoring.metrics.detection_explanations import DetectionExplanations
from scoring.metrics.detection_sizes import ap_by_size, sizes_as_json
from scoring.outcomes import ImageMask


def detection_details(
    outcomes: DetectionOutcomes,
    explanations: DetectionExplanations,
    *,
    starts: npt.NDArray[np.int64],
    false_positives_before: npt.NDArray[np.int64],
    mask: ImageMask | None = None,
    classes: npt.NDArray[np.bool_] | None = None,
) -> dict[str, Any]:
    """What explains a score.

    Args:
        outcomes: what became of every detection.
        explanations: of the same detections.
        starts: (classes + 1,) where the true positives of each class start in the next column.
        false_positives_before: (true positives,) of the images that count, by class, then in descending confidence.
        mask: (images,) which images count; None for all.
        classes: (classes,) which classes count in means and sums; rows are there for every class. None for all.

    Returns:
        "curves": the precision-recall curve of each class that has positives, at most 200 points;
        "sizes": AP of small, medium and large objects; "errors": TIDE's six kinds, counted, and what each costs.
    """
    ids = outcomes.classes.ids
    is_counted = np.ones(outcomes.image_count, dtype=np.bool_) if mask is None else mask
    positives = outcomes.positives.classes[is_counted[outcomes.positives.images]]
    curves = class_curves(starts, false_positives_before, np.bincount(positives, minlength=len(ids)))
    return {
        "curves": curves_as_json(curves, ids),
        "sizes": sizes_as_json(ap_by_size(outcomes, explanations, mask=mask, classes=classes), ids),
        "errors": errors_as_json(detection_errors(outcomes, explanations, mask=mask, classes=classes), ids),
    }
