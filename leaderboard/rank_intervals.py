"""Which ranks each entry may truly have: intervals that hold for all entries of a board at once."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from leaderboard.intervals import student_deviation


@dataclass(frozen=True, kw_only=True, slots=True)
class RankInterval:
    """Ranks from 1, both ends inside."""

    best: int  # one more than the entries that are significantly better
    worst: int  # the number of entries less those that are significantly worse


def rank_intervals(
    scores: npt.NDArray[np.float64],
    resampled: npt.NDArray[np.float64],
    *,
    is_lower_better: bool,
    level: float = 0.95,
) -> tuple[RankInterval, ...]:
    """An interval for each entry's rank; with probability `level` all of them hold together.

    Equal entries share every rank of their group, and an interval is meant to hold them all.

    Args:
        scores: (entries,) over all images.
        resampled: (resamples, entries) of the same score, all entries on the same resamples of the images.
        is_lower_better: whether a low score is a good one.
        level: between 0 and 1.

    Raises:
        ValueError: when there are too few defined resamples for `level`: 19 are the least for 95 %, 999 for 99.9 %.
    """
    better = significantly_better(scores, resampled, is_lower_better=is_lower_better, level=level)
    return tuple(
        RankInterval(best=1 + int(above), worst=len(scores) - int(below))
        for above, below in zip(better.sum(axis=0), better.sum(axis=1), strict=True)
    )


def significantly_better(
    scores: npt.NDArray[np.float64],
    resampled: npt.NDArray[np.float64],
    *,
    is_lower_better: bool,
    level: float = 0.95,
) -> npt.NDArray[np.bool_]:
    """(entries, entries) whether the entry of the row is better than that of the column.

    Step-down over all ordered pairs (Romano and Wolf 2005, for ranks Mogstad, Romano, Shaikh and Wilhelm 2024): each
    difference is measured in its own standard error; those beyond what the largest of all reaches by chance are
    settled; then the largest of the others is asked, until no more are. With probability `level` not one is settled
    wrongly, entries that are truly equal included. Because standard errors from resamples are uncertain themselves, the
    limit is that of Student's t, as for intervals. A difference that is the same in every resample has no standard
    error: then it is settled where it is not zero.

    Args and errors as in `rank_intervals`.
    """
    if not len(scores):
        return np.zeros((0, 0), np.bool_)
    defined = resampled[~np.isnan(resampled).any(axis=1)]
    rank = math.ceil(level * (len(defined) + 1))
    if not 0 < rank <= len(defined):
        raise ValueError(f"{len(defined)} defined resamples are too few for a level of {level}")
    sign = -1.0 if is_lower_better else 1.0
    differences = _Differences.of(sign * scores, sign * defined)
    is_better = np.zeros(differences.studentised.shape, np.bool_)
    while True:
        by_chance = np.partition(differences.largest_by_chance(~is_better), rank - 1)[rank - 1]
        settled = is_better | (differences.studentised > student_deviation(float(by_chance)))
        if (settled == is_better).all():
            return is_better
        is_better = settled


@dataclass(frozen=True, kw_only=True, eq=False)
class _Differences:
    """All pairwise differences; those of the resamples are made entry by entry, so that memory stays linear."""

    resampled: npt.NDArray[np.float64]  # (entries, resamples) less each entry's mean
    precisions: npt.NDArray[np.float64]  # (entries, entries) one over the standard error, 0 where there is none
    studentised: npt.NDArray[np.float64]  # (entries, entries) row less column, in standard errors

    @classmethod
    def of(cls, scores: npt.NDArray[np.float64], resampled: npt.NDArray[np.float64]) -> _Differences:
        centred = np.ascontiguousarray((resampled - resampled.mean(axis=0)).T)
        errors = np.stack([np.sqrt(np.square(entry - centred).sum(axis=1) / (len(resampled) - 1)) for entry in centred])
        gaps = scores[:, None] - scores
        # what is left of a difference of constants by rounding is no standard error
        has_error = errors > 1e-12 * (np.abs(scores[:, None]) + np.abs(scores))
        precisions = np.divide(1.0, errors, where=has_error, out=np.zeros_like(errors))
        studentised = np.where(has_error, gaps * precisions, np.where(gaps > 0, np.inf, -np.inf))
        return cls(resampled=centred, precisions=precisions, studentised=studentised)

    def largest_by_chance(self, is_open: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
        """(resamples,) the largest studentised difference of the open ordered pairs, were all entries equal; or 0."""
        largest = np.zeros(self.resampled.shape[1])
        for row, entry in enumerate(self.resampled):
            columns = np.flatnonzero(is_open[row])
            chance = (entry - self.resampled[columns]) * self.precisions[row, columns, None]
            np.maximum(largest, chance.max(axis=0, initial=0.0), out=largest)
        return largest
