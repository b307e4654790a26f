"""The compiled loops of detection beside their plain twins, on rounds of ties, duplicates, blacklists and odd boxes."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from scoring.metrics import detection_kernels as kernels
from scoring.metrics import matching_kernel
from scoring.metrics.positives import Positives
from tests.scoring import plain_twins
from tests.scoring.metrics.detections import CLASSES, IMAGES, DetectionRound, detection_rounds


@given(detection_rounds())
def test_candidates_are_those_that_reach_some_box_of_their_class(small: DetectionRound) -> None:
    p, columns = Positives.of(small.truth, IMAGES, CLASSES), small.columns
    arguments = (columns.images, columns.classes, columns.boxes, p.starts, p.classes, p.corners, p.thresholds,
                 p.skip_starts, p.skip_classes)  # fmt: skip
    states, candidates = kernels.sift(*arguments)
    right_states, right_candidates = plain_twins.sift(*arguments)
    assert states.tolist() == right_states
    assert candidates.tolist() == right_candidates


corners = st.one_of(st.integers(-3, 9).map(float), st.floats(-50, 50))


@given(st.lists(corners, min_size=8, max_size=8))
def test_overlaps_are_the_same_to_the_last_bit(numbers: list[float]) -> None:
    assert matching_kernel.overlap_of(*numbers) == plain_twins.overlap_of(*numbers)


@given(detection_rounds())
def test_each_detection_takes_the_free_box_it_overlaps_most(small: DetectionRound) -> None:
    p, columns = Positives.of(small.truth, IMAGES, CLASSES), small.columns
    arguments = (columns.images, columns.classes, columns.confidences, columns.boxes,
                 p.starts, p.classes, p.corners, p.thresholds)  # fmt: skip
    assert kernels.match(*arguments).tolist() == plain_twins.match(*arguments)


@given(
    st.lists(st.tuples(st.integers(0, 3), st.sampled_from((0.0, 0.5, 0.5, 0.25, 1.0, -1.0))), max_size=30),
    st.integers(0, 200),
)
def test_the_best_of_each_image_come_first_and_equals_in_the_order_given(
    rows: list[tuple[int, float]], many: int
) -> None:
    rows = rows + [(2, (k % 7) / 8) for k in range(many)]  # over 64 rows another sort is at work
    images = np.array([image for image, _ in rows], np.int32)
    confidences = np.array([confidence for _, confidence in rows], np.float64)
    order, starts = kernels.best_first(images, confidences, 4)
    assert (order.tolist(), starts.tolist()) == plain_twins.best_first(images, confidences, 4)


def counted(arguments: tuple[Any, ...], buckets: kernels.Buckets) -> list[int]:
    """What is counted before each true positive, without the places behind the last one of each class."""
    class_starts = arguments[6]
    counts = np.zeros(len(arguments[7]) + CLASSES, np.int64)
    kernels.count_false_positives(*arguments[:6], *arguments[7:], buckets, counts)
    kept: list[int] = np.delete(counts, class_starts[1:] + np.arange(CLASSES)).tolist()
    return kept


rows_of_states = st.lists(
    st.tuples(st.integers(0, IMAGES - 1), st.integers(0, CLASSES - 1), st.sampled_from((0.5, 0.5, 0.25, 0.75, 0.0)),
              st.sampled_from((kernels.FALSE_POSITIVE,) * 3 + (kernels.TRUE_POSITIVE,) * 2 + (kernels.SKIPPED,))),
    max_size=30,
)  # fmt: skip


@given(rows_of_states, st.lists(st.booleans(), min_size=IMAGES, max_size=IMAGES), st.integers(0, 30))
def test_false_positives_are_counted_before_the_next_true_positive(
    rows: list[tuple[int, int, float, int]], mask: list[bool], first_row: int
) -> None:
    images, classes, confidences, states = (list(column) for column in zip(*rows, strict=True)) if rows else ([],) * 4
    found = sorted(
        (classes[row], -confidences[row], images[row], first_row + row)
        for row, state in enumerate(states)
        if state == kernels.TRUE_POSITIVE and mask[images[row]]
    )
    arguments = (
        np.array(images, np.int32), np.array(classes, np.int32), np.array(confidences, np.float64),
        np.array(states, np.uint8), first_row, np.array(mask),
        np.searchsorted([label for label, *_ in found], np.arange(CLASSES + 1)).astype(np.int64),
        np.array([-confidence for _, confidence, _, _ in found], np.float64),
        np.array([image for _, _, image, _ in found], np.int32), np.array([row for *_, row in found], np.int64),
    )  # fmt: skip
    buckets = kernels.Buckets.of(arguments[6], arguments[7])
    assert counted(arguments, buckets) == plain_twins.count_false_positives(*arguments)


extreme = st.sampled_from((0.0, 5e-324, 1e-310, -1e308, 1e308, 1.7e308, -1.7e308, 0.5, 0.5 + 2**-52, 0.25))
confidences = st.one_of(extreme, st.floats(allow_nan=False, allow_infinity=False), st.floats(0, 1))


@given(st.lists(confidences, min_size=1, max_size=20), st.lists(confidences, max_size=20))
def test_buckets_hold_the_confidences_of_any_range(found: list[float], missed: list[float]) -> None:
    arguments = (
        np.zeros(len(missed), np.int32), np.full(len(missed), 1, np.int32), np.array(missed, np.float64),
        np.zeros(len(missed), np.uint8), 0, np.ones(1, np.bool_),
        np.array([0, 0, len(found), len(found)]), -np.sort(-np.array(found, np.float64)),
        np.zeros(len(found), np.int32), np.arange(len(found)) + 100,
    )  # fmt: skip
    buckets = kernels.Buckets.of(arguments[6], arguments[7])
    assert counted(arguments, buckets) == plain_twins.count_false_positives(*arguments)


def test_the_bucket_of_a_confidence_is_never_above_that_of_a_lower_one() -> None:
    for arguments in ((0.75, 1.0, 8.0, 4), (1.0, 1.0, 8.0, 4), (1.5, 1.0, 8.0, 4), (0.0, 1.0, 8.0, 4)):
        assert matching_kernel.bucket_of(*arguments) == plain_twins.bucket_of(*arguments)


def test_every_true_positive_lies_in_its_bucket_and_none_in_the_last() -> None:
    starts, confidences = np.array([0, 3, 3, 4]), np.array([0.9, 0.5, 0.5, 0.3])
    scales, greatest, table = np.empty(3), np.empty(3), np.empty((3, 6), np.int32)
    kernels.CODE["fill_buckets"](3, starts, confidences, 4, scales, greatest, table)
    assert (scales.tolist(), greatest.tolist(), table.tolist()) == plain_twins.fill_buckets(3, starts, confidences, 4)
    assert table.tolist() == [[0, 1, 1, 1, 3, 3], [3] * 6, [3, 4, 4, 4, 4, 4]]


def test_the_kernels_and_their_twins_use_the_same_numbers_for_states() -> None:
    for name in ("FALSE_POSITIVE", "TRUE_POSITIVE", "SKIPPED", "CANDIDATE"):
        assert getattr(kernels, name) == getattr(plain_twins, name)
