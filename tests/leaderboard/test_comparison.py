"""Entries side by side: what a comparison says, and what a board can tell apart."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from leaderboard.comparison import (
    RESAMPLES,
    SEED,
    compare_losses,
    compare_resampled,
    loss_statistics,
    paired_by,
    resampled_costs,
    resampled_statistics,
    resolvable_at_worst,
)
from leaderboard.loss_resamples import LossCells, resampled_mean_losses
from leaderboard.rank_intervals import RankInterval, rank_intervals
from leaderboard.resolution import resolvable_error_difference


def wrong(*counts: tuple[int, int, int]) -> np.ndarray:
    """(2, images) losses from (of the first, of the second, how many images)."""
    return np.repeat(np.array([pair[:2] for pair in counts], bool), [pair[2] for pair in counts], axis=0).T


@pytest.mark.parametrize(
    ("task", "metric", "way"),
    [
        ("cls", "top5_error", "losses"),
        ("scene", "top1_error", "losses"),
        ("cls-loc", "loc5_error", "losses"),
        ("cls-loc", "top5_error", "losses"),
        ("cls", "loc5_error", None),
        ("cls", "hierarchical5_error", "resamples"),
        ("cls", "hierarchical1_error_2011", "resamples"),
        ("cls", "mistake_severity", None),
        ("cls-loc", "hierarchical5_error", None),
        ("det", "mean_ap", "resamples"),
        ("vid", "mean_ap", "resamples"),
        ("det", "median_ap", None),
        ("det", "categories_won", None),
        ("coco-det", "ap", None),
    ],
)
def test_a_metric_says_how_two_entries_are_compared(task: str, metric: str, way: str | None) -> None:
    assert paired_by(task, metric) == way


def test_a_difference_is_real_where_one_is_right_alone_far_more_often() -> None:
    found = compare_losses(*wrong((0, 0, 900), (1, 1, 60), (1, 0, 10), (0, 1, 30)))
    assert found is not None and found.p is not None
    assert (found.images, found.first_alone, found.second_alone, found.both_wrong) == (1000, 10, 30, 60)
    assert found.difference == -0.02 and found.low < -0.02 < found.high < 0
    assert found.p < 0.05 and found.is_real


def test_a_difference_is_not_real_where_chance_makes_as_much_and_twins_do_not_differ() -> None:
    found = compare_losses(*wrong((0, 0, 90), (1, 0, 4), (0, 1, 6)))
    assert found is not None and not found.is_real and found.low < 0 < found.high
    twins = compare_losses(*wrong((0, 0, 90), (1, 1, 10)))
    assert twins is not None and not twins.is_real and (twins.p, twins.difference) == (1.0, 0.0)
    assert compare_losses(*np.zeros((2, 0), bool)) is None


@pytest.mark.parametrize(("gap", "is_real"), [(0.05, True), (-0.05, True), (0.005, False)])
def test_over_resamples_a_difference_is_real_where_its_interval_leaves_zero_out(gap: float, is_real: bool) -> None:
    resampled = np.random.default_rng(1).normal([0.5 + gap, 0.5], 0.01, (RESAMPLES, 2))
    found = compare_resampled(np.array([0.5 + gap, 0.5]), resampled, images=200)
    assert found is not None and found.is_real is is_real
    assert (found.images, found.p, found.first_alone) == (200, None, None)
    assert found.difference == pytest.approx(gap)
    assert compare_resampled(np.zeros(2), np.full((3, 2), np.nan), images=0) is None


def test_a_boards_ranks_come_from_shared_resamples_and_neighbours_tell_what_it_resolves() -> None:
    rng = np.random.default_rng(7)
    losses = rng.random((4, 2000)) < np.array([[0.1], [0.11], [0.3], [0.6]])
    found = loss_statistics(losses)
    assert found is not None
    resampled = resampled_mean_losses(LossCells.of(losses), count=RESAMPLES, seed=SEED)
    assert found.ranks == rank_intervals(losses.mean(axis=1), resampled, is_lower_better=True)
    assert found.ranks[2:] == (RankInterval(best=3, worst=3), RankInterval(best=4, worst=4))
    middle = np.median([(one != other).mean() for one, other in pairwise(losses)])
    assert found.resolvable == resolvable_error_difference(2000, float(middle))


def test_twins_share_all_ranks_and_say_nothing_of_what_is_resolved() -> None:
    found = loss_statistics(np.tile(np.arange(100) < 20, (2, 1)))
    assert found is not None
    assert set(found.ranks) == {RankInterval(best=1, worst=2)} and found.resolvable is None
    assert loss_statistics(np.zeros((2, 0), bool)) is None


def test_scores_over_resamples_have_ranks_where_enough_of_them_are_defined() -> None:
    scores = np.array([0.3, 0.7, 0.31])
    resampled = scores + np.random.default_rng(2).normal(0, 0.02, (RESAMPLES, 3))
    resampled[::10, 1] = np.nan
    found = resampled_statistics(scores, resampled, is_lower_better=False)
    assert found is not None and found.resolvable is not None
    assert found.ranks[1] == RankInterval(best=1, worst=1) and found.ranks[0] == RankInterval(best=2, worst=3)
    assert 2.5 * 0.02 < found.resolvable < 3.5 * 0.03  # 2.8 standard errors of a difference
    assert resampled_statistics(scores, resampled[:30], is_lower_better=False) is None


def test_where_less_is_better_the_least_leads() -> None:
    costs = np.random.default_rng(3).integers(0, 19, (3, 2000)).astype(float) * np.array([[1.0], [0.5], [0.98]])
    found = resampled_statistics(costs.mean(axis=1), resampled_costs(costs), is_lower_better=True)
    assert found is not None and found.resolvable is not None
    assert found.ranks == (
        RankInterval(best=2, worst=3), RankInterval(best=1, worst=1), RankInterval(best=2, worst=3)
    )  # fmt: skip


def test_before_any_entry_is_known_no_pair_of_errors_needs_more_than_half_the_images_to_disagree() -> None:
    assert resolvable_at_worst(50_000, "cls", "top5_error") == resolvable_error_difference(50_000, 0.5)
    assert resolvable_at_worst(50_000, "det", "mean_ap") is None
    assert resolvable_at_worst(0, "cls", "top5_error") is None
