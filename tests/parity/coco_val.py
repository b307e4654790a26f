"""Seeded rounds of COCO detection of any size, as crowded as COCO's validation images: seven objects in each."""

from __future__ import annotations

import numpy as np

from tests.parity.coco_cases import CocoCase

_OBJECTS_OF_AN_IMAGE = 7.3
_CROWD_SHARE = 0.012
_NEAR_SHARE = 0.3  # of the detections, those that lie near an object


def make_val_like(*, images: int, categories: int, detections: int, seed: int) -> CocoCase:
    """A round of so many images, categories and detections; every fifth category is a frequent one."""
    rng = np.random.default_rng(seed)
    count = round(images * _OBJECTS_OF_AN_IMAGE)
    shares = np.where(np.arange(categories) % 5 == 0, 6.0, 1.0)
    shares[-1] = 0  # one is empty
    shares /= shares.sum()
    ids = np.sort(rng.choice(np.arange(1, categories + 12), categories, replace=False))
    object_images = rng.integers(1, images, count)  # the last image has none
    object_classes = rng.choice(ids, count, p=shares)
    boxes = np.round(_boxes(rng, count), 2)
    near = rng.integers(0, count, round(detections * _NEAR_SHARE))
    far = detections - len(near)
    moved = boxes[near] + rng.normal(0, 0.08, (len(near), 4)) * np.tile(boxes[near, 2:], 2)
    moved[:, 2:] = np.abs(moved[:, 2:])
    order = rng.permutation(detections)
    columns = (
        np.concatenate([object_images[near], rng.integers(1, images + 1, far)])[order].tolist(),
        np.concatenate([object_classes[near], rng.choice(ids, far, p=shares)])[order].tolist(),
        map(tuple, np.round(np.concatenate([moved, _boxes(rng, far)]), 2)[order].tolist()),
        np.round(np.concatenate([rng.beta(1.2, 2, len(near)), rng.beta(0.6, 5, far)]), 3)[order].tolist(),
    )
    return CocoCase(
        image_ids=range(1, images + 1),
        category_ids=ids.tolist(),
        annotations=[
            {"id": k + 1, "image_id": int(object_images[k]), "category_id": int(object_classes[k]),
             "bbox": boxes[k].tolist(), "area": float(np.round(boxes[k, 2] * boxes[k, 3] * 0.6, 2)),
             "iscrowd": int(rng.random() < _CROWD_SHARE)}
            for k in range(count)
        ],
        detections=list(zip(*columns, strict=True)),
    )  # fmt: skip


def _boxes(rng: np.random.Generator, count: int) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    sides = np.clip(rng.lognormal(4, 1, (count, 2)), 1, 600)
    return np.concatenate([rng.random((count, 2)) * 500, sides], axis=1)
