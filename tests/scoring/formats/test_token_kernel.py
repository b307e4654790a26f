"""The compiled functions of the tokeniser, each beside its plain twin."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from scoring.formats import token_kernel as kernel
from scoring.formats.tokens import HARD, NUMBER
from tests.scoring import plain_twins
from tests.scoring.number_texts import nearly_halfway, raw_tokens


def bits(value: float) -> int:
    return int(np.float64(value).view(np.int64))


def bytes_of(text: bytes) -> np.ndarray:
    return np.frombuffer(text + b"\n" * 64, dtype=np.uint8)


@settings(max_examples=3 * settings.default.max_examples)
@given(st.one_of(st.integers(0, 10**19 - 1), st.integers(0, 2**53 + 10)), st.integers(-40, 210))
@example(2**53, 22)
@example(2**53 + 1, 0)
@example(10**19 - 1, 200)
@example(10**19 - 1, 0)
@example(18446744073709549568 // 2, 1)
def test_what_the_kernel_proves_is_the_nearest_double(digits: int, places: int) -> None:
    value, is_proved = kernel.scaled(np.uint64(digits), places)
    if is_proved:
        assert bits(value) == bits(plain_twins.scaled(digits, places))


def test_decimals_that_all_but_hit_the_middle_between_two_doubles_are_right_or_left_to_float() -> None:
    hardest = [
        (digits, places)
        for places in range(kernel.MOST_PLACES + 1)
        for shift in range(1, 9)
        for digits in nearly_halfway(places, shift=shift)
    ]
    assert len(hardest) > 5000
    for digits, places in hardest:
        value, is_proved = kernel.scaled(np.uint64(digits), places)
        if is_proved:
            assert bits(value) == bits(float(f"{digits}e-{places}"))


@given(st.integers(0, 2**53), st.integers(0, 22))
def test_decimals_of_fifteen_digits_are_always_proved(digits: int, places: int) -> None:
    assert kernel.scaled(np.uint64(digits), places)[1]


@settings(max_examples=3 * settings.default.max_examples)
@given(st.floats(1e-140, 1e140), st.floats(1e-140, 1e140))
def test_the_error_of_a_product_is_exact(a: float, b: float) -> None:
    assume(1e-200 < a * b < 1e200)
    assert kernel.split_product_error(a, b, a * b) == plain_twins.split_product_error(a, b, a * b)


@pytest.mark.parametrize("byte", range(256))
def test_five_bytes_separate_tokens(byte: int) -> None:
    assert kernel.is_separator(byte) == plain_twins.is_separator(byte)


@settings(max_examples=3 * settings.default.max_examples)
@given(raw_tokens, raw_tokens)
def test_any_token_is_parsed_as_its_twin_parses_it_or_left_to_float(before: bytes, token: bytes) -> None:
    data = bytes_of(before + b" " + token)
    value, kind, end = kernel.parse_any(data, len(before) + 1)
    right_value, right_kind, right_end = plain_twins.parse_any(data.tolist(), len(before) + 1)
    assert end == right_end
    if kind != HARD:
        assert (bits(value), kind) == (bits(right_value), right_kind)


def test_the_numbers_of_real_files_are_settled_by_the_kernel() -> None:
    generator = np.random.default_rng(3)
    numbers = np.concatenate([generator.uniform(0, 1, 3000), generator.uniform(0, 2000, 3000)])
    for form in ("{:.6g}", "{:.2f}", "{:.6f}", "{:.9f}", "{!r}", "{:.17g}"):
        text = " ".join(map(form.format, numbers.tolist())).encode() + b"\n"
        _, kinds, *_ = kernel.tokenise_window(bytes_of(text), len(text))
        assert (kinds == NUMBER).mean() > 0.999
