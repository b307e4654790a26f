"""The values of label maps, as classes of a round."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scoring.formats.png_maps import MapValues
from scoring.synsets import Classes

OTHER = 0  # in maps of values and of classes alike

# Values are looked up in blocks: numpy takes eight bytes for every pixel of one.
BLOCK_PIXELS = 1 << 20

ClassMap = npt.NDArray[np.unsignedinteger]  # (height, width) class position + 1, OTHER where there is no class


@dataclass(frozen=True, kw_only=True, eq=False)
class MapClasses:
    """Looks up a round's class ids in maps."""

    by_value: npt.NDArray[np.unsignedinteger]  # (65536,) class position + 1, of the least type that holds them all
    unknown: int  # stands for a value that is no class

    @classmethod
    def of(cls, classes: Classes) -> MapClasses:
        dtype = np.min_scalar_type(len(classes) + 1)  # the classes, OTHER and unknown
        unknown = int(np.iinfo(dtype).max)
        by_value = np.full(1 << 16, unknown, dtype=dtype)
        by_value[OTHER] = OTHER
        writable = np.flatnonzero((classes.ids > OTHER) & (classes.ids < len(by_value)))
        by_value[classes.ids[writable]] = writable + 1
        return cls(by_value=by_value, unknown=unknown)

    def classes(self, values: MapValues) -> ClassMap:
        """(height, width) the classes of a map of values; `unknown` for what is none."""
        flat = values.reshape(-1)
        found = np.empty(flat.shape, dtype=self.by_value.dtype)
        for start in range(0, len(flat), BLOCK_PIXELS):
            found[start : start + BLOCK_PIXELS] = self.by_value.take(flat[start : start + BLOCK_PIXELS])
        return found.reshape(values.shape)

    def unknown_values(self, values: MapValues, found: ClassMap) -> list[int]:
        """The values, ascending, that are no class; `found` is what `classes` made of them."""
        return np.unique(values[found == self.unknown]).tolist() if (found == self.unknown).any() else []
