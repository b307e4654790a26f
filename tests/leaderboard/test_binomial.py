"""Binomial tails beside sums of exact fractions."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leaderboard.binomial import log_odds_of_tail, upper_tail


def literal_tail(least: int, trials: int, chance: Fraction) -> Fraction:
    return sum(
        (math.comb(trials, k) * chance**k * (1 - chance) ** (trials - k) for k in range(max(0, least), trials + 1)),
        start=Fraction(0),
    )


@given(st.integers(0, 60), st.integers(-1, 61), st.sampled_from((1, 2, 8, 32, 60, 63)))
def test_a_tail_is_the_sum_of_its_terms(trials: int, least: int, of_64: int) -> None:
    chance = Fraction(of_64, 64)
    found = upper_tail(least, trials, log_odds=math.log(of_64 / (64 - of_64)))
    assert found == pytest.approx(float(literal_tail(least, trials, chance)), rel=1e-10, abs=1e-14)


def test_a_small_tail_is_right_to_many_digits() -> None:
    # heads in 200 throws, 150 and more
    assert upper_tail(150, 200) == pytest.approx(float(literal_tail(150, 200, Fraction(1, 2))), rel=1e-11, abs=0)


def test_large_numbers_keep_the_symmetry_of_heads_and_tails() -> None:
    assert upper_tail(50_001, 100_000) + upper_tail(50_000, 100_000) == pytest.approx(1, abs=1e-9)
    assert upper_tail(75_000, 150_001) == pytest.approx(0.5 + 1 / math.sqrt(2 * math.pi * 150_001 / 4), abs=1e-5)


@given(st.integers(1, 80), st.data(), st.sampled_from((0.25, 0.025, 0.0005)))
def test_log_odds_are_those_that_give_the_tail(trials: int, data: st.DataObject, probability: float) -> None:
    least = data.draw(st.integers(1, trials))
    found = log_odds_of_tail(least, trials, probability)
    assert upper_tail(least, trials, log_odds=found) == pytest.approx(probability, rel=1e-9)


def test_log_odds_of_all_successes_are_a_root() -> None:
    # p^20 = 0.025
    chance = 0.025 ** (1 / 20)
    assert log_odds_of_tail(20, 20, 0.025) == pytest.approx(math.log(chance / (1 - chance)), rel=1e-12)
