"""Predicted boxes beside the ground truth boxes of their images, pair by pair."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from scoring.grouping import members

# Pairs looked at together: few enough for their columns to stay in the cache, and for the memory they take.
PAIRS_AT_ONCE = 1 << 17


@dataclass(frozen=True, kw_only=True, eq=False)
class Pairs:
    """Predicted boxes, each with a box of its image."""

    rows: npt.NDArray[np.int64]  # (p,) of the predictions
    boxes: npt.NDArray[np.int64]  # (p,) positions among the ground truth boxes
    ious: npt.NDArray[np.float64]  # (p,)

    def where(self, chosen: npt.NDArray[np.bool_] | npt.NDArray[np.intp]) -> Pairs:
        """Some of the pairs: by a mask, or by their places."""
        return Pairs(rows=self.rows[chosen], boxes=self.boxes[chosen], ious=self.ious[chosen])

    def best_of_each_row(self) -> Pairs:
        """Of each row the pair of largest IoU; on a tie the first box in the order of the truth. Rows ascend."""
        order = np.lexsort((self.boxes, -self.ious, self.rows))
        rows = self.rows[order]
        is_first = np.ones(len(rows), dtype=np.bool_)
        is_first[1:] = rows[1:] != rows[:-1]
        return self.where(order[is_first])

    @classmethod
    def joined(cls, parts: Sequence[Pairs]) -> Pairs:
        return cls(
            rows=np.concatenate([np.zeros(0, np.int64), *(part.rows for part in parts)]),
            boxes=np.concatenate([np.zeros(0, np.int64), *(part.boxes for part in parts)]),
            ious=np.concatenate([np.zeros(0), *(part.ious for part in parts)]),
        )


def companions(
    images: npt.NDArray[np.int32], starts: npt.NDArray[np.int64]
) -> Iterator[tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]]:
    """Every prediction with every box of its image, some predictions at a time.

    Args:
        images: (predictions,) image positions.
        starts: (images + 1,) the boxes of image i are those from starts[i] up to starts[i + 1].

    Yields:
        rows (pairs,) of the predictions, ascending, and boxes (pairs,).
    """
    rows = np.flatnonzero(starts[images + 1] > starts[images])
    counts = starts[images[rows] + 1] - starts[images[rows]]
    edges = np.searchsorted(np.cumsum(counts), np.arange(0, counts.sum(), PAIRS_AT_ONCE))
    for start, end in pairwise(np.unique([*edges, len(rows)])):
        boxes, _ = members(starts, images[rows[start:end]])
        yield np.repeat(rows[start:end], counts[start:end]), boxes
