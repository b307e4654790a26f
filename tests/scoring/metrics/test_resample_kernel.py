"""The compiled loop of resampling beside its plain twin, on short curves of few images."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.metrics.resample_kernel import LANES, weighted_areas
from tests.scoring import plain_twins_resampling as twins

IMAGES = 4

curves = st.lists(
    st.lists(st.tuples(st.integers(0, IMAGES - 1), st.booleans()), max_size=9),  # (image, is a true positive)
    min_size=1, max_size=4,
)  # fmt: skip
held = st.lists(st.sampled_from((0, 1, 1, 2, 3)), min_size=IMAGES, max_size=IMAGES)


@given(curves, st.lists(held, min_size=3, max_size=3))
def test_areas_are_those_of_curves_with_every_image_repeated(
    classes: list[list[tuple[int, bool]]], some_lanes: list[list[int]]
) -> None:
    rows = [row for curve in classes for row in curve]
    images = np.array([image for image, _ in rows], np.int32)
    found = np.array([place for place, (_, right) in enumerate(rows) if right], np.int64)
    class_starts = np.cumsum([0, *map(len, classes)], dtype=np.int64)
    found_starts = np.searchsorted(found, class_starts).astype(np.int64)
    counts = np.ones((IMAGES, LANES), np.uint8)
    counts[:, : len(some_lanes)] = np.array(some_lanes).T
    areas = weighted_areas(images, found, class_starts, found_starts, counts)
    expected = twins.weighted_areas(
        images.tolist(),
        found.tolist(),
        class_starts.tolist(),
        found_starts.tolist(),
        counts[:, : 1 + len(some_lanes)].tolist(),
    )
    assert areas.shape == (len(classes), LANES)
    np.testing.assert_allclose(areas[:, : 1 + len(some_lanes)], np.array(expected, np.float64), rtol=1e-14, atol=0)
    assert (areas[:, len(some_lanes) :] == areas[:, -1:]).all()


def test_an_image_held_twice_counts_twice_among_true_and_false_positives() -> None:
    images = np.array([0, 1, 0], np.int32)  # wrong, right, right
    arguments = (images, np.array([1, 2]), np.array([0, 3]), np.array([0, 2]))
    counts = np.ones((2, LANES), np.uint8)
    counts[:, 1] = 2, 0
    areas = weighted_areas(*arguments, counts)
    # 1/2 rises to 2/3 behind it, so 2/3 + 2/3; alone and twice, image 0 is wrong twice, then right twice: 2/4 + 2/4
    assert areas[0, :2].tolist() == [4 / 3, 1.0]


def test_lanes_do_not_run_out_of_room_at_the_largest_counts() -> None:
    images = np.zeros(20_000, np.int32)
    counts = np.full((1, LANES), 255, np.uint8)
    areas = weighted_areas(images, np.array([19_999]), np.array([0, 20_000]), np.array([0, 1]), counts)
    assert areas[0].tolist() == pytest.approx([255 / 20_000] * LANES, rel=1e-14)
