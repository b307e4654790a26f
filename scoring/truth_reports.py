"""What an organizer should look at before a round opens: how much truth there is, and how evenly it lies."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scoring.images import Images
from scoring.synsets import Classes
from scoring.truth import Truth


@dataclass(frozen=True, kw_only=True, slots=True)
class TruthReport:
    """Figures about a ground truth; nothing of it that says what is where."""

    images: int
    classes: int
    objects: int  # boxes, or labels
    images_without: int  # without a single object
    unused_classes: int  # that no image has
    repeated: int  # objects that another one equals: same image, class and corners
    least: int  # objects of the class that has the fewest
    median: float
    most: int


def truth_report(truth: Truth, *, images: Images, classes: Classes) -> TruthReport:
    """Count what there is. A task whose truth is of a kind of its own, as label maps, has no objects here."""
    pairs = truth.class_pairs()
    class_count = max(len(classes), int(pairs[:, 1].max()) + 1 if len(pairs) else 0)
    sizes = np.bincount(pairs[:, 1], minlength=class_count) if class_count else np.zeros(1, np.int64)
    corners = truth.boxes.corners if truth.boxes is not None else np.zeros((len(pairs), 0))
    return TruthReport(
        images=len(images),
        classes=class_count,
        objects=len(pairs),
        images_without=len(images) - len(np.unique(pairs[:, 0])),
        unused_classes=int((sizes == 0).sum()) if class_count else 0,
        repeated=len(pairs) - len(np.unique(np.column_stack([pairs, corners]), axis=0)),
        least=int(sizes.min()),
        median=float(np.median(sizes)),
        most=int(sizes.max()),
    )
