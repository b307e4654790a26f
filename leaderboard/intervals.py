"""Intervals for one entry's score: how far another set of images from the same source would move it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from leaderboard.binomial import log_odds_of_tail

DRAWS = 100_000  # so that fifty lie beyond each end of a 99.9 % interval

# Standard errors from resamples are themselves off by 4 to 7 % from one set of images to the next and 0 to 3 % low, as
# simulated (tests/simulations): the quantiles of Student's t with so many degrees of freedom make good for it.
DEGREES_OF_FREEDOM = 40

# How much more a finite set of images flatters average precision than its resamples show: see `population_interval`.
_HIDDEN_BIAS = 1 + math.sqrt(2)

Resampled = npt.NDArray[np.float64]  # (resamples,) a score in each; NaN where it is undefined


@dataclass(frozen=True, kw_only=True, slots=True)
class Interval:
    """Two-sided, both ends inside, in the unit of the score."""

    low: float
    high: float
    level: float  # how often such intervals hold the truth


def interval_of(ends: Mapping[str, Sequence[float]], *, level: float) -> Interval | None:
    """An interval as it is kept: both ends by level, as in {"0.95": [0.1, 0.2]}."""
    found = ends.get(str(level))
    return None if found is None else Interval(low=found[0], high=found[1], level=level)


def error_interval(wrong: int, images: int, *, level: float) -> Interval | None:
    """Interval for the share of images that are wrong; None without images.

    The resampled error of a set of 0/1 losses is a binomial count, so nothing needs to be resampled. Its percentiles
    (`percentile_error_interval`) miss too often where few images are wrong, at 99.9 % above all; turning the same
    binomial around, to the errors under which a count so low or so high is still likely, never misses more often than
    stated, whatever the error and the number of images (Clopper and Pearson 1934).

    Raises:
        ValueError: when `wrong` is not from 0 to `images`, or `level` not between 0 and 1.

    >>> interval = error_interval(5, 100, level=0.95)
    >>> round(interval.low, 6), round(interval.high, 6)
    (0.016432, 0.112835)
    """
    _check_counts(wrong, images, level)
    if not images:
        return None
    tail = (1 - level) / 2
    return Interval(low=_least_error(wrong, images, tail), high=1 - _least_error(images - wrong, images, tail),
                    level=level)  # fmt: skip


def percentile_error_interval(wrong: int, images: int, *, level: float, seed: int) -> Interval | None:
    """The ILSVRC paper's interval for a share of wrong images: percentiles of its bootstrap; None without images.

    A resample's count of wrong images is a binomial draw, so DRAWS resamples take milliseconds. For comparison with
    published figures (Russakovsky et al. 2015, section 4.4); `error_interval` has better coverage.

    Raises:
        ValueError: as `error_interval`.
    """
    _check_counts(wrong, images, level)
    if not images:
        return None
    drawn = np.random.default_rng(seed).binomial(images, wrong / images, size=DRAWS)
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2]) / images
    return Interval(low=float(low), high=float(high), level=level)


def bootstrap_interval(score: float, resampled: Resampled, *, level: float, most: float = 1.0) -> Interval | None:
    """Interval for the score that sets of this size have on average; None without two defined resamples.

    The score itself, give or take standard errors as the resamples show them. The percentiles of the resamples would
    be off: images drawn twice inflate average precision, so that its resamples lie too high, often all of them above
    the score. The same images are drawn once in a fresh set, so the standard error is taken around the resamples' own
    mean and their shift is left out (Efron and Tibshirani 1993, sections 10.2 and 12.2). A thousand resamples know
    little of the percentiles of a 99.9 % interval; their standard deviation they know to 2 %.

    Ends beyond [0, most] are drawn in: the mean of scores from there lies there too, so what is cut off never held it.

    Args:
        score: over all images, from 0 to `most`.
        resampled: the same score over resamples of them.
        level: between 0 and 1.
        most: that any score can be: more than 1 where errors are counted in levels of a hierarchy.

    Raises:
        ValueError: when `level` is not between 0 and 1.

    >>> interval = bootstrap_interval(0.5, np.array([0.5, 0.6, 0.7]), level=0.95)
    >>> round(interval.low, 4), round(interval.high, 4)
    (0.2979, 0.7021)
    """
    spread = _spread(resampled, level)
    if spread is None:
        return None
    return _within_scores(score - spread.reach, score + spread.reach, level, most=most)


def population_interval(score: float, resampled: Resampled, *, level: float) -> Interval | None:
    """Interval for average precision over ever more images of the source, too; None without two defined resamples.

    A finite set flatters: precision made monotone turns noise into gain. Where the curve is flat the gain goes with
    the noise, so with one over the square root of the images; resampling doubles the variance and so shows only the
    part sqrt(2) - 1 of it. The low end of `bootstrap_interval` is therefore let down by 1 + sqrt(2) times the shift of
    the resamples; where the curve is steep, that is more than needed. The high end stays, so that sets of this size
    remain covered. Ends beyond [0, 1] are drawn in, as there; the score of ever more images is one of [0, 1] too.

    Args and errors as in `bootstrap_interval`.
    """
    spread = _spread(resampled, level)
    if spread is None:
        return None
    flattery = _HIDDEN_BIAS * max(0.0, spread.mean - score)
    return _within_scores(score - flattery - spread.reach, score + spread.reach, level, most=1.0)


def percentile_interval(resampled: Resampled, *, level: float) -> Interval | None:
    """The percentiles of the resamples, as the ILSVRC paper has them; None without a defined resample.

    For means of losses they serve well, for average precision they lie too high (see `bootstrap_interval`).

    Raises:
        ValueError: when `level` is not between 0 and 1.
    """
    check_level(level)
    defined = resampled[~np.isnan(resampled)]
    if not len(defined):
        return None
    low, high = np.quantile(defined, [(1 - level) / 2, (1 + level) / 2])
    return Interval(low=float(low), high=float(high), level=level)


def _within_scores(low: float, high: float, level: float, *, most: float) -> Interval:
    return Interval(low=max(0.0, low), high=min(most, high), level=level)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Spread:
    mean: float  # of the resamples
    reach: float  # half the width of an interval


def _spread(resampled: Resampled, level: float) -> _Spread | None:
    check_level(level)
    defined = resampled[~np.isnan(resampled)]
    if len(defined) < 2:
        return None
    quantile = student_deviation(NormalDist().inv_cdf((1 + level) / 2))
    return _Spread(mean=float(defined.mean()), reach=quantile * float(defined.std(ddof=1)))


def student_deviation(deviation: float, degrees: int = DEGREES_OF_FREEDOM) -> float:
    """What Student's t exceeds as rarely as a normal variable exceeds `deviation`, in standard deviations.

    To 0.001 up to 3.5 deviations from 20 degrees of freedom on (Abramowitz and Stegun 1964, 26.7.5).

    >>> round(student_deviation(1.959964), 4), round(student_deviation(3.290527), 3)
    (2.0211, 3.551)
    """
    z = deviation
    first = (z**3 + z) / 4
    second = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    return z + first / degrees + second / degrees**2 + third / degrees**3


def _least_error(wrong: int, images: int, tail: float) -> float:
    """The error at which `wrong` images or more are wrong with probability `tail`."""
    return 1 / (1 + math.exp(-log_odds_of_tail(wrong, images, tail))) if wrong else 0.0


def _check_counts(wrong: int, images: int, level: float) -> None:
    check_level(level)
    if not 0 <= wrong <= images:
        raise ValueError(f"{wrong} wrong images of {images}")


def check_level(level: float) -> None:
    """Raise ValueError unless `level` lies between 0 and 1."""
    if not 0 < level < 1:
        raise ValueError(f"the level of an interval lies between 0 and 1, not at {level}")
