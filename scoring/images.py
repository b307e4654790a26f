"""The images of a round: which indices exist, in which order, and by which names."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

# Indices are looked up in a dense table of four bytes each; 20 million is sixty times the largest ILSVRC list.
MAX_IMAGE_INDEX = 20_000_000

# COCO's image ids are any whole numbers: beyond this a double, and so many a JSON writer, no longer tells them apart.
MAX_IMAGE_ID = 2**53


@dataclass(frozen=True, kw_only=True, eq=False)
class Images:
    """Images in ascending order of index. Position 0 is the image that the first line of a `cls` file speaks of."""

    indices: npt.NDArray[np.int64]  # (images,) ascending, unique; from 1, but COCO's from 0
    names: tuple[str, ...] | None = None  # (images,) as listed, without extension; None for "images 1..N"

    @classmethod
    def counted(cls, count: int) -> Images:
        """Images 1..`count`, without names."""
        return cls(indices=np.arange(1, count + 1, dtype=np.int64))

    def __len__(self) -> int:
        return len(self.indices)

    @property
    def is_sparse(self) -> bool:
        """Whether indices are too large for a dense table: then they are to be replaced by `positions`."""
        return int(self.indices[-1]) > MAX_IMAGE_INDEX

    @cached_property
    def position_of_index(self) -> npt.NDArray[np.int32]:
        """(largest index + 1,) position of each image index, -1 where no image has it; where images are sparse, of
        each position."""
        return np.arange(len(self), dtype=np.int32) if self.is_sparse else dense_positions(self.indices)

    def positions(self, numbers: npt.NDArray[np.float64]) -> npt.NDArray[np.int32]:
        """The position of the image that each number is the index of; -1 for what is none, fractions included.

        >>> Images(indices=np.array([0, 7, 2**53])).positions(np.array([7.0, 2.0**53, 1.0, 0.5, 0.0]))
        array([ 1,  2, -1, -1,  0], dtype=int32)
        """
        places = np.minimum(np.searchsorted(self.indices, numbers), len(self) - 1)
        return np.where(self.indices[places] == numbers, places, -1).astype(np.int32)

    @cached_property
    def position_of_name(self) -> dict[str, int]:
        return {name: position for position, name in enumerate(self.names or ())}


def dense_positions(ids: npt.NDArray[np.integer]) -> npt.NDArray[np.int32]:
    """(largest id + 1,) the position of each id in `ids`, -1 for numbers that are none."""
    table = np.full(int(ids.max(initial=0)) + 1, -1, dtype=np.int32)
    table[ids] = np.arange(len(ids), dtype=np.int32)
    return table
