"""The compiled reader of JSON records equals its plain twin, and never claims a value that float() does not give."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.formats import json_kernel as kernel
from scoring.formats.tokens import HARD, NUMBER
from scoring.formats.windows import SPARE_BYTES
from tests.scoring import number_texts, plain_twins_json

PIECES = (b", ", b'{"a": ', b', "b": [', b", ", b'], "c": ', b"}")
STARTS = np.cumsum([0, *map(len, PIECES)])
RANKS = np.array([2, 0, -1, 1])

numbers = st.one_of(
    number_texts.tokens,
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.integers(-(10**6), 10**6).map(str),
    st.sampled_from(("0", "-0", "-0.0", "01", "-01", ".5", "5.", "1e", "1e+", "1e5", "0e0", "-", "", "1E-400", "1e400",
                     "12345678901234567890", "0.1234567890123456789012", "1e-", "1.e5", "+1", "NaN", "1_0")),
)  # fmt: skip


def record(values: list[str]) -> bytes:
    one, *others = PIECES[1:]
    return one + b"".join(value.encode() + piece for value, piece in zip(values, others, strict=True))


def read(text: bytes, size: int, most: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
    data = np.frombuffer(text + b"\n" * SPARE_BYTES, dtype=np.uint8)
    pieces = np.frombuffer(b"".join(PIECES), dtype=np.uint8)
    values, kinds, offsets, taken = kernel.alike_records(data, size, pieces, STARTS, RANKS, 3, most)
    return values, kinds, offsets, taken


@settings(max_examples=3 * settings.default.max_examples)
@given(
    records=st.lists(st.lists(numbers, min_size=4, max_size=4), max_size=5),
    most=st.integers(0, 6), cut=st.integers(0, 40), is_cut=st.booleans(),
)  # fmt: skip
def test_records_are_those_of_the_plain_twin(records: list[list[str]], most: int, cut: int, is_cut: bool) -> None:
    text = b", ".join(map(record, records))
    size = max(0, len(text) - cut) if is_cut else len(text)
    values, kinds, offsets, taken = read(text, size, most)
    texts, right_offsets, right_taken = plain_twins_json.alike_records(
        text, size, b"".join(PIECES), STARTS.tolist(), RANKS.tolist(), 3, most
    )
    assert (taken, offsets.tolist()) == (right_taken, right_offsets)
    for value, kind, number in zip(values.tolist(), kinds.tolist(), texts, strict=True):
        assert kind in {NUMBER, HARD}
        if kind == NUMBER:
            assert np.float64(value).tobytes() == np.float64(float(number)).tobytes()
        else:
            assert len(number) > 15 or b"e" in number.lower()


@pytest.mark.parametrize("change", [b'{"a":1,', b'{"A": 1, "b": [2, 3], "c": 4}', b'{"a": 1, "b": [2, 3], "c": 4 }'])
def test_it_stops_before_the_first_record_that_is_spelled_otherwise(change: bytes) -> None:
    good = record(["1", "2", "3", "4"])
    values, _, offsets, taken = read(good + b", " + good + b", " + change, 1000, 10)
    assert values.tolist() == [2, 4, 1] * 2
    assert taken == 2 * len(good) + 2
    assert offsets[3] == len(good) + 2 + len(b'{"a": 1, "b": [')


def test_nearly_every_decimal_that_programs_write_is_read_at_once() -> None:
    rng = np.random.default_rng(7)
    text = b", ".join(record([repr(value) for value in row]) for row in rng.random((5_000, 4)).tolist())
    _, kinds, _, taken = read(text, len(text), 5_000)
    assert taken == len(text)
    assert (kinds == NUMBER).mean() > 0.999


def test_every_compiled_function_has_a_plain_twin() -> None:
    compiled = {name for name, value in vars(kernel).items() if hasattr(value, "py_func")}
    assert "alike_records" in compiled
    assert [name for name in compiled - {"scaled"} if not callable(getattr(plain_twins_json, name, None))] == []
