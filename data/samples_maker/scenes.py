"""Cluttered scenes: digits of the evaluation half among strokes, blots and specks, with their true boxes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from samples_maker.digits import Digits, IntArray, scaled, trimmed

# The faintest ink of a digit in a scene, above the paper's noise.
FAINTEST_DIGIT_INK = 4

PAPER_NOISE = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Box:
    """Corners in pixels, both inclusive, the first pixel of a scene being 1, 1."""

    xmin: int
    ymin: int
    xmax: int
    ymax: int

    @property
    def width(self) -> int:
        return self.xmax - self.xmin + 1

    @property
    def height(self) -> int:
        return self.ymax - self.ymin + 1

    def cut_from(self, image: IntArray) -> IntArray:
        return image[self.ymin - 1 : self.ymax, self.xmin - 1 : self.xmax]

    def gap(self, other: Box) -> int:
        """How many pixels lie between the two; negative where they overlap."""
        across = max(self.xmin, other.xmin) - min(self.xmax, other.xmax) - 1
        down = max(self.ymin, other.ymin) - min(self.ymax, other.ymax) - 1
        return max(across, down)

    def __str__(self) -> str:
        return f"{self.xmin} {self.ymin} {self.xmax} {self.ymax}"


@dataclass(frozen=True, kw_only=True, slots=True)
class PlacedDigit:
    """A digit in a scene."""

    digit: int
    box: Box  # as tight as its ink


@dataclass(frozen=True, kw_only=True, slots=True)
class Scene:
    """A finished scene."""

    image: IntArray  # (height, width), ink from 0 to 16
    placed: tuple[PlacedDigit, ...]  # what a finder should find


class Canvas:
    """A scene while it is drawn; every draw comes from `random`, in whole numbers."""

    def __init__(self, random: Generator, *, width: int, height: int) -> None:
        self.random = random
        self.image: IntArray = random.integers(0, PAPER_NOISE, size=(height, width))
        self.placed: list[PlacedDigit] = []

    def pick(self, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both possible."""
        return int(self.random.integers(low, high + 1))

    def place_digit(self, digits: Digits, *, digit: int | None = None, height: int, min_gap: int) -> bool:
        """Set one evaluation digit at a free place; False where none was found in forty tries."""
        candidates = np.arange(len(digits.labels)) if digit is None else np.flatnonzero(digits.labels == digit)
        chosen = int(self.random.choice(candidates))
        shape = trimmed(digits.images[chosen])
        width = max(3, shape.shape[1] * height // shape.shape[0])
        drawn = scaled(shape, height=height, width=width)
        drawn = trimmed(np.where(drawn >= FAINTEST_DIGIT_INK, drawn, 0))
        for _ in range(40):
            box = self._somewhere(width=drawn.shape[1], height=drawn.shape[0])
            if all(box.gap(other.box) >= min_gap for other in self.placed):
                self._ink(box, drawn)
                self.placed.append(PlacedDigit(digit=int(digits.labels[chosen]), box=box))
                return True
        return False

    def draw_stroke(self) -> None:
        """A crooked line, one or two pixels thick."""
        height, width = self.image.shape
        x, y = self.pick(0, width - 1), self.pick(0, height - 1)
        thickness, strength = self.pick(1, 2), self.pick(6, 15)
        dx, dy = self.pick(-3, 3), self.pick(-3, 3)
        for _ in range(self.pick(4, 14)):
            for step in range(4):
                left, top = x + dx * step // 4, y + dy * step // 4
                self._raise_to(strength, rows=(top, top + thickness), columns=(left, left + thickness))
            x, y = x + dx, y + dy
            dx, dy = dx + self.pick(-1, 1), dy + self.pick(-1, 1)

    def draw_blot(self, *, radius: int, around: Box | None = None) -> None:
        """A filled disc, anywhere or over the middle of a box."""
        height, width = self.image.shape
        x = self.pick(0, width - 1) if around is None else (around.xmin + around.xmax) // 2
        y = self.pick(0, height - 1) if around is None else (around.ymin + around.ymax) // 2
        rows, columns = np.ogrid[:height, :width]
        disc = (rows - y) ** 2 + (columns - x) ** 2 <= radius * radius
        self.image[disc] = np.maximum(self.image[disc], self.pick(8, 15))

    def draw_specks(self, count: int) -> None:
        """Single dark pixels."""
        height, width = self.image.shape
        for _ in range(count):
            self.image[self.pick(0, height - 1), self.pick(0, width - 1)] = self.pick(5, 12)

    def _somewhere(self, *, width: int, height: int) -> Box:
        xmin = self.pick(1, self.image.shape[1] - width + 1)
        ymin = self.pick(1, self.image.shape[0] - height + 1)
        return Box(xmin=xmin, ymin=ymin, xmax=xmin + width - 1, ymax=ymin + height - 1)

    def _ink(self, box: Box, drawn: IntArray) -> None:
        under = box.cut_from(self.image)
        np.maximum(under, drawn, out=under)

    def _raise_to(self, strength: int, *, rows: tuple[int, int], columns: tuple[int, int]) -> None:
        part = self.image[max(0, rows[0]) : max(0, rows[1]), max(0, columns[0]) : max(0, columns[1])]
        np.maximum(part, strength, out=part)
