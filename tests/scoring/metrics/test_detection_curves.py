from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.metrics.detection import average_precision
from scoring.metrics.detection_curves import (
    MAX_POINTS,
    Curve,
    class_curves,
    curves_as_json,
    precision_recall_curve,
)

gaps = st.lists(st.integers(0, 4), max_size=40)  # false positives between one true positive and the next


def curve_of(before: list[int], positives: int, *, most: int = MAX_POINTS) -> Curve:
    curve = precision_recall_curve(np.array(before, np.int64), positives, most=most)
    assert curve is not None
    return curve


def points(curve: Curve) -> list[tuple[int, int]]:
    return list(zip(curve.true_positives.tolist(), curve.false_positives.tolist(), strict=True))


def precision_at(curve: Curve, found: int) -> Fraction:
    """What the staircase says of the true positive with this number, from 1."""
    for true, false in points(curve):
        if true >= found:
            return Fraction(true, true + false)
    return Fraction(0)


def test_corners_are_where_precision_only_falls_behind() -> None:
    # precisions 1/2, 2/3, 3/7, 4/8: the third lies under the fourth, the first under the second
    curve = curve_of([1, 1, 4, 4], 5)
    assert points(curve) == [(2, 1), (4, 4)]
    assert curve.recall.tolist() == [0.4, 0.8]
    assert curve.precision.tolist() == [2 / 3, 0.5]
    assert curve.area == pytest.approx(0.4 * 2 / 3 + 0.4 * 0.5, rel=1e-15)


def test_of_two_points_of_one_precision_the_farther_is_the_corner() -> None:
    assert points(curve_of([0, 0, 0], 3)) == [(3, 0)]
    assert points(curve_of([1, 2, 3], 3)) == [(3, 3)]


def test_without_true_positives_the_curve_is_empty_and_without_positives_there_is_none() -> None:
    assert points(curve_of([], 2)) == []
    assert curve_of([], 2).area == 0
    assert precision_recall_curve(np.zeros(0, np.int64), 0) is None


def test_exactly_as_many_corners_as_may_stay_all_stay() -> None:
    before = list(range(6))  # precisions 1, 2/3, 3/5, 4/7, 5/9, 6/11
    assert points(curve_of(before, 6, most=6)) == [(1, 0), (2, 1), (3, 2), (4, 3), (5, 4), (6, 5)]
    assert points(curve_of(before[:5], 5, most=5)) == [(1, 0), (2, 1), (3, 2), (4, 3), (5, 4)]


def test_of_too_many_corners_the_first_and_the_last_in_each_part_of_recall_stay() -> None:
    before = list(range(6))
    # two parts: {1, 2, 3}, {4, 5, 6}
    assert points(curve_of(before, 6, most=5)) == [(1, 0), (3, 2), (4, 3), (6, 5)]
    assert points(curve_of(before, 9, most=4)) == [(1, 0), (3, 2), (4, 3), (6, 5)]
    assert points(curve_of(before, 6, most=2)) == [(1, 0), (6, 5)]
    # corners 3, 4, 5; two parts: none, {3, 4, 5}
    assert points(curve_of([0, 0, 0, 1, 2], 6, most=4)) == [(3, 0), (4, 1), (5, 2)]
    assert points(curve_of([0, 0, 0, 1, 2], 6, most=2)) == [(3, 0), (5, 2)]


def test_at_most_two_hundred_points_are_shown() -> None:
    curve = curve_of(list(range(1000)), 1000)  # every true positive is a corner
    assert MAX_POINTS == 200
    assert curve.true_positives.tolist() == [n for last in range(10, 1001, 10) for n in (last - 9, last)]


@given(gaps, st.integers(0, 3))
def test_the_whole_curve_is_that_of_the_average_precision(between: list[int], missed: int) -> None:
    before = np.cumsum(between, dtype=np.int64)
    positives = len(between) + missed
    if positives:
        assert curve_of(before.tolist(), positives).area == pytest.approx(
            average_precision(before, positives), rel=1e-14, abs=0
        )


@given(gaps, st.integers(2, 12))
def test_a_thinned_curve_lies_under_the_whole_one_and_on_its_points(between: list[int], most: int) -> None:
    before = np.cumsum(between, dtype=np.int64).tolist()
    positives = len(before) + 1
    whole, thin = curve_of(before, positives, most=1000), curve_of(before, positives, most=most)
    assert len(thin.true_positives) <= most
    assert set(points(thin)) <= set(points(whole)) <= set(zip(range(1, len(before) + 1), before, strict=True))
    assert points(thin)[-1:] == points(whole)[-1:]
    assert points(thin)[:1] == points(whole)[:1]
    for found in range(1, positives + 1):
        monotone = max((Fraction(n, n + before[n - 1]) for n in range(found, len(before) + 1)), default=Fraction(0))
        assert precision_at(whole, found) == monotone
        assert precision_at(thin, found) <= monotone
    if before:
        widest = Fraction(len(before), positives) / (most // 2)
        fall = Fraction(precision_at(whole, 1)) - precision_at(whole, len(before))
        assert whole.area - thin.area <= widest * fall + Fraction(1, 10**12)


def test_every_class_has_the_curve_of_its_own_true_positives() -> None:
    starts, before = np.array([0, 2, 2, 2, 3]), np.array([0, 1, 5])
    curves = class_curves(starts, before, np.array([3, 0, 2, 1]))
    assert [None if curve is None else points(curve) for curve in curves] == [[(1, 0), (2, 1)], None, [], [(1, 5)]]
    assert curves_as_json(curves, np.array([3, 5, 7, 9])) == [
        {"id": 3, "recall": [0.333333, 0.666667], "precision": [1.0, 0.666667]},
        {"id": 7, "recall": [], "precision": []},
        {"id": 9, "recall": [1.0], "precision": [0.166667]},
    ]
