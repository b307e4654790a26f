"""Mean losses of many entries over shared resamples of the images, without drawing a single image."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

_RESAMPLES_AT_ONCE = 64  # bounds the memory, not the result


@dataclass(frozen=True, kw_only=True, eq=False)
class LossCells:
    """Images that every entry fares alike on, taken together: for resampling, a cell is one image of some weight."""

    losses: npt.NDArray[np.float64]  # (cells, entries)
    images: npt.NDArray[np.int64]  # (cells,) how many images each cell holds

    @classmethod
    def of(cls, losses: npt.NDArray[np.bool_] | npt.NDArray[np.float64]) -> LossCells:
        """Group (entries, images) losses: what each entry has wrong, or what each image costs it."""
        columns = np.ascontiguousarray(losses.T)
        # as strings of bytes, rows are compared whole
        whole = columns.view(np.dtype((np.void, columns.itemsize * columns.shape[1]))).ravel()
        _, first, images = np.unique(whole, return_index=True, return_counts=True)
        return cls(losses=columns[first].astype(np.float64), images=images.astype(np.int64))


def resampled_mean_losses(cells: LossCells, *, count: int, seed: int) -> npt.NDArray[np.float64]:
    """(resamples, entries) mean loss of every entry, all entries on the same resamples of the images.

    How many images of each cell a resample holds is one multinomial draw (Efron 1979, for cells in place of images).

    Args:
        cells: with at least one image and one entry.
        count: of resamples.
        seed: not negative.
    """
    total = int(cells.images.sum())
    rng = np.random.default_rng(seed)
    means = np.empty((count, cells.losses.shape[1]))
    for start in range(0, count, _RESAMPLES_AT_ONCE):
        rows = means[start : start + _RESAMPLES_AT_ONCE]
        drawn = rng.multinomial(total, cells.images / total, size=len(rows))
        rows[:] = drawn @ cells.losses / total
    return means
