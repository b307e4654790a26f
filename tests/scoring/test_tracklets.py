from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.images import Images
from scoring.tracklets import TrackedColumns, TrackletFaults, grouped, repeated_rows, snippets_of, tracklet_faults

IDS = st.sampled_from((-1, 0, 1, 2, 5, 2**62, -(2**62)))
SNIPPETS = np.array([0, 0, 1, 1], np.int32)


def faults_of(rows: list[tuple[int, int, int]]) -> TrackletFaults:
    """Of (frame, class, track)."""
    images, classes, tracks = (np.array([row[k] for row in rows]) for k in range(3))
    return tracklet_faults(
        snippets=SNIPPETS, images=images.astype(np.int32), classes=classes.astype(np.int32), tracks=tracks
    )


def lists(faults: TrackletFaults) -> tuple[list[int], list[int], list[int]]:
    return faults.without_track.tolist(), faults.of_second_class.tolist(), faults.of_same_frame.tolist()


def test_a_snippet_is_the_folder_of_a_frame() -> None:
    names = ("val/b/000000", "val/b/000001", "val/a/000000", "lonely", "val/b/000002", "alone", "val/000000")
    images = Images(indices=np.arange(1, 8), names=names)
    assert snippets_of(images).tolist() == [0, 0, 1, 2, 0, 2, 3]
    assert snippets_of(images).dtype == np.int32


def test_all_frames_without_names_are_one_snippet() -> None:
    assert snippets_of(Images.counted(3)).tolist() == [0, 0, 0]


def test_columns_are_as_long_as_their_rows() -> None:
    columns = TrackedColumns(
        images=np.zeros(2, np.int32), classes=np.zeros(2, np.int32), tracks=np.zeros(2, np.int64),
        confidences=np.zeros(2), boxes=np.zeros((2, 4)),
    )  # fmt: skip
    assert len(columns) == 2


def test_a_row_without_a_track_is_a_fault_and_no_other() -> None:
    assert lists(faults_of([(0, 0, 3), (0, 0, -1), (0, 1, -1), (1, 0, -2)])) == ([1, 2], [], [])


def test_a_tracklet_of_two_classes_is_a_fault_of_the_rows_that_differ_from_the_first() -> None:
    rows = [(0, 1, 7), (1, 0, 7), (2, 0, 7), (3, 0, 7), (1, 0, 8)]
    assert lists(faults_of(rows)) == ([], [1], [])


def test_two_boxes_of_a_tracklet_in_one_frame_are_a_fault_of_the_later() -> None:
    rows = [(0, 0, 7), (1, 0, 7), (0, 0, 8), (1, 0, 7), (2, 0, 7), (1, 1, 7)]
    assert lists(faults_of(rows)) == ([], [5], [3, 5])


def test_faultless_rows_have_no_faults() -> None:
    assert not faults_of([(0, 0, 7), (1, 0, 7), (2, 1, 7), (0, 0, 8)])
    assert not faults_of([])
    for rows in ([(0, 0, -1)], [(0, 0, 1), (1, 1, 1)], [(0, 0, 1), (0, 0, 1)]):
        assert faults_of(rows)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 1), IDS), max_size=12))
def test_faults_are_those_of_a_plain_reading(rows: list[tuple[int, int, int]]) -> None:
    first_class: dict[tuple[int, int], int] = {}
    seen: set[tuple[int, int]] = set()
    without, second, again = [], [], []
    for number, (frame, label, track) in enumerate(rows):
        if track == -1:
            without.append(number)
            continue
        if first_class.setdefault((int(SNIPPETS[frame]), track), label) != label:
            second.append(number)
        if (frame, track) in seen:
            again.append(number)
        seen.add((frame, track))
    assert lists(faults_of(rows)) == (without, second, again)


@pytest.mark.parametrize("dtype", [np.int32, np.int64])
@given(rows=st.lists(st.tuples(st.integers(0, 2**31 - 1) | st.integers(0, 2), IDS), max_size=12))
def test_rows_are_grouped_by_both_keys_in_the_order_in_which_groups_appear(
    dtype: type[np.integer], rows: list[tuple[int, int]]
) -> None:
    if dtype == np.int32:
        rows = [(first, second % 7 - 3) for first, second in rows]
    first, second = np.array([row[0] for row in rows], np.int32), np.array([row[1] for row in rows], dtype)
    order = list(dict.fromkeys(rows))
    groups = grouped(first, second)
    assert groups.numbers.tolist() == [order.index(row) for row in rows]
    assert groups.first_rows.tolist() == [rows.index(row) for row in order]
    assert len(groups) == len(order)
    assert repeated_rows(first, second).tolist() == [k for k, row in enumerate(rows) if row in rows[:k]]
