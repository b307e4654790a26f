"""Entries side by side: whether two of them differ, and what a whole board can tell apart."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Literal

import numpy as np
import numpy.typing as npt

from leaderboard.image_costs import has_image_costs
from leaderboard.loss_resamples import LossCells, resampled_mean_losses
from leaderboard.rank_intervals import RankInterval, rank_intervals
from leaderboard.resolution import SIGNIFICANCE, resolvable_difference, resolvable_error_difference
from leaderboard.significance import (
    Discordance,
    difference_interval,
    mcnemar_mid_p,
    resampled_difference_interval,
)

LEVEL = 1 - SIGNIFICANCE

RESAMPLES = 1000
SEED = 2012  # the same resamples for every pair of a round

# The tasks whose outcomes say of each image whether it is wrong, or let mean AP be computed over resamples.
_LOSSES = {"cls": "top", "scene": "top", "cls-loc": "top|loc"}
_PRECISION = frozenset({"det", "vid"})

Losses = npt.NDArray[np.bool_]  # (entries, images) what each entry has wrong
Scores = npt.NDArray[np.float64]


def paired_by(task: str, metric: str) -> Literal["losses", "resamples"] | None:
    """How two entries of a task are compared by a metric: image by image, over resamples, or not at all."""
    if task in _LOSSES and re.fullmatch(rf"({_LOSSES[task]})[1-5]_error", metric):
        return "losses"
    is_resampled = (task in _PRECISION and metric == "mean_ap") or (task == "cls" and has_image_costs(metric))
    return "resamples" if is_resampled else None


def resampled_costs(costs: Scores) -> Scores:
    """(RESAMPLES, entries) mean costs, all entries on the same resamples of the images.

    Args:
        costs: (entries, images) of at least one image.
    """
    return resampled_mean_losses(LossCells.of(costs), count=RESAMPLES, seed=SEED)


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """Two entries on the same images. Sums over all of them; nothing of any single image."""

    images: int
    difference: float  # of the scores, first less second
    low: float  # of its interval at LEVEL
    high: float
    p: float | None  # McNemar's mid-p; None where resamples decide
    is_real: bool  # whether chance alone would hardly make such a difference
    first_alone: int | None = None  # images that only the first has wrong; None where images are not right or wrong
    second_alone: int | None = None
    both_wrong: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class BoardStatistics:
    """What the images of a round can tell of its entries."""

    ranks: tuple[RankInterval, ...]
    resolvable: float | None  # the difference between two such entries that is found four times in five


def compare_losses(first: npt.NDArray[np.bool_], second: npt.NDArray[np.bool_]) -> Comparison | None:
    """Compare what two entries have wrong, image by image; None without images."""
    pair = Discordance.of(first, second)
    interval = difference_interval(pair, level=LEVEL)
    if interval is None or pair.difference is None:
        return None
    p = mcnemar_mid_p(pair)
    return Comparison(
        images=pair.images,
        difference=pair.difference,
        low=interval.low,
        high=interval.high,
        p=p,
        is_real=p < SIGNIFICANCE,
        first_alone=pair.first_alone,
        second_alone=pair.second_alone,
        both_wrong=int(np.count_nonzero(first & second)),
    )


def compare_resampled(scores: Scores, resampled: Scores, *, images: int) -> Comparison | None:
    """Compare two scores over shared resamples; None where no resample defines them.

    Args:
        scores: (2,) over all images.
        resampled: (resamples, 2) of the same scores.
        images: how many there are.
    """
    interval = resampled_difference_interval(resampled[:, 0], resampled[:, 1], level=LEVEL)
    if interval is None:
        return None
    return Comparison(
        images=images,
        difference=float(scores[0] - scores[1]),
        low=interval.low,
        high=interval.high,
        p=None,
        is_real=interval.low > 0 or interval.high < 0,
    )


def loss_statistics(losses: Losses) -> BoardStatistics | None:
    """Rank intervals from what each entry has wrong; None without images.

    What the round can resolve follows from how often neighbours on the board disagree.
    """
    images = losses.shape[1]
    if not images:
        return None
    scores = losses.mean(axis=1)
    resampled = resampled_mean_losses(LossCells.of(losses), count=RESAMPLES, seed=SEED)
    ordered = losses[np.argsort(scores, kind="stable")]
    discordances = [float(np.mean(one != other)) for one, other in pairwise(ordered)]
    usual = _median_of_positive(discordances)
    return BoardStatistics(
        ranks=rank_intervals(scores, resampled, is_lower_better=True, level=LEVEL),
        resolvable=None if usual is None else resolvable_error_difference(images, usual),
    )


def resampled_statistics(scores: Scores, resampled: Scores, *, is_lower_better: bool) -> BoardStatistics | None:
    """Rank intervals from scores over shared resamples; None where no resample defines them.

    Args:
        scores: (entries,) over all images.
        resampled: (resamples, entries) of the same scores.
        is_lower_better: the direction of the metric.
    """
    defined = resampled[~np.isnan(resampled).any(axis=1)]
    if len(defined) < 2 / SIGNIFICANCE:
        return None
    ordered = defined[:, np.argsort(scores if is_lower_better else -scores, kind="stable")]
    usual = _median_of_positive([float(error) for error in np.diff(ordered, axis=1).std(axis=0, ddof=1)])
    return BoardStatistics(
        ranks=rank_intervals(scores, defined, is_lower_better=is_lower_better, level=LEVEL),
        resolvable=None if usual is None else resolvable_difference(usual),
    )


def resolvable_at_worst(images: int, task: str, metric: str) -> float | None:
    """As `BoardStatistics.resolvable`, before any entry is known: no pair of errors needs more; None for other metrics.

    Entries that are wrong independently of each other disagree on half of the images at most. Real ones disagree on
    fewer, and are told apart sooner.
    """
    return resolvable_error_difference(images, 0.5) if images and paired_by(task, metric) == "losses" else None


def _median_of_positive(values: list[float]) -> float | None:
    """Twins on the board, which never differ, say nothing of others."""
    positive = [value for value in values if value > 0]
    return median(positive) if positive else None
