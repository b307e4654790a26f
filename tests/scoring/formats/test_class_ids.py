from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from scoring.formats.class_ids import PADDING, UNKNOWN, ClassLookup
from scoring.formats.tokens import BAD, NUMBER, WNID
from scoring.synsets import Classes
from tests.scoring.making import classes_of

ids = st.lists(st.integers(1, 60), min_size=1, max_size=8, unique=True).map(sorted)


def positions(lookup: ClassLookup, values: list[float], kind: int) -> list[int]:
    return lookup.positions(np.array(values, dtype=np.float64), np.full(len(values), kind, np.uint8)).tolist()


@given(ids, st.lists(st.one_of(st.integers(-3, 70).map(float), st.sampled_from((0.5, 2.5, 1e300, -1e300, -0.0)))))
def test_ids_are_looked_up_in_the_class_table(known: list[int], values: list[float]) -> None:
    expected = [PADDING if value == 0 else known.index(int(value)) if value in known else UNKNOWN for value in values]
    assert positions(ClassLookup.of(classes_of(known)), values, NUMBER) == expected


@given(ids, st.lists(st.integers(1, 70)))
def test_wnids_are_looked_up_in_the_class_table(known: list[int], asked: list[int]) -> None:
    expected = [known.index(i) if i in known else UNKNOWN for i in asked]
    assert positions(ClassLookup.of(classes_of(known)), [9000 - i for i in asked], WNID) == expected


def test_where_no_class_has_a_wnid_none_is_found() -> None:
    lookup = ClassLookup.of(classes_of(has_wnids=False))
    assert positions(lookup, [8999, 1], WNID) == [UNKNOWN, UNKNOWN]
    assert positions(lookup, [1], NUMBER) == [0]


def test_names_that_are_no_wnids_of_wordnet_cannot_be_written_as_such() -> None:
    classes = Classes(ids=np.array([1, 2, 3], np.int32), wnids=("cat", "n0000000x", "n00000007"), names=("",) * 3)
    assert ClassLookup.of(classes).by_wnid.tolist() == [7]


def test_what_is_no_number_is_no_class() -> None:
    assert positions(ClassLookup.of(classes_of()), [1, 0], BAD) == [UNKNOWN, UNKNOWN]
