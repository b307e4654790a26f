"""Tails of the binomial distribution, exact to rounding at any number of images."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

# Beyond this many standard deviations (of at most sqrt(n) / 2) from the first term nothing adds to a sum of doubles.
_REACH_IN_DEVIATIONS = 80


def upper_tail(least: int, trials: int, *, log_odds: float = 0.0) -> float:
    """The probability of `least` or more successes in `trials`, each with odds exp(`log_odds`).

    >>> round(upper_tail(2, 3), 12)
    0.5
    """
    if least <= 0:
        return 1.0
    if least > trials:
        return 0.0
    if least < trials / (1 + math.exp(-log_odds)):  # the other tail is the small one
        return 1 - upper_tail(trials - least + 1, trials, log_odds=-log_odds)
    log_first, ratios = _terms(least, trials, log_odds)
    return math.exp(log_first) * float(ratios.sum())


def log_odds_of_tail(least: int, trials: int, probability: float) -> float:
    """The log odds at which `least` or more successes in `trials` have `probability`; 0 < least <= trials.

    Newton's method. The logarithm of the tail is concave in the log odds (the variance above a point is less than the
    whole variance), so every step but the first comes from below and none can overshoot.
    """
    log_odds = math.log(least / (trials - least + 1))
    for _ in range(100):  # pragma: no branch  # a dozen steps are enough
        log_first, ratios = _terms(least, trials, log_odds)
        total = float(ratios.sum())
        excess = log_first + math.log(total) - math.log(probability)
        mean_above = least + float(ratios @ np.arange(len(ratios))) / total
        step = excess / (mean_above - trials / (1 + math.exp(-log_odds)))
        log_odds -= step
        if abs(step) < 1e-13 * max(1.0, abs(log_odds)):
            break
    return log_odds


def _terms(least: int, trials: int, log_odds: float) -> tuple[float, npt.NDArray[np.float64]]:
    """The logarithm of the probability of exactly `least`, and the terms from there on as multiples of it."""
    last = min(trials, least + _REACH_IN_DEVIATIONS + math.ceil(_REACH_IN_DEVIATIONS * math.sqrt(trials) / 2))
    successes = np.arange(least, last)
    ratios = np.concatenate([[1.0], np.cumprod((trials - successes) / (successes + 1) * math.exp(log_odds))])
    log_ways = math.lgamma(trials + 1) - math.lgamma(least + 1) - math.lgamma(trials - least + 1)
    # log(1 + odds), without overflow
    log_failure = -(max(log_odds, 0.0) + math.log1p(math.exp(-abs(log_odds))))
    return log_ways + least * log_odds + trials * log_failure, ratios
