"""The compiled loops of COCO's evaluation beside their plain twins."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.metrics import coco_kernel
from scoring.metrics import coco_kernels as kernels
from scoring.metrics.coco_words import CANDIDATE, CUT, SIZES
from tests.scoring import plain_twins_coco as plain_twins

IMAGES, CLASSES = 3, 2

sides = st.sampled_from((0.0, 1.0, 2.0, 4.0, 5.0, 10.0, 32.0, 96.0, 96.0, 1e5, 2e5))
places = st.one_of(st.sampled_from((0.0, 0.0, 0.0, 1.0, -2.0)), st.floats(-3, 3))
boxes = st.tuples(places, places, sides, sides)
words = st.integers(0, 2**40 - 1)


def table_of(rows: list[tuple[float, float, float, float]]) -> npt.NDArray[np.float64]:
    return np.array(rows, np.float64).reshape(-1, 4)


@given(boxes, boxes, st.booleans())
def test_overlaps_are_the_same_to_the_last_bit(
    box: tuple[float, float, float, float], target: tuple[float, float, float, float], is_crowd: bool
) -> None:
    right = plain_twins.overlap_of(table_of([(9, 9, 9, 9), box]), 1, table_of([target]), 0, np.array([is_crowd]))
    assert coco_kernel.overlap_of(*box, *target, is_crowd) == right


def test_the_overlap_with_a_crowd_is_the_share_of_the_detection_inside_it() -> None:
    detection, target = (0.0, 0.0, 10.0, 10.0), (5.0, 0.0, 100.0, 100.0)
    assert coco_kernel.overlap_of(*detection, *target, True) == 50 / 100
    assert coco_kernel.overlap_of(*detection, *target, False) == 50 / (100 + 10_000 - 50)


labelled = st.tuples(st.integers(0, IMAGES - 1), st.integers(0, CLASSES - 1), boxes)


@given(st.lists(labelled, max_size=12), st.lists(st.tuples(labelled, st.booleans()), max_size=8))
def test_candidates_are_those_that_reach_some_box_of_their_class(
    detections: list[tuple[int, int, tuple[float, float, float, float]]],
    objects: list[tuple[tuple[int, int, tuple[float, float, float, float]], bool]],
) -> None:
    objects.sort(key=lambda found: found[0][0])
    arguments = (
        np.array([image for image, _, _ in detections], np.int32),
        np.array([label for _, label, _ in detections], np.int32),
        table_of([box for _, _, box in detections]),
        np.searchsorted([image for (image, _, _), _ in objects], np.arange(IMAGES + 1)).astype(np.int64),
        np.array([label for (_, label, _), _ in objects], np.int32),
        table_of([box for (_, _, box), _ in objects]),
        np.array([is_crowd for _, is_crowd in objects], np.bool_),
    )
    assert kernels.sift(*arguments).tolist() == plain_twins.sift(*arguments)


@st.composite
def match_arguments(draw: st.DrawFn) -> tuple[object, ...]:
    """Detections of one class by descending confidence, and its boxes; sometimes more than 100 of an image."""
    images = draw(st.lists(st.integers(0, IMAGES - 1), max_size=12))
    images = draw(st.sampled_from((0, 0, 0, 95, 100))) * [0] + images
    states = [draw(st.sampled_from((0, 1, 3, 5, 9, 17, 19, 19, 21, 25))) for _ in images]
    objects = sorted(draw(st.lists(st.tuples(st.integers(0, IMAGES - 1), boxes), max_size=6)))
    crowds = [draw(st.sampled_from((False, False, False, True))) for _ in objects]
    some_words = st.sampled_from((0, 2**40 - 1, 2**20 - 1, (2**10 - 1) * (1 + 2**20)))
    aims = st.sampled_from([box for _, box in objects] * 3 + [(0.0, 0.0, 10.0, 10.0)])
    found = [draw(aims) for state in states if state & CANDIDATE]
    shares = [draw(st.sampled_from((1.0, 1.0, 0.5, 0.6, 0.75, 0.9, 0.95))) for _ in found]
    return (
        np.array(images, np.int32),
        np.array(states, np.uint8),
        table_of([(x, y, width * share, height) for (x, y, width, height), share in zip(found, shares, strict=True)]),
        np.array([image for image, _ in objects], np.int32),
        table_of([box for _, box in objects]),
        np.array(crowds, np.bool_),
        np.array([0 if is_crowd else draw(some_words) for is_crowd in crowds], np.int64),
        IMAGES,
    )


@given(match_arguments())
@settings(max_examples=50)
def test_each_candidate_finds_what_the_kit_lets_it_find(arguments: tuple[object, ...]) -> None:
    right = plain_twins.match(*arguments)  # type: ignore[arg-type]
    found, false, ranks = kernels.match(*arguments)
    states = arguments[1]
    assert (found.tolist(), false.tolist(), ranks.tolist(), states.tolist()) == right  # type: ignore[attr-defined]


rows = st.tuples(
    st.integers(0, IMAGES - 1), st.sampled_from((0, 1, 3, 5, 9, 17, 19, 21, CUT)), words, words,
    st.integers(0, 11),
)  # fmt: skip


@given(
    st.lists(rows, max_size=20),
    st.lists(st.booleans(), min_size=IMAGES, max_size=IMAGES),
    st.lists(st.integers(0, 90), min_size=4, max_size=4),
)
@settings(max_examples=50)
def test_curves_are_those_of_the_text(
    detections: list[tuple[int, int, int, int, int]], mask: list[bool], more: list[int]
) -> None:
    candidates = [row for row in detections if row[1] & CANDIDATE]
    positives = [len(candidates) + count if count % 7 else 0 for count in more]  # of a size there may be none
    possible = sum(1023 << 10 * size for size in range(4) if positives[size])
    arguments = (
        np.array([image for image, *_ in detections], np.int32),
        np.array([state for _, state, *_ in detections], np.uint8),
        np.array([found & possible for *_, found, _, _ in candidates], np.int64),
        np.array([false & ~found for *_, found, false, _ in candidates], np.int64),
        np.array([rank for *_, rank in candidates], np.uint8),
        np.array(mask),
        np.array(positives, np.int64),
    )
    precisions, right, detection_count, cut = kernels.accumulate(*arguments)
    expected = plain_twins.accumulate(*arguments)
    np.testing.assert_array_equal(precisions, expected[0])
    np.testing.assert_array_equal(right, expected[1])
    assert (detection_count, cut) == expected[2:]


def test_the_kernel_and_its_twins_use_the_same_numbers() -> None:
    assert (CANDIDATE, CUT) == (plain_twins.CANDIDATE, plain_twins.CUT)
    assert SIZES.tolist() == [list(size) for size in plain_twins.SIZES]
