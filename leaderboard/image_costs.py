"""What each image costs an entry, where an error is a mean of costs and not a share of wrong images."""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt

_HIERARCHICAL = re.compile(r"hierarchical([1-5])_error(_2011)?")


def has_image_costs(metric: str) -> bool:
    """Whether `metric` is the mean of what single images cost."""
    return _HIERARCHICAL.fullmatch(metric) is not None


def image_costs(metric: str, heights: npt.NDArray[np.uint8], *, max_height: int) -> npt.NDArray[np.float64]:
    """(images,) what each image costs, whose mean is the score: the least height among the first guesses.

    Args:
        metric: one that has image costs.
        heights: (images, 5) levels from each guess up to the nearest node above a label.
        max_height: of the hierarchy; ILSVRC 2011's errors are divided by it, those of 2010 are not.

    Raises:
        ValueError: for another metric.

    >>> image_costs("hierarchical2_error", np.array([[7, 9, 0, 4, 4]], np.uint8), max_height=19)
    array([7.])
    """
    found = _HIERARCHICAL.fullmatch(metric)
    if found is None:
        raise ValueError(f"{metric} is no mean of what images cost")
    least: npt.NDArray[np.float64] = heights[:, : int(found[1])].min(axis=1).astype(np.float64)
    return least / max_height if found[2] else least


def most_of_costs(metric: str, *, max_height: int) -> float:
    """The most that an image can cost: the height of the hierarchy, or 1 where errors are divided by it.

    >>> most_of_costs("hierarchical5_error", max_height=19), most_of_costs("hierarchical5_error_2011", max_height=19)
    (19.0, 1.0)
    """
    return 1.0 if metric.endswith("_2011") else float(max_height)
