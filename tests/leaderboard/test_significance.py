"""Comparing a chosen pair: McNemar's mid-p beside a literal sum, and paired intervals."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leaderboard.intervals import Interval
from leaderboard.significance import (
    Discordance,
    difference_interval,
    mcnemar_mid_p,
    resampled_difference_interval,
)
from tests.simulations.coverage import ap_pairs_called_different, pair_misses


def pair_of(first_alone: int, second_alone: int, images: int = 1000) -> Discordance:
    return Discordance(images=images, first_alone=first_alone, second_alone=second_alone)


def test_images_that_one_alone_has_wrong_are_counted() -> None:
    first = np.array([True, True, True, False, False, False])
    second = np.array([True, False, False, True, False, False])
    pair = Discordance.of(first, second)
    assert pair == pair_of(2, 1, images=6)
    assert pair.difference == pytest.approx(1 / 6, rel=1e-15)
    assert Discordance.of(first[:0], second[:0]).difference is None


def literal_mid_p(first_alone: int, second_alone: int) -> Fraction:
    """Tables less likely than the one seen count whole, those as likely as it by half."""
    total = first_alone + second_alone
    seen = abs(first_alone - second_alone)
    chance = Fraction(0)
    for k in range(total + 1):
        weight = Fraction(math.comb(total, k), 2**total)
        distance = abs(2 * k - total)
        chance += weight if distance > seen else weight / 2 if distance == seen else 0
    return chance if seen else Fraction(1)


@given(st.integers(0, 40), st.integers(0, 40))
def test_mid_p_is_the_sum_over_tables(first_alone: int, second_alone: int) -> None:
    found = mcnemar_mid_p(pair_of(first_alone, second_alone))
    assert found == pytest.approx(float(literal_mid_p(first_alone, second_alone)), rel=1e-10)
    assert found == mcnemar_mid_p(pair_of(second_alone, first_alone))
    assert 0 < found <= 1


def test_mid_p_of_textbook_tables() -> None:
    # 7 throws: 1/128 + 7/128 above, less half of 7/128, twice
    assert mcnemar_mid_p(pair_of(1, 6)) == pytest.approx(9 / 128, rel=1e-12)
    # Fagerland, Lydersen and Laake (2013), table 1, airway hyper-responsiveness: 1 and 7 discordant pairs of 21
    assert mcnemar_mid_p(pair_of(1, 7, images=21)) == pytest.approx(0.0391, abs=5e-5)
    assert mcnemar_mid_p(pair_of(0, 0)) == 1
    assert mcnemar_mid_p(pair_of(1, 0)) == 0.5
    assert mcnemar_mid_p(pair_of(3, 3)) == 1


def test_mid_p_of_many_images_is_near_the_normal_one() -> None:
    # z = 400 / sqrt(20,400)
    assert mcnemar_mid_p(pair_of(10_000, 10_400, images=100_000)) == pytest.approx(
        math.erfc(2.80056 / 2**0.5), rel=1e-3
    )


@pytest.mark.parametrize(("level", "quantile"), [(0.95, 1.959963985), (0.999, 3.290526731)])
def test_a_difference_interval_is_that_of_the_paired_standard_error(level: float, quantile: float) -> None:
    found = difference_interval(pair_of(2600, 2000, images=100_000), level=level)
    # 2601 and 2001 images of 100,002
    centre, reach = 600 / 100_002, quantile * math.sqrt((4602 / 100_002 - (600 / 100_002) ** 2) / 100_002)
    assert found is not None
    assert (found.low, found.high) == pytest.approx((centre - reach, centre + reach), abs=1e-11)
    assert found.level == level


def test_no_discordant_image_leaves_room_for_a_difference() -> None:
    # as if each had one: 1.95996 sqrt(2 / 102) / sqrt(102)
    found = difference_interval(pair_of(0, 0, images=100), level=0.95)
    assert found == Interval(
        low=pytest.approx(-0.0271746, abs=1e-7), high=pytest.approx(0.0271746, abs=1e-7), level=0.95
    )


def test_a_difference_interval_turns_with_the_pair() -> None:
    one, turned = (difference_interval(pair, level=0.95) for pair in (pair_of(40, 20), pair_of(20, 40)))
    assert one is not None
    # 20 / 1002, and 1.95996 sqrt((62 - 400 / 1002) / 1002^2)
    assert (one.low, one.high) == (pytest.approx(0.0046078, abs=1e-6), pytest.approx(0.0353124, abs=1e-6))
    assert turned == Interval(low=-one.high, high=-one.low, level=0.95)


def test_a_difference_interval_stays_inside_what_differences_can_be() -> None:
    for pair, ends in ((pair_of(2, 0, images=2), (None, 1.0)), (pair_of(0, 2, images=2), (-1.0, None))):
        found = difference_interval(pair, level=0.999)
        assert found is not None
        assert found.low == ends[0] or ends[0] is None
        assert found.high == ends[1] or ends[1] is None


@pytest.mark.parametrize("level", [0.0, 1.0])
def test_a_level_that_cannot_be_is_refused(level: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        difference_interval(pair_of(1, 2), level=level)


def test_without_images_there_is_no_difference() -> None:
    assert difference_interval(pair_of(0, 0, images=0), level=0.95) is None


def test_a_difference_over_shared_resamples_loses_what_both_share() -> None:
    shared = np.linspace(0, 1, 101)
    gap = np.linspace(0.1, 0.2, 101)[::-1]
    found = resampled_difference_interval(shared + gap, shared, level=0.9)
    assert found is not None
    assert (found.low, found.high) == (pytest.approx(0.105, abs=1e-12), pytest.approx(0.195, abs=1e-12))
    undefined = np.full(3, math.nan)
    assert resampled_difference_interval(undefined, undefined, level=0.95) is None


def test_of_equal_entries_few_are_called_different() -> None:
    found = pair_misses((0.1, 0.1), 400, likeness=0.7, pairs=600, seed=5)
    # of 600 pairs 30 are meant to be; 45 and more come by chance three times in a thousand
    assert 15 / 600 <= found.called_different <= 44 / 600
    assert found.misses[0.95] <= 44 / 600
    assert found.misses[0.999] <= 5 / 600
    assert found.discordance == pytest.approx(0.09, abs=0.03)


def test_of_different_entries_many_are_called_different() -> None:
    found = pair_misses((0.1, 0.16), 400, likeness=0.7, pairs=200, seed=5)
    assert found.called_different > 0.6
    assert found.misses[0.95] <= 0.09


def test_of_equal_detectors_few_are_called_different() -> None:
    assert ap_pairs_called_different(3, 150, pairs=100, seed=5) <= 11 / 100
