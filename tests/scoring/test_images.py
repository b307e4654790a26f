from __future__ import annotations

import numpy as np

from scoring.images import MAX_IMAGE_ID, MAX_IMAGE_INDEX, Images, dense_positions


def test_counted_images_are_numbered_from_1_and_have_no_names() -> None:
    images = Images.counted(3)
    assert images.indices.tolist() == [1, 2, 3]
    assert images.position_of_index.tolist() == [-1, 0, 1, 2]
    assert images.position_of_name == {}
    assert len(images) == 3


def test_listed_images_are_found_by_index_and_by_name() -> None:
    images = Images(indices=np.array([2, 4]), names=("a", "b"))
    assert images.position_of_index.tolist() == [-1, -1, 0, -1, 1]
    assert images.position_of_name == {"a": 0, "b": 1}


def test_no_ids_give_a_table_that_knows_none() -> None:
    assert dense_positions(np.zeros(0, dtype=np.int32)).tolist() == [-1]


def test_indices_too_large_for_a_table_are_found_by_search() -> None:
    assert not Images(indices=np.array([0, MAX_IMAGE_INDEX])).is_sparse
    images = Images(indices=np.array([0, 5, MAX_IMAGE_INDEX + 1, MAX_IMAGE_ID]))
    assert images.is_sparse
    assert images.position_of_index.tolist() == [0, 1, 2, 3]
    numbers = np.array([5, MAX_IMAGE_ID, 0, -1, 1, 5.5, MAX_IMAGE_INDEX, MAX_IMAGE_INDEX + 1, 1e300, np.nan, -0.0])
    assert images.positions(numbers).tolist() == [1, 3, 0, -1, -1, -1, -1, 2, -1, -1, 0]
