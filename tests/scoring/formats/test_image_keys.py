from __future__ import annotations

import numpy as np
import pytest

from scoring.formats.image_keys import UNKNOWN_IMAGE, ImageKeys
from scoring.images import Images

NAMES = ("val/ILSVRC2012_val_00000001", "val/ILSVRC2012_val_00000002", "other/ILSVRC2012_val_00000009")
KEYS = ImageKeys(Images(indices=np.array([4, 7, 12]), names=NAMES))


@pytest.mark.parametrize("key", [
    "val/ILSVRC2012_val_00000002", "ILSVRC2012_val_00000002", "ILSVRC2012_val_00000002.JPEG",
    "val/ILSVRC2012_val_00000002.JPEG", "/data/val/ILSVRC2012_val_00000002.jpg", "7", "007", "7.0",
])  # fmt: skip
def test_an_image_is_found_by_name_with_or_without_folder_and_ending_or_by_index(key: str) -> None:
    assert KEYS.positions([key]).tolist() == [1]


@pytest.mark.parametrize("key", [
    "", "5", "0", "-4", "1_2", "4.5", "99999999999999999999", "٤", "ILSVRC2012_val_0000000", "val", "nan", "/", "..",
    "ilsvrc2012_val_00000001",
])  # fmt: skip
def test_anything_else_is_no_image(key: str) -> None:
    assert KEYS.positions([key]).tolist() == [UNKNOWN_IMAGE]


def test_names_of_a_list_may_have_endings_that_files_leave_out() -> None:
    keys = ImageKeys(Images(indices=np.array([1, 2]), names=("a/x.jpg", "b/y.png")))
    assert keys.positions(["x", "x.jpg", "a/x", "a/x.jpg", "y.jpg", "1"]).tolist() == [0, 0, 0, 0, 1, 0]


def test_a_short_name_of_two_images_is_that_of_neither() -> None:
    keys = ImageKeys(Images(indices=np.array([1, 2, 3]), names=("a/x.jpg", "b/x.jpg", "c/y")))
    assert keys.positions(["x", "x.jpg", "a/x", "b/x.jpg", "y"]).tolist() == [-1, -1, 0, 1, 2]


def test_a_name_goes_before_an_index() -> None:
    keys = ImageKeys(Images(indices=np.array([1, 2]), names=("2", "7")))
    assert keys.positions(["2", "1", "7"]).tolist() == [0, 0, 1]


def test_images_without_names_are_found_by_index_alone() -> None:
    keys = ImageKeys(Images.counted(3))
    assert keys.positions(["1", "3.0", "4", "a"]).tolist() == [0, 2, -1, -1]
    assert keys.positions([]).tolist() == []


def test_indices_too_large_for_a_table_are_found_all_the_same() -> None:
    keys = ImageKeys(Images(indices=np.array([0, 3, 2**40]), names=("a", "b", "c")))
    assert keys.positions(["0", str(2**40), "3.0", "c", "1", "-1", "2", "0.5"]).tolist() == [0, 2, 1, 2, -1, -1, -1, -1]
