"""Localization error: the share of images without a guess of the right label and a box that overlaps enough."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from scoring.boxes import Corners, box_iou
from scoring.formats.label_lines import GuessColumns
from scoring.grouping import members
from scoring.metrics.classification import (
    GUESSES,
    NEVER,
    LabelOutcomes,
    LabelScorer,
    Ranks,
    add_class_errors,
    first_true,
    share,
    wrong_counts,
)
from scoring.outcomes import ClassMask, ImageMask
from scoring.rounds import PublicRound
from scoring.scorecard import Scorecard
from scoring.truth import Truth, TruthBoxes

MIN_IOU = 0.5


def first_located_guess(
    labels: npt.NDArray[np.int32], boxes: Corners, truth: npt.NDArray[np.int32], truth_boxes: TruthBoxes
) -> Ranks:
    """The rank, from 1, of the first guess with the right label and an IoU of at least 0.5; NEVER where none is.

    The box may be that of any annotated instance of the label (ILSVRC paper, section 4.2).

    Args:
        labels: (images, 5) guessed class positions, negative where there is no guess.
        boxes: (images, 5, 4) guessed corners.
        truth: (images,) class positions.
        truth_boxes: instances; its image positions are places among these images.
    """
    is_instance = truth_boxes.classes == truth[truth_boxes.images]
    images, corners = truth_boxes.images[is_instance], truth_boxes.corners[is_instance]
    is_found = np.zeros(labels.shape, dtype=np.bool_)
    overlaps = box_iou(boxes[images], corners[:, None]) >= MIN_IOU
    for guess in range(labels.shape[1]):
        is_found[images[overlaps[:, guess]], guess] = True
    return first_true(is_found & (labels == truth[:, None]))


@dataclass(frozen=True, kw_only=True, eq=False)
class LocatedOutcomes:
    """Per image, the rank of the first right label and of the first right label with a right box."""

    labels: LabelOutcomes
    box_ranks: Ranks  # (images,) 1..5, or NEVER
    is_blacklisted: npt.NDArray[np.bool_]  # (images,) out of the localization error

    def scorecard(self, mask: ImageMask | None = None, *, classes: ClassMask | None = None) -> Scorecard:
        """The numbers over the images of `mask` that are labelled with one of `classes`."""
        is_scored = self.labels.is_counted(mask, classes) & ~self.is_blacklisted
        ranks = self.box_ranks[is_scored]
        wrong = wrong_counts(ranks)
        card = self.labels.scorecard(mask, classes=classes)
        misplaced = self.labels.class_counts(is_scored & (self.box_ranks > GUESSES))
        add_class_errors(card.per_class, self.labels.class_counts(is_scored), {"loc5_error": misplaced})
        label_ranks = self.labels.label_ranks[is_scored]
        return Scorecard(
            scores=card.scores | {f"loc{k}_error": share(count, len(ranks)) for k, count in enumerate(wrong, start=1)},
            counts=card.counts
            | {"scored_images": len(ranks)}
            | {f"loc{k}_wrong": count for k, count in enumerate(wrong, start=1)},
            per_class=card.per_class,
            details=card.details
            | {"causes": {f"loc{k}": causes(label_ranks, box_ranks=ranks, k=k) for k in (1, GUESSES)}},
        )

    def save(self, path: Path) -> None:
        """Write the columns to one .npz."""
        with path.open("wb") as stream:
            np.savez_compressed(stream, **self.labels.columns(), box_ranks=self.box_ranks)  # type: ignore[arg-type]


def causes(label_ranks: Ranks, *, box_ranks: Ranks, k: int) -> dict[str, Any]:
    """Why images are wrong at k guesses: how many in all, and the count and the share of each cause.

    - wrong_label: none of the first k guesses has the image's label.
    - low_iou: one has, but no box of such a guess overlaps an instance by half.

    Args:
        label_ranks, box_ranks: (images,) of the first guess with the right label, and with a right box too.
        k: 1 to 5.

    >>> causes(np.array([1, 2, 6], np.uint8), box_ranks=np.array([1, 6, 6], np.uint8), k=5)["low_iou"]
    {'count': 1, 'share': 0.5}
    """
    wrong = int((box_ranks > k).sum())
    wrong_label = int((label_ranks > k).sum())  # without a right label there is no right box
    return {
        "wrong": wrong,
        "wrong_label": {"count": wrong_label, "share": share(wrong_label, wrong)},
        "low_iou": {"count": wrong - wrong_label, "share": share(wrong - wrong_label, wrong)},
    }


class LocatedScorer:
    """Compares `cls-loc` guesses with labels and boxes."""

    def __init__(self, public: PublicRound, truth: Truth) -> None:
        self._labels = LabelScorer(public, truth)
        self._truth = truth.label_column
        self._boxes = truth.box_columns
        self._starts = self._boxes.starts(len(public.images))
        blacklist = truth.blacklisted_images
        self._is_blacklisted = np.zeros(len(self._truth), np.bool_) if blacklist is None else blacklist
        self._box_ranks: Ranks = np.full(len(self._truth), NEVER, dtype=np.uint8)

    def add(self, columns: GuessColumns) -> None:
        if columns.boxes is None:
            raise TypeError("cls-loc guesses come with boxes")
        self._labels.add(columns)
        rows, starts = members(self._starts, columns.images)
        self._box_ranks[columns.images] = first_located_guess(
            columns.labels,
            columns.boxes,
            self._truth[columns.images],
            TruthBoxes(
                images=np.repeat(np.arange(len(columns.images), dtype=np.int32), np.diff(starts)),
                classes=self._boxes.classes[rows],
                corners=self._boxes.corners[rows],
            ),
        )

    def finish(self) -> LocatedOutcomes:
        return LocatedOutcomes(
            labels=self._labels.finish(), box_ranks=self._box_ranks, is_blacklisted=self._is_blacklisted
        )
