"""Boxes drawn at random: a truth, and predictions that know it in part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tests.benchmarks.detection_shapes import DetectionShape

Integers = npt.NDArray[np.int64]
Reals = npt.NDArray[np.float64]

# Of the confidences, this share is cut to four decimals, so that many tie.
_TIED_SHARE = 0.3
# Two boxes in three are of the class of the box before them in their image: objects come in flocks.
_FLOCK_SHARE = 0.65
# Streams of random numbers that one part of the data takes; entries count on from the last.
_TRUTH_STREAM = 0


@dataclass(frozen=True, kw_only=True)
class Part:
    """A run of images, drawn at once."""

    number: int
    first_image: int  # 1-based
    images: int
    lines: int


@dataclass(frozen=True, kw_only=True, eq=False)
class Boxes:
    """Boxes as columns."""

    images: Integers  # (boxes,) 1-based
    classes: Integers  # (boxes,) 1-based
    corners: Integers  # (boxes, 4) xmin, ymin, xmax, ymax, inclusive, in pixels / 10**decimals
    decimals: int  # whole numbers of such units let both files say the same

    @property
    def pixel(self) -> int:
        """Units that make a pixel."""
        return int(10**self.decimals)

    def coco_boxes(self, rows: slice) -> Integers:
        """COCO's x, y, width, height: with the inclusive corner's pixel in the sides, every IoU is the same."""
        low, high = self.corners[rows, :2], self.corners[rows, 2:]
        return np.concatenate([low, high - low + self.pixel], axis=1)

    def __len__(self) -> int:
        return len(self.images)


@dataclass(frozen=True, kw_only=True, eq=False)
class Truth:
    """What is to be found."""

    boxes: Boxes
    sizes: Integers  # (images, 2) width, height, pixels
    is_crowd: npt.NDArray[np.bool_]  # (boxes,)
    filled: Reals  # (boxes,) the share of the box that the object takes

    @classmethod
    def joined(cls, parts: Sequence[Truth]) -> Truth:
        """The parts as one, in their order."""
        return cls(
            boxes=Boxes(
                images=np.concatenate([part.boxes.images for part in parts]),
                classes=np.concatenate([part.boxes.classes for part in parts]),
                corners=np.concatenate([part.boxes.corners for part in parts]),
                decimals=parts[0].boxes.decimals,
            ),
            sizes=np.concatenate([part.sizes for part in parts]),
            is_crowd=np.concatenate([part.is_crowd for part in parts]),
            filled=np.concatenate([part.filled for part in parts]),
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class Lines:
    """Predictions."""

    boxes: Boxes
    confidences: Integers  # (lines,) millionths
    shown_decimals: Integers  # (lines,) 4 to 6


@dataclass(frozen=True, kw_only=True, eq=False)
class Look:
    """How predictions are to look."""

    shares: Reals  # (classes,) of the truth's boxes
    decimals: int  # of their corners
    entry: int  # from 1 on: each draws its own numbers


def class_shares(shape: DetectionShape) -> Reals:
    """(classes,) the share of each class among the boxes, in no order of the ids."""
    others = np.arange(1, shape.classes) ** -shape.class_fall_off
    largest = shape.largest_class_share
    return np.random.default_rng(shape.seed).permutation(np.r_[largest, (1 - largest) * others / others.sum()])


def sampled_truth(shape: DetectionShape, part: Part, *, shares: Reals) -> Truth:
    """The part's images and boxes."""
    rng = np.random.default_rng([shape.seed, part.number, _TRUTH_STREAM])
    sizes = np.array(shape.image_sizes)[_choose(rng, shape.image_size_counts, size=part.images)]
    images = np.repeat(np.arange(part.images), _choose(rng, shape.images_with_boxes, size=part.images))
    classes = rng.choice(shape.classes, size=len(images), p=shares)
    is_first = np.r_[True, images[1:] != images[:-1]][: len(images)]
    is_own = is_first | (rng.random(len(images)) > _FLOCK_SHARE)
    classes = classes[np.maximum.accumulate(np.where(is_own, np.arange(len(images)), 0))]
    units = np.rint(_random_corners(rng, shape, sizes[images]) * 10**shape.truth_decimals).astype(np.int64)
    return Truth(
        boxes=Boxes(
            images=images + part.first_image, classes=classes + 1, corners=units, decimals=shape.truth_decimals
        ),
        sizes=sizes,
        is_crowd=rng.random(len(images)) < shape.crowd_share,
        filled=rng.uniform(*shape.filled, size=len(images)),
    )


