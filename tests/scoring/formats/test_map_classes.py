from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.formats.map_classes import MapClasses
from tests.scoring.making import classes_of


@given(st.sets(st.integers(0, 70_000), min_size=1, max_size=300), st.data())
def test_values_become_positions_of_their_classes(ids: set[int], data: st.DataObject) -> None:
    ascending = sorted(ids)
    lookup = MapClasses.of(classes_of(ascending))
    known = [value for value in ascending if 0 < value <= 65_535]
    some = st.sampled_from([0, *known]) | st.integers(0, 65_535)
    values = np.array(data.draw(st.lists(st.lists(some, min_size=3, max_size=3), min_size=1, max_size=5)), np.uint16)
    found = lookup.classes(values)
    expected = [
        [0 if v == 0 else ascending.index(v) + 1 if v in known else None for v in row] for row in values.tolist()
    ]
    assert [[None if c == lookup.unknown else c for c in row] for row in found.tolist()] == expected
    unknown = {v for v in values.reshape(-1).tolist() if v and v not in known}
    assert lookup.unknown_values(values, found) == sorted(unknown)


@pytest.mark.parametrize(("count", "dtype"), [(150, np.uint8), (254, np.uint8), (255, np.uint16)])
def test_maps_of_classes_take_the_least_type_that_has_room(count: int, dtype: type) -> None:
    lookup = MapClasses.of(classes_of(range(1, count + 1)))
    found = lookup.classes(np.array([[0, count, count + 1]], dtype=np.uint16))
    assert found.dtype == dtype
    assert found.tolist() == [[0, count, lookup.unknown]]
    assert lookup.unknown > count


def test_a_map_of_more_than_a_block_is_looked_up_whole() -> None:
    values = np.tile(np.array([[1, 3, 2]], dtype=np.uint8), (700, 700))
    assert np.array_equal(MapClasses.of(classes_of((1, 2, 3))).classes(values), values)
