"""Which images a correction of the truth changes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from scoring.coco_truth import CocoTruth
from scoring.label_sets import LabelSets
from scoring.truth import Truth, TruthBoxes
from scoring.truth_changes import changed_images


def changed(before: Truth, after: Truth, count: int = 4) -> list[int]:
    return changed_images(before, after, count).tolist()


def boxes(*rows: tuple[int, int, float]) -> TruthBoxes:
    """(image, class, left) of boxes that are alike otherwise."""
    table = np.array(rows, dtype=np.float64).reshape(-1, 3)
    corners = np.column_stack([table[:, 2], *[np.full(len(table), 9.0)] * 3])
    return TruthBoxes.grouped(
        images=table[:, 0].astype(np.int32), classes=table[:, 1].astype(np.int32), corners=corners
    )


def labels(*values: int) -> npt.NDArray[np.int32]:
    return np.array(values, dtype=np.int32)


def test_another_label_or_another_set_of_labels_changes_its_image() -> None:
    before = Truth(task="cls", digest="", labels=labels(1, 2, 3, 4))
    assert changed(before, before) == []
    assert changed(before, replace(before, labels=labels(1, 2, 9, 4))) == [2]
    sets = Truth(task="cls", digest="", label_sets=LabelSets.of_sets([[1], [2, 3], [], [4]]))
    assert changed(sets, replace(sets, label_sets=LabelSets.of_sets([[1], [3], [], [4, 5]]))) == [1, 3]


def test_boxes_that_move_come_or_go_change_their_image_and_their_order_does_not() -> None:
    before = Truth(task="det", digest="", boxes=boxes((0, 1, 1.0), (1, 1, 2.0), (1, 2, 3.0)))
    assert changed(before, replace(before, boxes=boxes((0, 1, 1.0), (1, 2, 3.0), (1, 1, 2.0)))) == []
    assert changed(before, replace(before, boxes=boxes((0, 1, 1.5), (1, 1, 2.0), (1, 2, 3.0), (3, 1, 1.0)))) == [0, 3]
    assert changed(before, replace(before, boxes=boxes((0, 1, 1.0), (1, 1, 2.0)))) == [1]


def test_blacklists_count_too() -> None:
    before = Truth(task="cls-loc", digest="", labels=labels(1, 2, 3, 4), blacklisted_images=np.zeros(4, np.bool_))
    after = replace(before, blacklisted_images=np.array([False, True, False, False]))
    assert changed(before, after) == [1]
    pairs = Truth(task="det", digest="", boxes=boxes((0, 1, 1.0)), blacklisted_pairs=labels().reshape(0, 2))
    assert changed(pairs, replace(pairs, blacklisted_pairs=labels(3, 1).reshape(1, 2))) == [3]


def test_of_coco_annotations_areas_and_crowds_count_as_well() -> None:
    coco = CocoTruth(
        images=labels(0, 2), classes=labels(0, 0), boxes=np.ones((2, 4)), areas=np.array([4.0, 4.0]),
        is_crowd=np.zeros(2, np.bool_), category_ids=labels(1), category_names=("cat",),
    )  # fmt: skip
    before = Truth(task="coco-det", digest="", coco=coco)
    assert changed(before, before) == []
    assert changed(before, replace(before, coco=replace(coco, areas=np.array([4.0, 5.0])))) == [2]
    assert changed(before, replace(before, coco=replace(coco, is_crowd=np.array([True, False])))) == [0]
