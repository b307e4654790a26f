"""How often intervals and tests miss, by enumeration where that can be done and by simulation where not."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from leaderboard.intervals import (
    Interval,
    bootstrap_interval,
    error_interval,
    percentile_error_interval,
    percentile_interval,
    population_interval,
)
from leaderboard.loss_resamples import LossCells, resampled_mean_losses
from leaderboard.rank_intervals import rank_intervals
from leaderboard.resolution import resolvable_error_difference
from leaderboard.significance import Discordance, difference_interval, mcnemar_mid_p, resampled_difference_interval
from scoring.metrics.resampling import ImageResamples, resampled_mean_ap
from tests.simulations.detectors import World, mean_ap
from tests.simulations.losses import draw_losses

RESAMPLES = 1000

# The ways to make an interval from a score and its resamples.
ApInterval = Callable[[float, npt.NDArray[np.float64], float], Interval | None]
AP_INTERVALS: dict[str, ApInterval] = {
    "bootstrap_interval": lambda score, resampled, level: bootstrap_interval(score, resampled, level=level),
    "population_interval": lambda score, resampled, level: population_interval(score, resampled, level=level),
    "basic": lambda score, resampled, level: _reflected(score, percentile_interval(resampled, level=level)),
    "percentile": lambda _score, resampled, level: percentile_interval(resampled, level=level),
}


def holds(interval: Interval | None, truth: float) -> bool:
    return interval is not None and interval.low <= truth <= interval.high


# 0/1 losses


def error_misses(error: float, images: int, *, level: float, is_percentile: bool = False) -> float:
    """The probability that the interval for a share of wrong images misses `error`: a sum over all counts."""
    counts = np.arange(images + 1)
    log_factorials = np.array([math.lgamma(k + 1) for k in range(images + 1)])
    log_ways = log_factorials[-1] - log_factorials - log_factorials[::-1]
    chances = np.exp(log_ways + counts * math.log(error) + (images - counts) * math.log1p(-error))
    likely = counts[chances > 1e-12]

    def misses(wrong: int) -> bool:
        if is_percentile:
            return not holds(percentile_error_interval(wrong, images, level=level, seed=wrong), error)
        return not holds(error_interval(wrong, images, level=level), error)

    # counts that miss lie at both ends: the first and the last that hold are looked for
    first = _first(likely, lambda wrong: not misses(wrong) or wrong > error * images)
    last = _first(likely, lambda wrong: wrong > error * images and misses(wrong))
    return float(1 - chances[first:last].sum())


def _first(values: npt.NDArray[np.int64], is_so: Callable[[int], bool]) -> int:
    """The first of ascending values for which something is so that, once so, stays so; one more if it never is."""
    low, high = 0, len(values)
    while low < high:
        middle = (low + high) // 2
        if is_so(int(values[middle])):
            high = middle
        else:
            low = middle + 1
    return int(values[low]) if low < len(values) else int(values[-1]) + 1


@dataclass(frozen=True, kw_only=True)
class PairMisses:
    """Of pairs of entries scored on the same images."""

    discordance: float  # the share of images that one alone has wrong, on average
    called_different: float  # share of pairs with p < 0.05
    misses: dict[float, float]  # by level, share of intervals that miss the true difference


def pair_misses(errors: tuple[float, float], images: int, *, likeness: float, pairs: int, seed: int) -> PairMisses:
    """Equal errors give the share of A/A pairs that are called different; others the power."""
    rng = np.random.default_rng(seed)
    found = [Discordance.of(*draw_losses(errors, images, likeness=likeness, rng=rng)) for _ in range(pairs)]
    truth = errors[0] - errors[1]
    return PairMisses(
        discordance=float(np.mean([pair.first_alone + pair.second_alone for pair in found])) / images,
        called_different=float(np.mean([mcnemar_mid_p(pair) < 0.05 for pair in found])),
        misses={level: float(np.mean([not holds(difference_interval(pair, level=level), truth) for pair in found]))
                for level in (0.95, 0.999)},
    )  # fmt: skip


def power_at_resolvable_difference(images: int, discordance: float, *, pairs: int, seed: int) -> float:
    """How often the difference that the round is said to resolve is called one, given the discordance."""
    difference = resolvable_error_difference(images, discordance)
    assert difference is not None
    cells = [(discordance + difference) / 2, (discordance - difference) / 2, 1 - discordance]
    drawn = np.random.default_rng(seed).multinomial(images, cells, size=pairs)
    return float(np.mean([
        mcnemar_mid_p(Discordance(images=images, first_alone=int(first), second_alone=int(second))) < 0.05
        for first, second, _ in drawn
    ]))  # fmt: skip


# Average precision


@dataclass(frozen=True, kw_only=True)
class ApMisses:
    """Of intervals for average precision."""

    bias: float  # of the score over the truth of ever more images
    spread: float  # standard deviation of the score
    misses: dict[tuple[str, float], tuple[float, float]]  # by kind and level: of this size's truth, of the population's


def ap_misses(classes: int, images: int, *, repeats: int, seed: int, population: float) -> ApMisses:
    """Draw sets of images, score them, resample them, and count what each kind of interval misses."""
    world, rng = World.of(classes), np.random.default_rng(seed)
    scores = np.empty(repeats)
    resampled = np.empty((repeats, RESAMPLES))
    for k in range(repeats):
        (detections,) = world.draw(images, detectors=1, rng=rng)
        scores[k] = mean_ap(detections, images)
        resampled[k] = _resampled([detections], images, seed=k)[:, 0]
    of_size = float(scores.mean())
    misses = {}
    for name, made in AP_INTERVALS.items():
        for level in (0.95, 0.999):
            intervals = [made(score, row, level) for score, row in zip(scores, resampled, strict=True)]
            misses[name, level] = (
                float(np.mean([not holds(interval, of_size) for interval in intervals])),
                float(np.mean([not holds(interval, population) for interval in intervals])),
            )
    return ApMisses(bias=of_size - population, spread=float(scores.std(ddof=1)), misses=misses)


def population_mean_ap(classes: int, *, images: int = 1_000_000, seed: int = 99) -> float:
    """The score on so many images that more would not change it."""
    (detections,) = World.of(classes).draw(images, detectors=1, rng=np.random.default_rng(seed))
    return mean_ap(detections, images)


def ap_pairs_called_different(classes: int, images: int, *, pairs: int, seed: int) -> float:
    """The share of A/A pairs of detectors whose difference's 95 % interval leaves out zero."""
    world, rng = World.of(classes), np.random.default_rng(seed)
    called = 0
    for k in range(pairs):
        resampled = _resampled(world.draw(images, detectors=2, rng=rng), images, seed=k)
        called += not holds(resampled_difference_interval(resampled[:, 0], resampled[:, 1], level=0.95), 0.0)
    return called / pairs


