"""Rank intervals: beside a literal step-down, on boards made by hand, and on boards with exact ties."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leaderboard.intervals import student_deviation
from leaderboard.rank_intervals import RankInterval, rank_intervals, significantly_better
from tests.simulations.coverage import ap_board_misses, loss_board_misses

Floats = npt.NDArray[np.float64]


def normal_resamples(scores: Floats, *, spread: float, count: int = 999, seed: int = 1) -> Floats:
    return scores + np.random.default_rng(seed).normal(0, spread, (count, len(scores)))


def literal_pairs(scores: list[float], resampled: list[list[float]], level: float) -> set[tuple[int, int]]:
    """(better, worse) of all pairs that the step-down settles; high scores are good; no error is zero."""
    from scipy import stats  # here: it takes seconds to load, which every process of the suite would pay

    count, entries = len(resampled), len(scores)
    errors, centred = {}, {}
    for i in range(entries):
        for j in range(entries):
            if i != j:
                gaps = [row[i] - row[j] for row in resampled]
                mean = sum(gaps) / count
                errors[i, j] = math.sqrt(sum((gap - mean) ** 2 for gap in gaps) / (count - 1))
                centred[i, j] = [(gap - mean) / errors[i, j] for gap in gaps]
    settled: set[tuple[int, int]] = set()
    while True:
        still_open = [pair for pair in errors if pair not in settled]
        largest = sorted(max([0.0, *(centred[pair][r] for pair in still_open)]) for r in range(count))
        limit = stats.t.ppf(stats.norm.cdf(largest[math.ceil(level * (count + 1)) - 1]), 40)
        new = {(i, j) for i, j in still_open if (scores[i] - scores[j]) / errors[i, j] > limit}
        if not new:
            return settled
        settled |= new


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(0, 8), min_size=2, max_size=5), st.integers(0, 1000), st.sampled_from((0.5, 0.9, 0.95)))
def test_pairs_are_settled_as_in_a_literal_step_down(scores: list[float], seed: int, level: float) -> None:
    resampled = normal_resamples(np.array(scores), spread=1.0, count=39, seed=seed) + 0.5  # a shift that all share
    expected = literal_pairs(scores, resampled.tolist(), level)
    for sign in (1, -1):
        better = significantly_better(sign * np.array(scores), sign * resampled, is_lower_better=sign < 0, level=level)
        assert set(zip(*(places.tolist() for places in np.nonzero(better)), strict=True)) == expected


@pytest.mark.parametrize("resamples", [0, 999])
def test_an_empty_board_has_no_ranks(resamples: int) -> None:
    assert rank_intervals(np.zeros(0), np.zeros((resamples, 0)), is_lower_better=True) == ()
    assert significantly_better(np.zeros(0), np.zeros((resamples, 0)), is_lower_better=False).shape == (0, 0)


def test_entries_far_apart_have_one_rank_each() -> None:
    scores = np.array([0.3, 0.1, 0.2])
    resampled = normal_resamples(scores, spread=0.001)
    assert rank_intervals(scores, resampled, is_lower_better=True) == (
        RankInterval(best=3, worst=3), RankInterval(best=1, worst=1), RankInterval(best=2, worst=2),
    )  # fmt: skip
    assert rank_intervals(scores, resampled, is_lower_better=False) == (
        RankInterval(best=1, worst=1), RankInterval(best=3, worst=3), RankInterval(best=2, worst=2),
    )  # fmt: skip


def test_entries_that_cannot_be_told_apart_share_their_ranks() -> None:
    scores = np.array([0.1, 0.1002, 0.3, 0.3001, 0.3002])
    found = rank_intervals(scores, normal_resamples(scores, spread=0.001), is_lower_better=True)
    assert found == (RankInterval(best=1, worst=2),) * 2 + (RankInterval(best=3, worst=5),) * 3


def test_what_is_settled_makes_room_for_the_rest() -> None:
    # Of 4 entries, the largest of 6 differences reaches 2.7 errors by chance. Those of the far two are settled, and
    # leave the first two a limit lower than that.
    noise = np.random.default_rng(3).normal(0, 1, (4999, 4))
    largest = np.max([np.abs(noise[:, i] - noise[:, j]) for i in range(4) for j in range(i)], axis=0) / 2**0.5
    single_step = student_deviation(float(np.quantile(largest, 0.95)))
    scores = np.array([0.0, (single_step - 0.04) * 2**0.5, 1000.0, 2000.0])
    better = significantly_better(scores, noise, is_lower_better=True)
    assert better.tolist() == [
        [False, True, True, True], [False, False, True, True], [False, False, False, True], [False] * 4,
    ]  # fmt: skip
    close = np.array([0.0, (single_step - 0.04) * 2**0.5, 0.1, 0.1])
    assert not significantly_better(close, noise, is_lower_better=True).any()


def test_equal_entries_never_differ_though_nothing_varies_between_them() -> None:
    one = normal_resamples(np.array([0.5]), spread=0.1)
    resampled = np.concatenate([one, one, one + 0.25], axis=1)
    found = rank_intervals(np.array([0.5, 0.5, 0.75]), resampled, is_lower_better=False)
    # the third is better by the same in every resample
    assert found == (RankInterval(best=2, worst=3), RankInterval(best=2, worst=3), RankInterval(best=1, worst=1))


def test_a_difference_that_never_varies_is_settled_whatever_varies_elsewhere() -> None:
    noise = np.round(normal_resamples(np.zeros(2), spread=0.1, count=1024) * 1024) / 1024  # sums of these are exact
    resampled = np.stack([noise[:, 0], noise[:, 0] + 0.25, noise[:, 1]], axis=1)
    better = significantly_better(np.array([0.0, 0.25, 0.1]), resampled, is_lower_better=False)
    assert better.tolist() == [[False, False, False], [True, False, False], [False, False, False]]


@pytest.mark.parametrize(("count", "level"), [(19, 0.95), (19, 0.05), (4999, 0.5)])
def test_a_difference_is_settled_from_students_limit_on(count: int, level: float) -> None:
    resampled = normal_resamples(np.zeros(2), spread=1.0, count=count)
    gaps = resampled[:, 0] - resampled[:, 1]
    error = gaps.std(ddof=1)
    by_chance = np.sort(np.abs(gaps - gaps.mean()))[math.ceil(level * (count + 1)) - 1] / error
    limit = student_deviation(float(by_chance)) * error
    for gap, is_settled in ((limit * (1 + 1e-9), True), (limit * (1 - 1e-9), False)):
        better = significantly_better(np.array([gap, 0.0]), resampled, is_lower_better=False, level=level)
        assert better.tolist() == [[False, is_settled], [False, False]]


@pytest.mark.parametrize("level", [0.0, 1.0])
def test_a_level_that_cannot_be_is_refused(level: float) -> None:
    with pytest.raises(ValueError, match=f"too few for a level of {level}"):
        rank_intervals(np.zeros(2), normal_resamples(np.zeros(2), spread=1.0), is_lower_better=True, level=level)


def test_one_entry_is_first_and_last() -> None:
    scores = np.array([0.5])
    assert rank_intervals(scores, normal_resamples(scores, spread=0.1), is_lower_better=True) == (
        RankInterval(best=1, worst=1),
    )


def test_resamples_in_which_a_score_is_undefined_are_left_out() -> None:
    scores = np.array([0.1, 0.2])
    resampled = normal_resamples(scores, spread=0.03, count=500)
    holed = np.concatenate([resampled, np.full((20, 2), math.nan), [[math.nan, 0.0], [0.0, math.nan]]])
    assert rank_intervals(scores, holed, is_lower_better=True) == rank_intervals(
        scores, resampled, is_lower_better=True
    )


@pytest.mark.parametrize(("level", "least"), [(0.95, 19), (0.999, 999)])
def test_too_few_resamples_for_the_level_are_refused(level: float, least: int) -> None:
    scores = np.array([0.0, 9.0])
    resampled = normal_resamples(scores, spread=0.1, count=least)
    assert rank_intervals(scores, resampled, is_lower_better=True, level=level)[0] == RankInterval(best=1, worst=1)
    with pytest.raises(ValueError, match=f"{least - 1} defined resamples are too few for a level of {level}"):
        rank_intervals(scores, resampled[1:], is_lower_better=True, level=level)


def test_a_higher_level_settles_less() -> None:
    scores = np.linspace(0, 1, 12)
    resampled = normal_resamples(scores, spread=0.08)
    settled = [
        int(significantly_better(scores, resampled, is_lower_better=True, level=level).sum())
        for level in (0.5, 0.95, 0.999)
    ]
    assert settled == sorted(settled, reverse=True)
    assert settled[0] > settled[1] > settled[2]


def test_rank_intervals_hold_the_ranks_of_boards_with_ties() -> None:
    found = loss_board_misses([0.1] * 3 + [0.14] * 3, 500, likeness=0.7, boards=100, seed=4)
    # of 100 boards at most 5 are meant to miss; 12 and more come by chance four times in a thousand
    assert found.misses <= 0.11
    assert 3 <= found.ranks <= 6


def test_rank_intervals_hold_the_ranks_of_equal_detectors() -> None:
    found = ap_board_misses(3, 150, entries=5, boards=40, seed=4)
    assert found.misses <= 0.15
    assert found.ranks >= 4.8
