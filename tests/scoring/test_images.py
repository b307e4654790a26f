from __future__ import annotations

import numpy as np

from scoring.images import Images, dense_positions


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
