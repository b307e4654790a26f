"""The self-test of a round: each trial scored by the code that scores submissions."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from scoring.evaluation import evaluate
from scoring.rounds import PublicRound
from scoring.tasks import find_task
from scoring.truth import Truth
from server.baselines import Baseline
from server.selftest.coco import coco_trials
from server.selftest.guesses import guess_trials
from server.selftest.maps import map_trials
from server.selftest.objects import object_trials
from server.selftest.trials import Expectation, Scores, Trial

_Maker = Callable[..., Iterator[Trial]]  # (public, truth, folder, rng=...)

_MAKERS: Mapping[str, _Maker] = {
    "cls": guess_trials,
    "cls-loc": guess_trials,
    "scene": guess_trials,
    "det": object_trials,
    "vid": object_trials,
    "vid-track": object_trials,
    "scene-parsing": map_trials,
    "coco-det": coco_trials,
}

_MAX_REASONS = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Tried:
    """How a trial went."""

    name: str  # "perfect", "empty", "random", or a baseline's method
    scores: Scores
    faults: tuple[str, ...]  # none: it scores as it must


def run_selftest(
    public: PublicRound, truth: Truth, *, baselines: Sequence[Baseline] = (), work: Path | None = None
) -> tuple[Tried, ...]:
    """Score the perfect, the empty and a random file, and the baselines.

    The same truth gives the same files. A task that is not among those that ship has its baselines tried alone.

    Args:
        public, truth: the round.
        baselines: of its folder.
        work: where the files may lie meanwhile; the default is the system's place for such.
    """
    with tempfile.TemporaryDirectory(prefix="heldout-selftest-", dir=work) as folder:
        maker = _MAKERS.get(public.task)
        rng = np.random.default_rng(int(truth.digest[:16], 16))
        trials = [] if maker is None else list(maker(public, truth, Path(folder), rng=rng))
        tried = [_try(public, truth, trial) for trial in trials]
    return (
        *_with_order(public, tried),
        *(_try(public, truth, _trial_of(baseline)) for baseline in baselines),
    )


def _try(public: PublicRound, truth: Truth, trial: Trial) -> Tried:
    evaluation = evaluate(public, truth, trial.path)
    if evaluation.scorecard is None:
        errors = [finding for finding in evaluation.checked.report.findings if finding.severity == "error"]
        reasons = tuple(f"refused: {error.message}; {error.advice}" for error in errors[:_MAX_REASONS])
        return Tried(name=trial.name, scores={}, faults=reasons)
    scores = evaluation.scorecard.scores
    faults = tuple(fault for expected in trial.expected for fault in expected.faults(scores))
    return Tried(name=trial.name, scores=scores, faults=faults)


def _with_order(public: PublicRound, tried: Sequence[Tried]) -> Iterator[Tried]:
    """The same, with what is wrong where the random file does not lie between the empty and the perfect one."""
    known = {one.name: one for one in tried}
    for one in tried:
        faults = tuple(_out_of_order(public, known)) if one.name == "random" else ()
        yield Tried(name=one.name, scores=one.scores, faults=(*one.faults, *faults))


def _out_of_order(public: PublicRound, known: Mapping[str, Tried]) -> Iterator[str]:
    # not in the hierarchy: there the empty file, whose guesses may be near relatives, is not the worst there is
    for metric in find_task(public.task).metrics:
        ends = [known[name].scores.get(metric.name) for name in ("empty", "perfect")]
        low, high = (min(ends), max(ends)) if None not in ends else (None, None)  # type: ignore[type-var]
        if low is not None and high is not None:
            between = Expectation(metric=metric.name, low=low, high=high)
            yield from between.faults(known["random"].scores)


def _trial_of(baseline: Baseline) -> Trial:
    return Trial(
        name=baseline.method,
        path=baseline.path,
        expected=tuple(
            Expectation(metric=metric, low=max(value - _half_a_place(value), 0.0), high=value + _half_a_place(value))
            for metric, value in baseline.scores.items()
        ),
    )


def _half_a_place(value: float) -> float:
    """Half a unit of the last decimal place that is written; papers give three or more."""
    decimals = len(repr(float(value)).partition(".")[2])
    return 0.5 * 10.0 ** -max(decimals, 3)
