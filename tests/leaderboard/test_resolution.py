"""What a round can resolve: textbook sizes, and that such differences are found as often as promised."""

from __future__ import annotations

import math

import pytest

from leaderboard.resolution import POWER, SIGNIFICANCE, resolvable_difference, resolvable_error_difference
from tests.simulations.coverage import power_at_resolvable_difference

Z_975, Z_80 = 1.959963985, 0.841621234


def test_the_usual_power_and_significance_are_meant() -> None:
    assert (POWER, SIGNIFICANCE) == (0.8, 0.05)


def test_a_difference_of_2_8_standard_errors_is_resolved() -> None:
    assert resolvable_difference(0.002) == pytest.approx(0.002 * (Z_975 + Z_80), rel=1e-8)
    assert resolvable_difference(1.0, power=0.5) == pytest.approx(Z_975, rel=1e-8)
    assert resolvable_difference(1.0, power=0.9, significance=0.01) == pytest.approx(2.575829 + 1.281552, rel=1e-6)


@pytest.mark.parametrize(("images", "discordance"), [(500, 0.1), (5000, 0.08), (100_000, 0.02), (200, 1.0)])
def test_so_many_images_are_needed_for_it(images: int, discordance: float) -> None:
    found = resolvable_error_difference(images, discordance)
    assert found is not None
    needed = (Z_975 * math.sqrt(discordance) + Z_80 * math.sqrt(discordance - found**2)) ** 2 / found**2
    assert needed == pytest.approx(images, rel=1e-7)


def test_other_powers_need_other_differences() -> None:
    assert resolvable_error_difference(100_000, 0.05) == pytest.approx(0.001981, abs=5e-7)
    stricter = resolvable_error_difference(100_000, 0.05, power=0.9, significance=0.01)
    assert stricter == pytest.approx(0.002728, abs=2e-6)
    # half of the time, which takes no quantile of the power
    assert resolvable_error_difference(4, 0.97, power=0.5) == pytest.approx(Z_975 * math.sqrt(0.97 / 4), rel=1e-7)


@pytest.mark.parametrize(("images", "discordance"), [(0, 0.5), (2, 1.0), (100, 0.0), (100, 0.01), (5, 0.1)])
def test_a_round_too_small_resolves_nothing(images: int, discordance: float) -> None:
    assert resolvable_error_difference(images, discordance) is None


def test_the_difference_may_be_the_whole_discordance() -> None:
    # d = D where n = (a + b sqrt(1 - D))^2 / D; a little more suffices, a little less does not
    discordance = 0.1
    needed = (Z_975 + Z_80 * math.sqrt(1 - discordance)) ** 2 / discordance
    assert resolvable_error_difference(math.ceil(needed), discordance) == pytest.approx(discordance, rel=0.02)
    assert resolvable_error_difference(math.floor(needed), discordance) is None


@pytest.mark.parametrize("discordance", [-0.1, 1.1])
def test_a_discordance_that_is_no_share_is_refused(discordance: float) -> None:
    with pytest.raises(ValueError, match=f"not {discordance}"):
        resolvable_error_difference(100, discordance)


def test_such_a_difference_is_found_in_four_of_five_rounds() -> None:
    # of 3,000 rounds 80 % are meant: a standard error of 0.7 %
    assert power_at_resolvable_difference(20_000, 0.05, pairs=3000, seed=1) == pytest.approx(0.8, abs=0.025)
