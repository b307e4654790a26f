"""The images of a round: which indices exist, in which order, and by which names."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

# Indices are looked up in a dense table of four bytes each; 20 million is sixty times the largest ILSVRC list.
MAX_IMAGE_INDEX = 20_000_000


@dataclass(frozen=True, kw_only=True, eq=False)
class Images:
    """Images in ascending order of index. Position 0 is the image that the first line of a `cls` file speaks of."""

    indices: npt.NDArray[np.int64]  # (images,) ascending, unique, positive
    names: tuple[str, ...] | None = None  # (images,) as listed, without extension; None for "images 1..N"

    @classmethod
    def counted(cls, count: int) -> Images:
        """Images 1..`count`, without names."""
        return cls(indices=np.arange(1, count + 1, dtype=np.int64))

    def __len__(self) -> int:
        return len(self.indices)

    @cached_property
    def position_of_index(self) -> npt.NDArray[np.int32]:
        """(largest index + 1,) position of each image index, -1 where no image has it."""
        return dense_positions(self.indices)

    @cached_property
    def position_of_name(self) -> dict[str, int]:
        return {name: position for position, name in enumerate(self.names or ())}


def dense_positions(ids: npt.NDArray[np.integer]) -> npt.NDArray[np.int32]:
    """(largest id + 1,) the position of each id in `ids`, -1 for numbers that are none."""
    table = np.full(int(ids.max(initial=0)) + 1, -1, dtype=np.int32)
    table[ids] = np.arange(len(ids), dtype=np.int32)
    return table
