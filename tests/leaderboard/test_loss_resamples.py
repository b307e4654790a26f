"""Resampled losses of many entries: cells of like images, and what is drawn of them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leaderboard.loss_resamples import LossCells, resampled_mean_losses
from leaderboard.significance import Discordance


@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.booleans()), min_size=1, max_size=40))
def test_images_that_all_entries_fare_alike_on_share_a_cell(images: list[tuple[bool, bool, bool]]) -> None:
    cells = LossCells.of(np.array(images).T)
    found = {tuple(losses): count for losses, count in zip(cells.losses.tolist(), cells.images.tolist(), strict=True)}
    assert found == {losses: images.count(losses) for losses in set(images)}
    assert len(cells.losses) == len(set(images))


def test_losses_need_not_be_0_or_1() -> None:
    cells = LossCells.of(np.array([[0.5, 2.0, 0.5, 0.5], [1.0, 0.0, 1.0, 3.0]]))
    found = sorted(zip(map(tuple, cells.losses.tolist()), cells.images.tolist(), strict=True))
    assert found == [((0.5, 1.0), 2), ((0.5, 3.0), 1), ((2.0, 0.0), 1)]


def test_resampled_means_lie_around_the_mean_with_the_paired_standard_error() -> None:
    losses = np.random.default_rng(1).random((3, 400)) < np.array([[0.1], [0.3], [0.3]])
    resampled = resampled_mean_losses(LossCells.of(losses), count=20_000, seed=2)
    assert resampled.shape == (20_000, 3)
    # standard errors of about 0.02 / sqrt(20,000), and of a standard deviation 1 / sqrt(40,000) of it
    assert resampled.mean(axis=0) == pytest.approx(losses.mean(axis=1), abs=8e-4)
    assert resampled.std(axis=0) == pytest.approx(losses.std(axis=1) / 20, rel=0.02)
    pair = Discordance.of(losses[0], losses[1])
    difference = pair.difference
    assert difference is not None
    variance = ((pair.first_alone + pair.second_alone) / 400 - difference**2) / 400
    assert (resampled[:, 0] - resampled[:, 1]).std() == pytest.approx(variance**0.5, rel=0.02)


def test_every_resample_holds_as_many_images_as_there_are() -> None:
    resampled = resampled_mean_losses(
        LossCells.of(np.array([[True, False, False], [False, True, True]])), count=130, seed=1
    )
    assert resampled.sum(axis=1) == pytest.approx(np.ones(130), abs=1e-15)
    assert set((resampled * 3).round(9).ravel().tolist()) == {0.0, 1.0, 2.0, 3.0}


def test_resamples_follow_from_the_seed_alone() -> None:
    cells = LossCells.of(np.random.default_rng(1).random((2, 50)) < 0.3)
    first = resampled_mean_losses(cells, count=100, seed=1)
    assert (first == resampled_mean_losses(cells, count=100, seed=1)).all()
    assert (first != resampled_mean_losses(cells, count=100, seed=2)).any()
    # the first do not depend on how many are asked for, and no block repeats another
    assert (first[:64] == resampled_mean_losses(cells, count=64, seed=1)).all()
    assert (first == resampled_mean_losses(cells, count=200, seed=1)[:100]).all()
    assert (first[64:] != first[:36]).any()


def test_equal_entries_are_equal_in_every_resample() -> None:
    losses = np.random.default_rng(1).random(80) < 0.3
    resampled = resampled_mean_losses(LossCells.of(np.stack([losses, losses])), count=10, seed=1)
    assert (resampled[:, 0] == resampled[:, 1]).all()
