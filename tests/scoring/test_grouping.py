from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from scoring.grouping import members


@given(st.data())
def test_members_are_the_rows_of_each_group_in_turn(data: st.DataObject) -> None:
    sizes = data.draw(st.lists(st.integers(0, 3), min_size=1, max_size=6))
    groups = data.draw(st.lists(st.integers(0, len(sizes) - 1), max_size=8))
    edges = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    rows, starts = members(edges, np.array(groups, dtype=np.int32))
    assert [rows[starts[k] : starts[k + 1]].tolist() for k in range(len(groups))] == [
        list(range(edges[group], edges[group + 1])) for group in groups
    ]
    assert starts[-1] == len(rows)
    assert rows.dtype == starts.dtype == np.int64
