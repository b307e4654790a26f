"""Rows that lie grouped, as the objects and the labels of images do: taking those of some groups, in any order."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Places = npt.NDArray[np.int64]


def members(starts: Places, groups: npt.NDArray[np.integer]) -> tuple[Places, Places]:
    """The rows of some groups, one group after the other.

    Args:
        starts: (all groups + 1,) the rows of group g are those from starts[g] up to starts[g + 1].
        groups: (groups,) which to take, in any order.

    Returns:
        rows (rows,), and (groups + 1,) where those of each group start among them.

    >>> members(np.array([0, 2, 2, 5]), np.array([2, 1, 0]))
    (array([2, 3, 4, 0, 1]), array([0, 3, 3, 5]))
    """
    sizes = starts[groups + 1] - starts[groups]
    ends = np.cumsum(sizes)
    rows = np.repeat(starts[groups] - (ends - sizes), sizes) + np.arange(sizes.sum())
    return rows, np.concatenate([np.zeros(1, dtype=np.int64), ends])
