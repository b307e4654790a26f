"""Hierarchical error: how far up one must go from the label to cover the guess, as ILSVRC 2010 and 2011 measured it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scoring.hierarchy import Heights, Hierarchy
from scoring.label_sets import LabelSets

GUESSES = 5
_PARTS = math.lcm(*range(1, GUESSES + 1))  # a mean of up to five heights is a whole number of sixtieths


def guess_heights(hierarchy: Hierarchy, guesses: npt.NDArray[np.int32], labels: LabelSets) -> Heights:
    """The height of the lowest common ancestor of each guess and the nearest of its image's labels; 0 for a label.

    A guess that is not there is as far away as can be, and so is any guess where an image has no label.

    Args:
        hierarchy: of the classes.
        guesses: (images, 5) class positions, negative where there is no guess.
        labels: of the same images.

    Returns:
        (images, 5) heights.
    """
    found = np.full(guesses.shape, hierarchy.max_height, dtype=np.uint8)
    ours = np.maximum(guesses, 0)[labels.images]
    theirs = np.broadcast_to(labels.classes[:, None], ours.shape)
    heights = hierarchy.distances(ours.ravel(), theirs.ravel()).reshape(ours.shape)
    if len(heights):
        found[labels.is_labelled] = np.minimum.reduceat(heights, labels.starts[:-1][labels.is_labelled], axis=0)
    found[guesses < 0] = hierarchy.max_height
    return found


@dataclass(frozen=True, kw_only=True, eq=False)
class GuessHeights:
    """How far each guess is from the labels of its image."""

    heights: Heights  # (images, 5) as `guess_heights` gives them
    is_given: npt.NDArray[np.bool_]  # (images, 5) whether there is a guess
    max_height: int  # of the hierarchy

    def scores(self, is_scored: npt.NDArray[np.bool_], is_wrong: npt.NDArray[np.bool_]) -> dict[str, float | None]:
        """The figures over some images, in levels of the hierarchy; None where there is nothing to take a mean of.

        - hierarchical{k}_error: the mean over the images of the least height among the first k guesses (ILSVRC 2010).
        - hierarchical{k}_error_2011: the same divided by the greatest height there is (ILSVRC 2011).
        - mistake_severity: the mean height of the first guess, over the images where it is wrong.
        - hier_dist{k}: the mean over the images of the mean height of the first k guesses, or of as many as there are
          (both Bertinetto et al., "Making better mistakes", 2020).

        An image without a guess counts with the greatest height everywhere.

        Args:
            is_scored: (images,) which images count.
            is_wrong: (images,) where the first guess is no label.
        """
        heights = self.heights[is_scored].astype(np.int64)
        images = len(heights)
        least = least_heights(heights).sum(axis=0)
        means = mean_heights(heights, self.is_given[is_scored], self.max_height).sum(axis=0)
        wrong = self.heights[is_scored & is_wrong, 0]
        places = range(GUESSES)
        return (
            {f"hierarchical{k + 1}_error": _mean(int(least[k]), images) for k in places}
            | {f"hierarchical{k + 1}_error_2011": _mean(int(least[k]), images * self.max_height) for k in places}
            | {"mistake_severity": _mean(int(wrong.sum(dtype=np.int64)), len(wrong))}
            | {f"hier_dist{k + 1}": _mean(int(means[k]), images * _PARTS) for k in places}
        )


def no_guesses(hierarchy: Hierarchy, images: int) -> GuessHeights:
    """Of images that nothing has been guessed for yet."""
    return GuessHeights(
        heights=np.full((images, GUESSES), hierarchy.max_height, dtype=np.uint8),
        is_given=np.zeros((images, GUESSES), dtype=np.bool_),
        max_height=hierarchy.max_height,
    )


def least_heights(heights: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """(images, 5) the least of the first k heights, for k = 1..5.

    >>> least_heights(np.array([[7, 9, 0, 4, 4]]))
    array([[7, 7, 0, 0, 0]])
    """
    return np.minimum.accumulate(heights, axis=1)


def mean_heights(
    heights: npt.NDArray[np.int64], is_given: npt.NDArray[np.bool_], max_height: int
) -> npt.NDArray[np.int64]:
    """(images, 5) the mean of the first k heights, or of as many as are given, for k = 1..5, in sixtieths.

    >>> mean_heights(np.array([[3, 0, 19, 19, 19]]), np.array([[True, True, False, False, False]]), 19) / 60
    array([[3. , 1.5, 1.5, 1.5, 1.5]])
    """
    counts = np.cumsum(is_given, axis=1)
    sums = np.cumsum(np.where(is_given, heights, 0), axis=1)
    return np.where(counts > 0, sums * _PARTS // np.maximum(counts, 1), max_height * _PARTS)


def _mean(total: int, count: int) -> float | None:
    return total / count if count else None
