"""Top-k error: the share of images whose label is not among the first k guesses."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from scoring.formats.label_lines import GuessColumns
from scoring.hierarchy import Hierarchy
from scoring.label_sets import LabelSets
from scoring.metrics.hierarchical import GuessHeights, guess_heights, no_guesses
from scoring.outcomes import ClassMask, ImageMask
from scoring.rounds import PublicRound
from scoring.scorecard import Scorecard
from scoring.synsets import Classes
from scoring.truth import Truth

GUESSES = 5
NEVER = 6  # the rank of a right guess that did not come

Ranks = npt.NDArray[np.uint8]
ClassCounts = npt.NDArray[np.int64]  # (classes,) or one for each of their subtrees


def first_right_guess(labels: npt.NDArray[np.int32], truth: npt.NDArray[np.int32]) -> Ranks:
    """The rank, from 1, of the first guess that equals the label; NEVER where none of them does.

    Args:
        labels: (images, 5) guessed class positions, the most confident first, negative where there is no guess.
        truth: (images,) class positions.

    >>> first_right_guess(np.array([[3, 1, 2, 0, 4]], np.int32), np.array([2], np.int32))
    array([3], dtype=uint8)
    """
    return first_true(labels == truth[:, None])


def first_true(is_right: npt.NDArray[np.bool_]) -> Ranks:
    """(images,) the rank, from 1, of the first of (images, 5) guesses that is right; NEVER where none is."""
    return np.where(is_right.any(axis=1), is_right.argmax(axis=1) + 1, NEVER).astype(np.uint8)


def wrong_counts(ranks: Ranks) -> list[int]:
    """For k = 1..5, the number of images without a right guess among the first k."""
    right = np.cumsum(np.bincount(ranks, minlength=NEVER + 1)[1 : GUESSES + 1])
    return [int(len(ranks) - count) for count in right]


def top_k_error(labels: npt.NDArray[np.int32], truth: npt.NDArray[np.int32], k: int) -> float | None:
    """Share of images whose label is not among the first k guesses (ILSVRC paper, section 4.1); None without images.

    Args:
        labels: (images, 5) guessed class positions.
        truth: (images,) class positions.
        k: 1 to 5.

    >>> top_k_error(np.array([[3, 1, 2, 0, 4], [1, 3, 2, 0, 4]], np.int32), np.array([1, 1], np.int32), 1)
    0.5
    """
    return share(wrong_counts(first_right_guess(labels, truth))[k - 1], len(truth))


def share(count: int, total: int) -> float | None:
    return count / total if total else None


@dataclass(frozen=True, kw_only=True, eq=False)
class LabelOutcomes:
    """Per image, the rank of the first right label, and how far the guesses are where there is a hierarchy."""

    classes: Classes
    labels: LabelSets  # of the images
    label_ranks: Ranks  # (images,) 1..5, or NEVER
    heights: GuessHeights | None = None  # where the classes have a hierarchy

    def scorecard(self, mask: ImageMask | None = None, *, classes: ClassMask | None = None) -> Scorecard:
        """The numbers over the images of `mask` that have one of `classes` among their labels.

        An image without a label is counted and not scored. In the rows of classes and of subtrees an image with
        several labels stands once for each of them.
        """
        is_counted = self.is_counted(mask, classes)
        is_scored = is_counted & self.labels.is_labelled
        ranks = self.label_ranks[is_scored]
        wrong = wrong_counts(ranks)
        rows, details = self._rows_and_details(is_counted)
        distances = self.heights.scores(is_scored, self.label_ranks > 1) if self.heights else {}
        return Scorecard(
            scores={f"top{k}_error": share(count, len(ranks)) for k, count in enumerate(wrong, start=1)} | distances,
            counts={
                "images": int(is_counted.sum()),
                "scored_images": len(ranks),
                **{f"top{k}_wrong": count for k, count in enumerate(wrong, start=1)},
            },
            per_class=rows,
            details=details,
        )

    def is_counted(self, mask: ImageMask | None, classes: ClassMask | None) -> ImageMask:
        """(images,) those of `mask` that have one of `classes` among their labels; None stands for all."""
        is_counted = np.ones(len(self.labels), dtype=np.bool_) if mask is None else mask
        return is_counted if classes is None else is_counted & self.labels.has_any_of(classes)

    def class_counts(self, is_chosen: ImageMask) -> ClassCounts:
        """(classes,) how many of the chosen images have each class among their labels."""
        single = self.labels.single
        chosen = self.labels.classes[is_chosen[self.labels.images]] if single is None else single[is_chosen]
        return np.bincount(chosen, minlength=len(self.classes))

    def save(self, path: Path) -> None:
        """Write `columns` to one .npz."""
        with path.open("wb") as stream:  # a mere name would be given the ending .npz
            np.savez_compressed(stream, **self.columns())  # type: ignore[arg-type]  # numpy's stub also has a flag

    def columns(self) -> dict[str, npt.NDArray[np.generic]]:
        """The arrays by name."""
        columns: dict[str, npt.NDArray[np.generic]] = {"label_ranks": self.label_ranks}
        if self.heights:
            columns |= {"guess_heights": self.heights.heights, "is_guess": self.heights.is_given}
        return columns

    def _rows_and_details(self, is_counted: ImageMask) -> tuple[list[dict[str, Any]], dict[str, Any]]:
        images = self.class_counts(is_counted)
        wrong = {
            "top1_error": self.class_counts(is_counted & (self.label_ranks > 1)),
            "top5_error": self.class_counts(is_counted & (self.label_ranks > GUESSES)),
        }
        rows = class_rows(self.classes, images)
        add_class_errors(rows, images, wrong)
        hierarchy = self.classes.hierarchy
        return rows, {} if hierarchy is None else {"subtrees": subtree_rows(hierarchy, images, wrong)}


class LabelScorer:
    """Compares `cls` guesses with the labels."""

    def __init__(self, public: PublicRound, truth: Truth) -> None:
        self._classes = public.classes
        self._single = truth.label_column if truth.label_sets is None else truth.label_sets.single
        self._labels = LabelSets.of_labels(truth.label_column) if truth.label_sets is None else truth.label_sets
        self._ranks: Ranks = np.full(len(self._labels), NEVER, dtype=np.uint8)
        self._heights = (
            None if self._classes.hierarchy is None else no_guesses(self._classes.hierarchy, len(self._ranks))
        )

    def add(self, columns: GuessColumns) -> None:
        images, guesses = columns.images, columns.labels
        if self._single is not None:
            self._ranks[images] = first_right_guess(guesses, self._single[images])
        else:
            self._ranks[images] = first_true(self._labels.of_images(images).contain(guesses))
        if self._heights is not None and self._classes.hierarchy is not None:
            labels = self._labels.of_images(images)
            self._heights.heights[images] = guess_heights(self._classes.hierarchy, guesses, labels)
            self._heights.is_given[images] = guesses >= 0

    def finish(self) -> LabelOutcomes:
        return LabelOutcomes(classes=self._classes, labels=self._labels, label_ranks=self._ranks, heights=self._heights)


def class_rows(classes: Classes, images: ClassCounts) -> list[dict[str, Any]]:
    """A row for every class, in order of id, with the number of its images."""
    return [
        {"id": class_id, "wnid": wnid, "name": name, "images": count}
        for class_id, wnid, name, count in zip(
            classes.ids.tolist(), classes.wnids, classes.names, images.tolist(), strict=True
        )
    ]


def subtree_rows(hierarchy: Hierarchy, images: ClassCounts, wrong: dict[str, ClassCounts]) -> list[dict[str, Any]]:
    """A row for every node above two classes at least, in the hierarchy's order, with its images and their errors."""
    nodes = hierarchy.shared_nodes.tolist()
    sums = hierarchy.sums_below(images)
    rows = [
        {"wnid": hierarchy.wnids[node], "name": hierarchy.names[node], "images": count}
        for node, count in zip(nodes, sums.tolist(), strict=True)
    ]
    add_class_errors(rows, sums, {name: hierarchy.sums_below(counts) for name, counts in wrong.items()})
    return rows


def add_class_errors(rows: list[dict[str, Any]], images: ClassCounts, wrong: dict[str, ClassCounts]) -> None:
    """Add the share of wrong images to each row, None to one without images."""
    totals = images.tolist()
    for name, counts in wrong.items():
        for row, count, total in zip(rows, counts.tolist(), totals, strict=True):
            row[name] = share(count, total)
