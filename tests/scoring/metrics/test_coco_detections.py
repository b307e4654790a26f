"""Detections of COCO's rounds grouped by category, whatever the number of categories."""

from __future__ import annotations

import numpy as np
import pytest

from scoring.metrics.coco_detections import GroupedDetections, SiftedWindow
from scoring.metrics.coco_words import CANDIDATE


def window_of(labels: list[int], *, first: int) -> SiftedWindow:
    """Every second one is a candidate; its image, its confidence and its box tell the number of each."""
    numbers = np.arange(first, first + len(labels))
    return SiftedWindow(
        images=numbers.astype(np.int32),
        labels=np.array(labels, np.int32),
        confidences=numbers / 8,
        states=np.where(np.array([label >= 0 for label in labels]) & (numbers % 2 == 0), CANDIDATE, 0).astype(np.uint8),
        boxes=np.array([[number] * 4 for number, label in zip(numbers, labels, strict=True)
                        if number % 2 == 0 and label >= 0], np.float64).reshape(-1, 4),
    )  # fmt: skip


@pytest.mark.parametrize("categories", [9, 31, 2**15 - 1, 2**15, 2**15 + 1, 2**16 + 1])
def test_detections_are_grouped_by_category_in_the_order_of_the_file(categories: int) -> None:
    last = categories - 1
    windows = [window_of([last, 0, -1, 3], first=0), window_of([0, last, last, -1, 3], first=4)]
    grouped = GroupedDetections.of(windows, categories)
    of_category = {0: [1, 4], 3: [3, 8], last: [0, 5, 6]}
    for category in (0, 1, 3, last // 2, last):
        rows = slice(*grouped.starts[category : category + 2])
        assert grouped.images[rows].tolist() == of_category.get(category, [])
        assert (grouped.confidences[rows] * 8).tolist() == of_category.get(category, [])
        boxes = grouped.boxes[slice(*grouped.box_starts[category : category + 2])]
        assert boxes[:, 0].tolist() == [number for number in of_category.get(category, []) if number % 2 == 0]
    assert len(grouped.starts) == len(grouped.box_starts) == categories + 1