def sampled_lines(shape: DetectionShape, part: Part, *, truth: Truth, look: Look) -> Lines:
    """The part's predictions: image after image, in no order inside one."""
    rng = np.random.default_rng([shape.seed, part.number, _TRUTH_STREAM + look.entry])
    start, stop = np.searchsorted(truth.boxes.images, [part.first_image, part.first_image + part.images])
    near_count = round(part.lines * shape.near_share) if stop > start else 0
    origin = rng.integers(start, max(start + 1, stop), size=near_count)
    pixels = truth.boxes.corners[origin] / truth.boxes.pixel
    side = np.tile(pixels[:, 2:] - pixels[:, :2] + 1, 2)
    near = pixels + side * rng.normal(0, 0.09, size=side.shape)

    # Images differ in how much a detector sees in them, three to one and more.
    busyness = rng.gamma(4, size=part.images)
    far_count = part.lines - near_count
    far_images = rng.choice(part.images, size=far_count, p=busyness / busyness.sum())
    far_classes = rng.choice(shape.classes, size=far_count, p=(look.shares + 1 / shape.classes) / 2)
    far = _random_corners(rng, shape, truth.sizes[part.first_image - 1 + far_images])

    images = np.concatenate([truth.boxes.images[origin], far_images + part.first_image])
    classes = np.concatenate([truth.boxes.classes[origin], far_classes + 1])
    corners = np.maximum(np.rint(np.concatenate([near, far]) * 10**look.decimals).astype(np.int64), 0)
    corners[:, 2:] = np.maximum(corners[:, 2:], corners[:, :2])  # COCO's boxes cannot be inverted
    order = np.lexsort((rng.random(part.lines), images))
    boxes = Boxes(images=images[order], classes=classes[order], corners=corners[order], decimals=look.decimals)
    confidences, shown_decimals = _confidences(rng, is_near=order < near_count)
    return Lines(boxes=boxes, confidences=confidences, shown_decimals=shown_decimals)


def _choose(rng: np.random.Generator, weights: Sequence[float], *, size: int) -> Integers:
    return rng.choice(len(weights), size=size, p=np.array(weights) / sum(weights))


def _random_corners(rng: np.random.Generator, shape: DetectionShape, sizes: Integers) -> Reals:
    """(boxes, 4) boxes in pixels, each inside an image of the (boxes, 2) `sizes`."""
    width = shape.median_width * rng.lognormal(0, shape.width_spread, size=len(sizes))
    height = width * shape.median_aspect * rng.lognormal(0, shape.aspect_spread, size=len(sizes))
    sides = np.clip(np.stack([width, height], axis=1), 5, sizes - 1)
    low = rng.random((len(sizes), 2)) * (sizes - 1 - sides)
    return np.concatenate([low, low + sides], axis=1)


def _confidences(rng: np.random.Generator, *, is_near: npt.NDArray[np.bool_]) -> tuple[Integers, Integers]:
    """(lines,) confidences in millionths, and the decimals to write of each, 4 to 6."""
    lines = len(is_near)
    confidence = np.where(is_near, rng.beta(1.2, 2, size=lines), rng.beta(0.6, 5, size=lines))
    units = np.clip(np.rint(confidence * 1e6).astype(np.int64), 100, 999_900)
    units = np.where(rng.random(lines) < _TIED_SHARE, units // 100 * 100, units)
    return units, np.where(units % 100 == 0, 4, np.where(units % 10 == 0, 5, 6))
