from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.boxes import box_area, box_iou, iou_thresholds

coordinates = st.one_of(st.integers(-20, 40).map(float), st.floats(-20, 40))
boxes = st.tuples(coordinates, coordinates, coordinates, coordinates)


def iou(first: tuple[float, ...], second: tuple[float, ...]) -> float:
    return float(box_iou(np.array(first, dtype=float), np.array(second, dtype=float)))


def test_corners_belong_to_the_box() -> None:
    assert box_area(np.array([3.0, 4, 3, 4])) == 1
    assert box_area(np.array([0.0, 0, 9, 4])) == 50
    assert iou((0, 0, 9, 9), (9, 9, 18, 18)) == 1 / 199


def test_boxes_side_by_side_do_not_overlap() -> None:
    assert iou((0, 0, 9, 9), (10, 0, 19, 9)) == 0
    assert iou((0, 0, 9, 9), (0, 10, 9, 19)) == 0


def test_an_inverted_box_is_put_through_the_plain_formula() -> None:
    # 10 x 10, and a box whose width is 5 - 9 + 1 = -3: the overlap's width is min(9, 5) - max(0, 9) + 1 = -3
    assert iou((0, 0, 9, 9), (9, 0, 5, 9)) == 0
    # a width of 9 - 10 + 1 = 0 makes no area, and no overlap either
    assert iou((0, 0, 20, 9), (10, 0, 9, 9)) == 0


@given(boxes, boxes)
def test_overlap_is_symmetric_and_a_share(first: tuple[float, ...], second: tuple[float, ...]) -> None:
    both = iou(first, second)
    assert both == iou(second, first)
    if first[0] <= first[2] and first[1] <= first[3] and second[0] <= second[2] and second[1] <= second[3]:
        assert 0 <= both <= 1
        assert iou(first, first) == 1


def test_boxes_are_compared_pair_by_pair_or_all_with_one() -> None:
    many = np.array([[0.0, 0, 9, 9], [0, 0, 9, 4], [50, 50, 60, 60]])
    assert box_iou(many, np.array([0.0, 0, 9, 9])).tolist() == [1, 0.5, 0]
    assert box_iou(many, many).tolist() == [1, 1, 1]
    assert box_iou(np.zeros((0, 4)), np.zeros((0, 4))).shape == (0,)


@pytest.mark.parametrize(("side", "threshold"), [(1, 1 / 121), (10, 0.25), (24, 576 / 1156), (25, 0.5), (400, 0.5)])
def test_small_objects_are_given_ten_pixels_of_slack(side: int, threshold: float) -> None:
    assert iou_thresholds(np.array([[3.0, 4, 2 + side, 3 + side]])).tolist() == [threshold]
