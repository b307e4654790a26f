"""Whether one chosen pair of entries differs: tests and intervals on the same images, never from two intervals."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from leaderboard.binomial import upper_tail
from leaderboard.intervals import Interval, Resampled, check_level, percentile_interval


@dataclass(frozen=True, kw_only=True, slots=True)
class Discordance:
    """How two entries fare on the same images: all that a comparison of 0/1 losses needs."""

    images: int
    first_alone: int  # images that only the first entry has wrong
    second_alone: int  # images that only the second has wrong

    @classmethod
    def of(cls, first: npt.NDArray[np.bool_], second: npt.NDArray[np.bool_]) -> Discordance:
        """From (images,) what each entry has wrong."""
        return cls(
            images=len(first),
            first_alone=int(np.count_nonzero(first & ~second)),
            second_alone=int(np.count_nonzero(second & ~first)),
        )

    @property
    def difference(self) -> float | None:
        """Error of the first less error of the second; None without images."""
        return (self.first_alone - self.second_alone) / self.images if self.images else None


def mcnemar_mid_p(pair: Discordance) -> float:
    """Two-sided p of "both err alike", from the images that one of them alone has wrong (McNemar 1947).

    Under it each such image is as likely one's as the other's. Of the table that was seen half the probability counts:
    mid-p, which unlike the exact test is not conservative and unlike the asymptotic one hardly ever too bold
    (Fagerland, Lydersen and Laake 2013, section 2.4). 1 when there is no such image.

    >>> round(mcnemar_mid_p(Discordance(images=100, first_alone=1, second_alone=6)), 7)
    0.0703125
    """
    discordant = pair.first_alone + pair.second_alone
    more = max(pair.first_alone, pair.second_alone)
    # twice the tail, less the probability of the table seen
    return min(1.0, upper_tail(more, discordant) + upper_tail(more + 1, discordant)) if discordant else 1.0


def difference_interval(pair: Discordance, *, level: float) -> Interval | None:
    """Interval for the difference of two errors on the same images, first less second; None without images.

    The resampled difference is a multinomial draw of three cells: the first alone wrong, the second alone, the rest;
    this is its normal interval, after each of the first two is given one image more (Bonett and Price 2012). Without
    that, few discordant images would leave the interval too short, and none at all would leave it a point.

    Raises:
        ValueError: when `level` is not between 0 and 1.

    >>> interval = difference_interval(Discordance(images=21, first_alone=1, second_alone=7), level=0.95)
    >>> round(interval.low, 3), round(interval.high, 3)
    (-0.508, -0.013)
    """
    check_level(level)
    if not pair.images:
        return None
    total = pair.images + 2
    difference = (pair.first_alone - pair.second_alone) / total
    variance = ((pair.first_alone + pair.second_alone + 2) / total - difference**2) / total
    reach = NormalDist().inv_cdf((1 + level) / 2) * math.sqrt(variance)
    return Interval(low=max(-1.0, difference - reach), high=min(1.0, difference + reach), level=level)


def resampled_difference_interval(first: Resampled, second: Resampled, *, level: float) -> Interval | None:
    """Percentile interval of the difference of two scores, first less second, over shared resamples of the images.

    What inflates average precision in a resample inflates both entries', and leaves their difference.

    Args:
        first, second: (resamples,) of each entry's score, resample by resample on the same images.
        level: between 0 and 1.

    Raises:
        ValueError: when `level` is not between 0 and 1.
    """
    return percentile_interval(first - second, level=level)
