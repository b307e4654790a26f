"""Localization error: the share of images without a guess of the right label and a box that overlaps enough."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from scoring.boxes import Corners, box_iou
from scoring.formats.label_lines import GuessColumns
from scoring.metrics.classification import (
    GUESSES,
    NEVER,
    LabelOutcomes,
    Ranks,
    add_class_errors,
    first_right_guess,
    first_true,
    share,
    wrong_counts,
)
from scoring.outcomes import ImageMask
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
        truth_boxes: instances; its image positions count from the first of these images.
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

    def scorecard(self, mask: ImageMask | None = None) -> Scorecard:
        is_scored = ~self.is_blacklisted if mask is None else mask & ~self.is_blacklisted
        ranks, truth = self.box_ranks[is_scored], self.labels.truth[is_scored]
        wrong = wrong_counts(ranks)
        card = self.labels.scorecard(mask)
        per_class = card.per_class
        add_class_errors(per_class, truth, {"loc5_error": ranks > GUESSES})
        return Scorecard(
            scores=card.scores | {f"loc{k}_error": share(count, len(ranks)) for k, count in enumerate(wrong, start=1)},
            counts=card.counts
            | {"scored_images": len(ranks)}
            | {f"loc{k}_wrong": count for k, count in enumerate(wrong, start=1)},
            per_class=per_class,
        )

    def save(self, path: Path) -> None:
        with path.open("wb") as stream:
            np.savez_compressed(stream, label_ranks=self.labels.label_ranks, box_ranks=self.box_ranks)


class LocatedScorer:
    """Compares `cls-loc` guesses with labels and boxes."""

    def __init__(self, public: PublicRound, truth: Truth) -> None:
        self._classes = public.classes
        self._truth = truth.label_column
        self._boxes = truth.box_columns
        self._starts = self._boxes.starts(len(public.images))
        blacklist = truth.blacklisted_images
        self._is_blacklisted = np.zeros(len(self._truth), np.bool_) if blacklist is None else blacklist
        self._label_ranks: Ranks = np.full(len(self._truth), NEVER, dtype=np.uint8)
        self._box_ranks: Ranks = np.full(len(self._truth), NEVER, dtype=np.uint8)

    def add(self, columns: GuessColumns) -> None:
        if columns.boxes is None:
            raise TypeError("cls-loc guesses come with boxes")
        first, end = columns.first_image, columns.first_image + len(columns.labels)
        images = slice(first, end)
        boxes = slice(self._starts[first], self._starts[end])
        self._label_ranks[images] = first_right_guess(columns.labels, self._truth[images])
        self._box_ranks[images] = first_located_guess(
            columns.labels,
            columns.boxes,
            self._truth[images],
            TruthBoxes(
                images=self._boxes.images[boxes] - np.int32(first),
                classes=self._boxes.classes[boxes],
                corners=self._boxes.corners[boxes],
            ),
        )

    def finish(self) -> LocatedOutcomes:
        labels = LabelOutcomes(classes=self._classes, truth=self._truth, label_ranks=self._label_ranks)
        return LocatedOutcomes(labels=labels, box_ranks=self._box_ranks, is_blacklisted=self._is_blacklisted)
