"""The reader of detection lines beside its plain twin."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from scoring.formats import detection_counts as counts
from scoring.formats.class_ids import ClassLookup
from scoring.formats.detection_columns import detection_columns
from scoring.formats.tokens import BAD, NUMBER, WNID
from scoring.images import Images
from tests.scoring import plain_twins
from tests.scoring.making import classes_of

IMAGES = Images(indices=np.array([1, 2, 5, 9]))
LOOKUP = ClassLookup.of(classes_of((1, 2, 4, 40)))

indices = st.sampled_from((1, 2, 5, 9, 1, 2, 5, 9, 0, 3, 10, -1, 1.5, -0.0, 1e300))
class_ids = st.sampled_from((1, 2, 4, 40, 1, 2, 4, 40, 0, 3, 41, -1, 2.5, 1e300))
wnids = st.sampled_from((8999, 8998, 8996, 8960, 1, 99_999_999))
confidences = st.one_of(
    st.sampled_from((0.0, -0.0, 1.0, 0.5, 0.5, 1.5, -1.0, 5e-324, -5e-324, 2.2e-308, 1e300)), st.floats(-2, 2)
)
corners = st.one_of(
    st.sampled_from((0.0, -0.0, 1.0, 1.0, 0.5, 3.0, 9.0, -2.0, 1e7, -1e7, 1.0000001e7, -2e7, 5e-324)),
    st.integers(0, 30),
)
kinds = st.sampled_from((NUMBER,) * 30 + (BAD, WNID))


@st.composite
def lines(draw: st.DrawFn) -> list[tuple[float, int]]:
    """The tokens of a line, as (value, kind)."""
    is_wnid = draw(st.integers(0, 4)) == 0
    label = (draw(wnids), WNID) if is_wnid else (draw(class_ids), NUMBER)
    line = [(draw(indices), NUMBER), label, (draw(confidences), NUMBER), *((draw(corners), NUMBER) for _ in range(4))]
    odd = draw(st.integers(0, 14))
    if odd < 7:
        line[odd] = (line[odd][0], draw(kinds))
    elif odd == 7:
        line = line[: draw(st.integers(0, 6))]
    elif odd == 8:
        line.append((1.0, NUMBER))
    return line


@given(st.lists(lines(), max_size=12))
def test_lines_become_the_same_columns_counts_and_faults(given_lines: list[list[tuple[float, int]]]) -> None:
    arguments = (
        np.array([value for line in given_lines for value, _ in line], dtype=np.float64),
        np.array([kind for line in given_lines for _, kind in line], dtype=np.uint8),
        np.cumsum([0, *map(len, given_lines)], dtype=np.int32),
    )
    tables = (IMAGES.position_of_index, LOOKUP.by_id, LOOKUP.by_wnid, LOOKUP.wnid_positions)
    names = ("image_positions", "class_positions", "wnids", "wnid_positions")
    found = detection_columns(*arguments, **dict(zip(names, tables, strict=True)))
    right = plain_twins.detection_columns(*arguments, *tables)
    for column, expected in zip(found, right, strict=True):
        twin = np.array(expected, dtype=column.dtype).reshape(column.shape)
        assert column.tolist() == twin.tolist()
        if column.dtype == np.float64:
            assert np.signbit(column).tolist() == np.signbit(twin).tolist()


def test_the_reader_and_its_twin_use_the_same_numbers_for_faults_and_places() -> None:
    for name in ("OK", "BLANK", "COLUMNS", "TOKEN", "IMAGE", "CLASS", "COORDINATE"):
        assert getattr(counts, name) == getattr(plain_twins, name)
    names = ("WNIDS", "IDS", "INVERTED", "ONE_PIXEL", "NEGATIVE", "NORMALISED", "UNUSUAL", "TINY")
    assert [getattr(counts, name) for name in names] == list(range(counts.COUNTS))
