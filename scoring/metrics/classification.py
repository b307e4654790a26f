"""Top-k error: the share of images whose label is not among the first k guesses."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from scoring.formats.label_lines import GuessColumns
from scoring.outcomes import ImageMask
from scoring.rounds import PublicRound
from scoring.scorecard import Scorecard
from scoring.synsets import Classes
from scoring.truth import Truth

GUESSES = 5
NEVER = 6  # the rank of a right guess that did not come

Ranks = npt.NDArray[np.uint8]


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
    """
    return share(wrong_counts(first_right_guess(labels, truth))[k - 1], len(truth))


def share(count: int, total: int) -> float | None:
    return count / total if total else None


@dataclass(frozen=True, kw_only=True, eq=False)
class LabelOutcomes:
    """Per image, the rank of the first right label."""

    classes: Classes
    truth: npt.NDArray[np.int32]  # (images,) class positions
    label_ranks: Ranks  # (images,) 1..5, or NEVER

    def scorecard(self, mask: ImageMask | None = None) -> Scorecard:
        chosen = slice(None) if mask is None else mask
        ranks, truth = self.label_ranks[chosen], self.truth[chosen]
        wrong = wrong_counts(ranks)
        per_class = class_rows(self.classes, truth)
        add_class_errors(per_class, truth, {"top1_error": ranks > 1, "top5_error": ranks > GUESSES})
        return Scorecard(
            scores={f"top{k}_error": share(count, len(ranks)) for k, count in enumerate(wrong, start=1)},
            counts={
                "images": len(ranks),
                "scored_images": len(ranks),
                **{f"top{k}_wrong": count for k, count in enumerate(wrong, start=1)},
            },
            per_class=per_class,
        )

    def save(self, path: Path) -> None:
        with path.open("wb") as stream:  # a mere name would be given the ending .npz
            np.savez_compressed(stream, label_ranks=self.label_ranks)


class LabelScorer:
    """Compares `cls` guesses with the labels."""

    def __init__(self, public: PublicRound, truth: Truth) -> None:
        self._classes = public.classes
        self._truth = truth.label_column
        self._ranks: Ranks = np.full(len(self._truth), NEVER, dtype=np.uint8)

    def add(self, columns: GuessColumns) -> None:
        images = slice(columns.first_image, columns.first_image + len(columns.labels))
        self._ranks[images] = first_right_guess(columns.labels, self._truth[images])

    def finish(self) -> LabelOutcomes:
        return LabelOutcomes(classes=self._classes, truth=self._truth, label_ranks=self._ranks)


def class_rows(classes: Classes, truth: npt.NDArray[np.int32]) -> list[dict[str, Any]]:
    """A row for every class, in order of id, with the number of its images."""
    images = np.bincount(truth, minlength=len(classes))
    return [
        {"id": int(classes.ids[c]), "wnid": classes.wnids[c], "name": classes.names[c], "images": int(images[c])}
        for c in range(len(classes))
    ]


def add_class_errors(
    rows: list[dict[str, Any]], truth: npt.NDArray[np.int32], is_wrong: dict[str, npt.NDArray[np.bool_]]
) -> None:
    """Add the error of each class to its row, None for a class without images."""
    totals = np.bincount(truth, minlength=len(rows))
    for name, wrong in is_wrong.items():
        counts = np.bincount(truth[wrong], minlength=len(rows))
        for row, count, total in zip(rows, counts, totals, strict=True):
            row[name] = share(int(count), int(total))
