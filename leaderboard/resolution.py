"""The smallest difference between two entries that a round can resolve."""

from __future__ import annotations

import math
from statistics import NormalDist

POWER = 0.8  # how often a difference of that size is called one
SIGNIFICANCE = 0.05  # how often two equal entries are called different, two-sided


def resolvable_difference(standard_error: float, *, power: float = POWER, significance: float = SIGNIFICANCE) -> float:
    """The difference that a two-sided test finds with `power`: 2.80 standard errors of paired differences.

    Args:
        standard_error: of the difference, over resamples shared by both entries; the result has its unit.
        power, significance: shares.

    >>> round(resolvable_difference(1.0), 4)
    2.8016
    """
    return (_quantile(1 - significance / 2) + _quantile(power)) * standard_error


def resolvable_error_difference(
    images: int, discordance: float, *, power: float = POWER, significance: float = SIGNIFICANCE
) -> float | None:
    """The difference of two errors that McNemar's test finds with `power`; None where no difference can be found.

    The number of images for a difference d at a discordance D is (a sqrt(D) + b sqrt(D - d^2))^2 / d^2, with the normal
    quantiles a of half the significance and b of the power (Miettinen 1968; Connor 1987), here solved for d. No two
    errors differ by more than their discordance.

    Args:
        images: that both entries are scored on.
        discordance: the share of images that exactly one of two entries has wrong; from pairs of the board, or for
            independent entries of error e at most 2 e (1 - e).
        power, significance: shares.

    Raises:
        ValueError: when `discordance` is not in [0, 1].

    >>> round(resolvable_error_difference(100_000, 0.05), 6)
    0.001981
    """
    if not 0 <= discordance <= 1:
        raise ValueError(f"a discordance is a share of images, not {discordance}")
    a, b = _quantile(1 - significance / 2), _quantile(power)
    below_root = (images + b * b - a * a) * discordance
    if below_root <= 0:
        return None
    difference = (a * math.sqrt(images * discordance) + b * math.sqrt(below_root)) / (images + b * b)
    return difference if difference <= discordance else None


def _quantile(probability: float) -> float:
    return NormalDist().inv_cdf(probability)
