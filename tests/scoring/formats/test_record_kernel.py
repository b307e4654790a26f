"""The compiled reader of records equals its plain twin, and never claims a value that float() does not give."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.formats import record_kernel as kernel
from scoring.formats.record_template import CODE, Template
from scoring.formats.windows import SPARE_BYTES, Window
from tests.scoring import number_texts
from tests.scoring import plain_twins_records as twins

PIECES = (b'{"a": ', b', "b": [', b", ", b'], "c": ', b"}")
LINES = (b"", b" ", b" ", b" ", b"\r\n")
RANKS = (2, 0, -1, 1)

numbers = st.one_of(
    number_texts.tokens,
    st.integers(0, 10**8).map(str),
    st.floats(0, 2000).map("{:.2f}".format),
    st.floats(0, 1).map("{:.6f}".format),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.sampled_from(("0", "-0", "-0.0", "01", "-01", "00", ".5", "5.", "1e", "1e+", "1e5", "0e0", "-", "", "1E-400",
                     "1e400", "12345678901234567890", "0.1234567890123456789012", "1e-", "1.e5", "+1", "NaN", "1_0")),
)  # fmt: skip
plain_numbers = st.one_of(
    st.integers(-99, 10**9).map(str), st.floats(-2e3, 2e3).map("{:.9f}".format), st.floats(0.001, 2e3).map(repr)
)


def template_of(pieces: tuple[bytes, ...], between: bytes) -> Template:
    template = Template.of(pieces, between=between, ranks=RANKS)
    assert template is not None
    return template


def record(pieces: tuple[bytes, ...], values: list[str]) -> bytes:
    return pieces[0] + b"".join(value.encode() + piece for value, piece in zip(values, pieces[1:], strict=True))


def read(template: Template, text: bytes, size: int) -> tuple[list[list[float]], list[list[int]], int] | None:
    """As the twin."""
    data = np.frombuffer(text + b"\n" * SPARE_BYTES, dtype=np.uint8)
    most = (size + 1) * template.width
    values, places = np.full(most, -1.0), np.zeros(most, np.int32)
    rows, longest = template.read(Window(data=data, size=size), values, places)
    if rows < 0:
        return None
    values, places = (cells[: rows * template.width].reshape(rows, -1)[:, :3] for cells in (values, places))
    return values.tolist(), places.tolist(), longest


@pytest.mark.parametrize(("pieces", "between"), [(PIECES, b", "), (PIECES, b",\n"), (LINES, b"")])
@settings(max_examples=2 * settings.default.max_examples)
@given(
    records=st.lists(st.lists(plain_numbers, min_size=4, max_size=4), min_size=1, max_size=6),
    odd=st.one_of(st.none(), numbers),
    place=st.tuples(st.integers(0, 5), st.integers(0, 3)),
    cut=st.integers(0, 60),
)
def test_records_are_those_of_the_plain_twin(
    pieces: tuple[bytes, ...], between: bytes, records: list[list[str]], odd: str | None, place: tuple[int, int],
    cut: int,
) -> None:  # fmt: skip
    if odd is not None:
        records[place[0] % len(records)][place[1]] = odd
    text = between.join(record(pieces, values) for values in records)
    ends = [end + 1 for end, byte in enumerate(text) if byte == pieces[-1][-1]]
    size = ends[max(0, len(ends) - 1 - cut // 40)]
    found, right = (
        read(template_of(pieces, between), text, size),
        twins.read_records(text, size, pieces, between, RANKS),
    )
    if found is not None:
        assert found == right
        assert right is not None and np.array(found[0]).tobytes() == np.array(right[0]).tobytes()
    elif right is not None:
        assert odd is not None and (len(odd) > 15 or "e" in odd.lower())


@pytest.mark.parametrize(
    "change",
    [b'{"a":1,', b'{"A": 1, "b": [2, 3], "c": 4}', b'{"a": 1, "b": [2, 3], "c": 4 }', b'{"a": 1, "b": [2, 3], "d": 4}',
     b'{"a": 1, "b": [2, 3]}', b'{"a": 1, "b": [2, 3], "c": "}"}', b"}", b""],
)  # fmt: skip
@pytest.mark.parametrize("others", [0, 1, 2, 7])
def test_a_window_with_a_record_that_is_spelled_otherwise_is_not_read(change: bytes, others: int) -> None:
    good = [record(PIECES, ["1", "2", "3", "4"])] * others
    for place in range(others + 1):
        text = b", ".join([*good[:place], change, *good[place:]])
        if text.endswith(b"}") and text != good:
            assert read(template_of(PIECES, b", "), text, len(text)) is None


def test_nothing_is_written_behind_the_room_however_many_bytes_look_like_ends() -> None:
    good = record(PIECES, ["1", "2", "3", "4"])
    others = (b", " + good) * 40
    template = template_of(PIECES, b", ")
    text = good + b"}" * (len(others) - len(good)) + others  # so that the second half starts with a good record
    data = np.frombuffer(text + b"\n" * SPARE_BYTES, dtype=np.uint8)
    window = Window(data=data, size=len(text))
    room = template.most_rows(window) * template.width
    values, places = np.full(50 * room, 7.0), np.full(50 * room, 7, np.int32)
    assert template.read(window, values, places)[0] == -1
    assert (values[room:] == 7).all()
    assert (places[room:] == 7).all()


def test_every_record_of_a_long_window_is_read_once() -> None:
    rows = [[str(k), str(k + 0.25), str(-k), f"{k / 7:.5f}"] for k in range(501)]
    for count in (1, 2, 3, 500, 501):
        text = b", ".join(record(PIECES, row) for row in rows[:count])
        found = read(template_of(PIECES, b", "), text, len(text))
        assert found is not None
        assert found[0] == [[float(b), float(c), float(a)] for a, b, _, c in rows[:count]]


def test_every_double_that_programs_write_is_read_at_once() -> None:
    rng = np.random.default_rng(7)
    rows = (rng.random((5_000, 4)) * rng.choice([1e-9, 1, 1, 1000], (5_000, 4))).tolist()
    text = b", ".join(record(PIECES, [repr(value) for value in row]) for row in rows)
    found = read(template_of(PIECES, b", "), text, len(text))
    assert found is not None
    assert found[0] == [[b, c, a] for a, b, _, c in rows]


@pytest.mark.parametrize(
    ("pieces", "between"),
    [
        ((b'{"a": ', b"}"), b'}, "b'),  # the end of a record would stand in what is between two
        ((b'{"}": ', b"}"), b","),
        ((b'{"' + b"a" * 40 + b'": ', b"}"), b","),
        ((b'{"a": ', b"}"), b"," + b" " * 40),
        ((b"[", b"", b"}"), b","),
    ],
)
def test_records_whose_ends_cannot_be_told_or_whose_keys_are_long_have_no_template(
    pieces: tuple[bytes, ...], between: bytes
) -> None:
    assert Template.of(pieces, between=between, ranks=range(len(pieces) - 1)) is None


# The compiled parts beside their twins


@given(st.binary(min_size=8, max_size=8))
def test_words_are_looked_at_byte_by_byte(raw: bytes) -> None:
    data = np.frombuffer(raw, np.uint8)
    word = int(kernel.word_at(data, np.uint64(0)))
    assert word == twins.word_at(data.tolist(), 0)
    less = word ^ 0x3030303030303030
    assert int(kernel.non_digits(np.uint64(less))) == twins.non_digits(less)


@given(st.integers(0, 99_999_999))
def test_eight_digits_are_one_number(value: int) -> None:
    word = twins.word_at(list(b"%08d" % value), 0) ^ 0x3030303030303030
    assert int(kernel.eight_digits(np.uint64(word))) == twins.eight_digits(word) == value


@given(numbers, st.sampled_from(" \t,\n}]"), st.sampled_from(" \t,\n}]"))
def test_a_number_is_read_up_to_its_end_or_given_up(text: str, end: str, due: str) -> None:
    data = np.frombuffer(text.encode() + end.encode() + b"\n" * SPARE_BYTES, np.uint8)
    right, behind = twins.number(data, 0, ord(due))
    for read_number in (kernel.number, kernel.long_number):
        value, place = read_number(data, np.uint64(0), ord(due))
        if place:
            assert (np.float64(value).tobytes(), place) == (np.float64(right).tobytes(), behind)


@pytest.mark.parametrize("times", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("form", ["{}", "0.{}", "{}.0", "{}000", "1.{}", "{}e-20", "-{}"])
def test_digits_that_overflow_to_nothing_are_not_taken_for_nothing(times: int, form: str) -> None:
    data = np.frombuffer(form.format(times * 2**64).encode() + b" " + b"\n" * SPARE_BYTES, np.uint8)
    for read_number in (kernel.number, kernel.long_number):
        assert read_number(data, np.uint64(0), ord(" "))[1] == 0


def test_every_compiled_function_has_a_plain_twin() -> None:
    compiled = {name for name, value in vars(kernel).items() if getattr(value, "__module__", "") == kernel.__name__}
    assert set(CODE.signatures) <= compiled
    assert len(compiled) >= 8
    assert {name for name in compiled if not callable(getattr(twins, name, None))} == set()
