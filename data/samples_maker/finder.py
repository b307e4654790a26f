"""Finds what may be a digit in a scene: connected pieces of ink, kept or thrown away by their shape."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from samples_maker.digits import IntArray, framed
from samples_maker.scenes import Box

EIGHT_NEIGHBOURS = np.ones((3, 3), dtype=np.int64)


@dataclass(frozen=True, kw_only=True, slots=True)
class Piece:
    """A connected piece of ink."""

    box: Box
    pixels: IntArray  # (64,): the piece alone, brought to 8 x 8


@dataclass(frozen=True, kw_only=True, slots=True)
class Finder:
    """How an entry looks for digits."""

    faintest_ink: int = 4  # fainter pixels are paper
    min_height: int = 6  # in pixels; lower pieces are specks
    rejects_clutter: bool = True  # throw away what is too wide, too thin, too full or too empty for a digit
    grid: int = 1  # boxes are widened to multiples of so many pixels

    def find(self, image: IntArray) -> list[Piece]:
        """The pieces of a scene from top to bottom."""
        marks, _ = ndimage.label(image >= self.faintest_ink, structure=EIGHT_NEIGHBOURS)
        pieces = []
        for number, (rows, columns) in enumerate(ndimage.find_objects(marks), start=1):
            own = marks[rows, columns] == number
            if self._is_kept(own):
                box = Box(xmin=columns.start + 1, ymin=rows.start + 1, xmax=columns.stop, ymax=rows.stop)
                alone = np.where(own, image[rows, columns], 0)
                pieces.append(Piece(box=self._on_grid(box), pixels=framed(alone).reshape(-1)))
        return pieces

    def _is_kept(self, own: np.ndarray) -> bool:
        height, width = own.shape
        if height < self.min_height:
            return False
        if not self.rejects_clutter:
            return True
        is_upright = 4 * width <= 5 * height and 5 * width >= height
        filled = int(own.sum())
        return is_upright and 4 * filled >= height * width and 20 * filled <= 19 * height * width

    def _on_grid(self, box: Box) -> Box:
        def down(value: int) -> int:
            return (value - 1) // self.grid * self.grid + 1

        def up(value: int) -> int:
            return -(-value // self.grid) * self.grid

        return Box(xmin=down(box.xmin), ymin=down(box.ymin), xmax=up(box.xmax), ymax=up(box.ymax))


CAREFUL = Finder()

# Takes every piece of ink for a digit, clutter too.
GREEDY = Finder(rejects_clutter=False)