# Ranks


@dataclass(frozen=True, kw_only=True)
class RankMisses:
    """Of boards on which some entries are truly equal."""

    misses: float  # share of boards on which some entry's interval leaves out a rank it truly has
    ranks: float  # mean number of ranks in an interval


def loss_board_misses(errors: Sequence[float], images: int, *, likeness: float, boards: int, seed: int) -> RankMisses:
    """Boards of 0/1 losses."""
    rng = np.random.default_rng(seed)

    def board(k: int) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        losses = draw_losses(errors, images, likeness=likeness, rng=rng)
        return losses.mean(axis=1), resampled_mean_losses(LossCells.of(losses), count=RESAMPLES, seed=k)

    return _rank_misses(errors, board, boards=boards)


def ap_board_misses(classes: int, images: int, *, entries: int, boards: int, seed: int) -> RankMisses:
    """Boards of equally good detectors: every interval should hold every rank."""
    world, rng = World.of(classes), np.random.default_rng(seed)

    def board(k: int) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        detections = world.draw(images, detectors=entries, rng=rng)
        return np.array([mean_ap(entry, images) for entry in detections]), _resampled(detections, images, seed=k)

    return _rank_misses([0.0] * entries, board, boards=boards)


def _rank_misses(
    errors: Sequence[float],
    board: Callable[[int], tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]],
    *,
    boards: int,
) -> RankMisses:
    true_best = [1 + sum(other < error for other in errors) for error in errors]
    true_worst = [sum(other <= error for other in errors) for error in errors]
    missed, ranks = 0, 0
    for k in range(boards):
        scores, resampled = board(k)
        intervals = rank_intervals(scores, resampled, is_lower_better=True)
        missed += any(
            interval.best > best or interval.worst < worst
            for interval, best, worst in zip(intervals, true_best, true_worst, strict=True)
        )
        ranks += sum(interval.worst - interval.best + 1 for interval in intervals)
    return RankMisses(misses=missed / boards, ranks=ranks / boards / len(errors))


def _resampled(detections: list, images: int, *, seed: int) -> npt.NDArray[np.float64]:  # type: ignore[type-arg]
    return resampled_mean_ap(detections, ImageResamples(image_count=images, count=RESAMPLES, seed=seed))


def _reflected(score: float, interval: Interval | None) -> Interval | None:
    """The basic bootstrap interval: the percentiles turned around the score."""
    if interval is None:
        return None
    return Interval(low=2 * score - interval.high, high=2 * score - interval.low, level=interval.level)
