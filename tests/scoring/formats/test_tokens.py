"""Two tokenisers, one compiled, one in numpy: both give what float() gives, bit for bit, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from scoring.formats.tokens import (
    BAD,
    HAS_COMMAS,
    HAS_RUNS,
    HAS_TABS,
    NUMBER,
    WNID,
    Tokens,
    parse_token,
    token_text,
    tokenise,
    tokenise_plainly,
)
from scoring.formats.windows import SPARE_BYTES, Window
from tests.scoring import plain_twins
from tests.scoring.number_texts import ODD, tokens, windows_of_text

TOKENISERS = pytest.mark.parametrize("read", [tokenise, tokenise_plainly])


def window_of(text: bytes) -> Window:
    return Window(data=np.frombuffer(text + b"\n" * SPARE_BYTES, dtype=np.uint8), size=len(text))


def bits(values: list[float] | np.ndarray) -> list[int]:
    return np.asarray(values, dtype=np.float64).view(np.int64).tolist()


def as_lists(tokens: Tokens) -> tuple[list[int], list[int], list[int], list[int], int, int]:
    return (
        bits(tokens.values), tokens.kinds.tolist(), tokens.offsets.tolist(), tokens.line_starts.tolist(),
        tokens.longest_line, tokens.separators,
    )  # fmt: skip


@TOKENISERS
@settings(max_examples=2 * settings.default.max_examples)
@given(text=windows_of_text())
@example(text=b"\n")
@example(text=b" \r \n")
@example(text=b"\r 1\n")
@example(text=b"1 \r 2\n")
@example(text=b"1,\t2\n")
def test_tokens_are_those_of_the_plain_twin_bit_for_bit(read: object, text: bytes) -> None:
    values, kinds, offsets, line_starts, longest, seen = plain_twins.tokenise_window(text, len(text))
    assert callable(read)
    assert as_lists(read(window_of(text))) == (bits(values), kinds, offsets, line_starts, longest, seen)


@settings(max_examples=3 * settings.default.max_examples)
@given(st.lists(tokens, min_size=1, max_size=20))
def test_numbers_are_those_of_float_bit_for_bit(texts: list[str]) -> None:
    window = window_of((" ".join(texts) + "\n").encode())
    for found in (tokenise(window), tokenise_plainly(window)):
        for text, value, kind in zip(texts, found.values, found.kinds, strict=True):
            if kind == NUMBER:
                assert bits([value]) == bits([float(text)])
            else:
                assert (kind == WNID) == (text[0] == "n" and len(text) == 9 and text[1:].isdigit())


@pytest.mark.parametrize("text", ODD)
def test_odd_spellings_are_read_alike(text: str) -> None:
    window = window_of(f"7 {text} 8\n".encode())
    value, kind, _ = plain_twins.parse_any(text.encode() + b"\n", 0)
    assert as_lists(tokenise(window)) == as_lists(tokenise_plainly(window))
    assert bits(tokenise(window).values) == bits([7, value, 8])
    assert tokenise(window).kinds.tolist() == [NUMBER, kind, NUMBER]
    assert token_text(window, 2) == text


@pytest.mark.parametrize(
    ("text", "value", "kind"),
    [
        ("12.0", 12.0, NUMBER),
        ("1e3", 1000.0, NUMBER),
        ("-5E-1", -0.5, NUMBER),
        ("n02119789", 2119789.0, WNID),
        ("n0211978٣", 0.0, BAD),
        ("n0211978", 0.0, BAD),
        ("1_000", 0.0, BAD),
        ("٣", 0.0, BAD),
        ("nan", 0.0, BAD),
        ("1e400", 0.0, BAD),
        ("", 0.0, BAD),
        ("e.+", 0.0, BAD),
    ],
)
def test_a_token_is_a_number_a_wnid_or_bad(text: str, value: float, kind: int) -> None:
    assert parse_token(text) == (value, kind)


@TOKENISERS
@pytest.mark.parametrize(
    ("text", "separators"),
    [
        (b"1 2\n3 4\n", 0),
        (b"1 2\r\n3 4\r\n", 0),
        (b"1\t2\n", HAS_TABS),
        (b"1,2\n", HAS_COMMAS),
        (b"1, 2\n", HAS_COMMAS | HAS_RUNS),
        (b"1  2\n", HAS_RUNS),
        (b" 1\n", HAS_RUNS),
        (b"1\n 2\n", HAS_RUNS),
        (b"1\r\n 2\n", HAS_RUNS),
        (b"1 \n2\n", 0),
        (b"1 \r \n", HAS_RUNS),
        (b"\n\n", 0),
    ],
)
def test_separators_other_than_single_blanks_are_seen(read: object, text: bytes, separators: int) -> None:
    assert callable(read)
    assert read(window_of(text)).separators == separators


@TOKENISERS
def test_lines_know_their_tokens_and_the_longest_its_length(read: object) -> None:
    assert callable(read)
    found = read(window_of(b"1 2 3\n\n44 5555555\n6\n"))
    assert found.line_starts.tolist() == [0, 3, 3, 5, 6]
    assert found.counts.tolist() == [3, 0, 2, 1]
    assert found.offsets.tolist() == [0, 2, 4, 7, 10, 18]
    assert (found.line_count, found.longest_line) == (4, 10)


@TOKENISERS
@given(lines=st.lists(st.integers(0, 10**6), min_size=1, max_size=50), cut=st.integers(0, 49))
def test_a_window_in_the_middle_of_a_buffer_is_read_without_its_neighbours(
    read: object, lines: list[int], cut: int
) -> None:
    texts = [f"{number}\n".encode() for number in lines]
    whole = np.frombuffer(b"".join(texts) + b"9" * SPARE_BYTES, dtype=np.uint8)
    size = len(b"".join(texts[: cut + 1]))
    assert callable(read)
    assert read(Window(data=whole, size=size)).values.tolist() == lines[: cut + 1]


@pytest.mark.parametrize("text", [b"1.0 ", b"n02119789\n", b"1 x "])
def test_a_window_full_of_other_tokens_than_whole_numbers_is_read_alike(text: bytes) -> None:
    window = window_of(text * 20_001 + b"7\n")
    assert as_lists(tokenise_plainly(window)) == as_lists(tokenise(window))


def test_a_token_is_shown_as_it_stands_and_bytes_that_are_no_text_escaped() -> None:
    window = window_of("1 caf\u00e9,x".encode() + b" \xff\xfe\n")
    assert token_text(window, 2) == "café"
    assert token_text(window, 8) == "x"
    assert token_text(window, 10) == "\\xff\\xfe"


@pytest.mark.parametrize("length", [1, 63, 64, 65, 1024, 70_000])
@pytest.mark.parametrize("end", [b"\n", b" 2\n", b",2\n" + b"3\n" * 40])
def test_a_token_of_any_length_is_shown_whole(length: int, end: bytes) -> None:
    assert token_text(window_of(b"1 " + b"x" * length + end), 2) == "x" * length
