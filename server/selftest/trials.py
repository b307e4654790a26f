"""A file that is scored to see whether the round does what it must, and what it must come to."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from scoring.rounds import PublicRound
from scoring.task import Metric

Scores = Mapping[str, float | None]

# Sums of many fractions differ from the best by their rounding; COCO's precision by a smallest double.
_ROUNDING = 1e-9

# One round of three million is told to be odd although it is not.
DEVIATIONS = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class Expectation:
    """What a metric must come to."""

    metric: str
    low: float
    high: float
    may_be_undefined: bool = False  # where the truth has nothing to judge it by

    def faults(self, scores: Scores) -> Iterator[str]:
        """What is wrong with the score, in words."""
        score = scores.get(self.metric)
        if score is None:
            if not self.may_be_undefined:
                yield f"{self.metric} is undefined, must be {self.words}"
        elif not self.low - _ROUNDING <= score <= self.high + _ROUNDING:
            yield f"{self.metric} is {score:.6g}, must be {self.words}"

    @property
    def words(self) -> str:
        """The value, or both ends of where it may lie."""
        if math.isclose(self.low, self.high):
            return f"{self.low:.6g}"
        return f"within {self.low:.4g} and {self.high:.4g}"


def exactly(metrics: Iterable[str], value: float, *, may_be_undefined: bool = False) -> tuple[Expectation, ...]:
    """The same value of several metrics."""
    return tuple(
        Expectation(metric=metric, low=value, high=value, may_be_undefined=may_be_undefined) for metric in metrics
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Trial:
    """One such file."""

    name: str  # "perfect"
    path: Path
    expected: tuple[Expectation, ...] = ()


def best_of(metric: Metric) -> float:
    """The best that a metric can be."""
    return 0.0 if metric.is_lower_better else 1.0


def worst_of(metric: Metric) -> float:
    """The worst that a fraction can be."""
    return 1.0 - best_of(metric)


def greatest_of(metric: Metric, public: PublicRound) -> float:
    """No figure is above it, and none below 0: fractions end at 1, levels at the root of the round's hierarchy."""
    hierarchy = public.classes.hierarchy
    return 1.0 if metric.unit == "fraction" or hierarchy is None else float(hierarchy.max_height)


def near(metric: str, chance: float, spread: float) -> Expectation:
    """A fraction as chance has it: so far from what it expects as it almost never is, and from 0 to 1."""
    low, high = (chance + sign * DEVIATIONS * spread for sign in (-1, 1))
    return Expectation(metric=metric, low=max(low, 0.0), high=min(high, 1.0))
