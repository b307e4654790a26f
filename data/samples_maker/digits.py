"""The handwritten digits, in two halves by different writers, and how a digit is cut out and scaled."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import load_digits

IntArray = NDArray[np.int64]

# The first half of scikit-learn's copy is for training, the rest is the evaluation half of every round.
TRAINING_IMAGES = 898

# A cut-out digit is brought back to the size of the training images.
SIDE = 8

NAMES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


@dataclass(frozen=True, kw_only=True, slots=True)
class Digits:
    """Handwritten digits of one half."""

    images: IntArray  # (n, 8, 8), ink from 0 to 16
    labels: IntArray  # (n,), the digit itself, 0 to 9

    @property
    def pixels(self) -> IntArray:
        """The images as rows of 64 numbers."""
        return self.images.reshape(len(self.images), -1)

    def as_cut_outs(self) -> Digits:
        """The same digits as they look when cut out of a scene: trimmed, then brought to 8 x 8."""
        return Digits(images=np.stack([framed(trimmed(image)) for image in self.images]), labels=self.labels)


def load_halves() -> tuple[Digits, Digits]:
    """The training half and the evaluation half, in the order scikit-learn has them."""
    bunch = load_digits()
    images = bunch.images.astype(np.int64)
    labels = bunch.target.astype(np.int64)
    return (
        Digits(images=images[:TRAINING_IMAGES], labels=labels[:TRAINING_IMAGES]),
        Digits(images=images[TRAINING_IMAGES:], labels=labels[TRAINING_IMAGES:]),
    )


def class_id(digit: int) -> int:
    """The id of a digit in the rounds: itself, but 10 for zero, because ids are positive."""
    return digit or 10


def trimmed(image: IntArray) -> IntArray:
    """`image` without its empty margins."""
    rows = np.flatnonzero(image.any(axis=1))
    columns = np.flatnonzero(image.any(axis=0))
    return image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def scaled(image: IntArray, *, height: int, width: int) -> IntArray:
    """`image` at another size, each new pixel taken from the old one under its centre (integers only)."""
    rows = (2 * np.arange(height) + 1) * image.shape[0] // (2 * height)
    columns = (2 * np.arange(width) + 1) * image.shape[1] // (2 * width)
    return image[np.ix_(rows, columns)]


def framed(image: IntArray) -> IntArray:
    """`image` in the middle of a square, brought to 8 x 8: a one stays thin."""
    height, width = image.shape
    side = max(height, width)
    square = np.zeros((side, side), dtype=np.int64)
    top, left = (side - height) // 2, (side - width) // 2
    square[top : top + height, left : left + width] = image
    return scaled(square, height=SIDE, width=SIDE)
