"""Runs in Heldout's environment: what a server's worker does, from file to scores.

python worker.py ROUND FILE: each turn scores the file.
python worker.py ROUND FILE OTHER RESAMPLES: each turn compares both files' entries over so many paired resamples.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

from turns import Turn, own_output, take_turns

from scoring.evaluation import evaluate
from scoring.metrics.resampling import ImageResamples, RankedDetections, resampled_mean_ap
from scoring.opening import open_round
from scoring.outcomes import Outcomes
from scoring.rounds import PublicRound
from scoring.truth import Truth

SEED = 1


def main(round_folder: str, file: str, other: str | None = None, resamples: str = "0") -> None:
    """Open the round, then take turns."""
    answers = own_output()
    public, truth = open_round(Path(round_folder))
    if other is None:
        take_turns(scoring(public, truth, Path(file)), answers, is_warm=True)
    else:
        entries = [outcomes_of(public, truth, Path(name)) for name in (file, other)]
        take_turns(resampling(entries[0], entries[1], resamples=int(resamples)), answers, is_warm=True)


def scoring(public: PublicRound, truth: Truth, file: Path) -> Turn:
    """The work of one turn: file to scores."""

    def turn() -> dict[str, Any]:
        evaluation = evaluate(public, truth, file)
        return {"scores": evaluation.as_json(public)["scores"]}

    return turn


def outcomes_of(public: PublicRound, truth: Truth, file: Path) -> Outcomes:
    """What happened in each image."""
    outcomes = evaluate(public, truth, file).outcomes
    assert outcomes is not None, f"{file} is not valid"
    return outcomes


def resampling(first: Any, second: Any, *, resamples: int) -> Turn:
    """The work of one turn: both entries' mean AP in each of so many resamples of the images."""

    def turn() -> dict[str, Any]:
        start = time.perf_counter()
        entries = [RankedDetections.of(outcomes) for outcomes in (first, second)]
        ranked = time.perf_counter()
        images = ImageResamples(image_count=first.image_count, count=resamples, seed=SEED)
        mean_ap = resampled_mean_ap(entries, images)
        seconds = {"sort": ranked - start, "resample": time.perf_counter() - ranked}
        return {"scores": {"mean_difference": float((mean_ap[:, 0] - mean_ap[:, 1]).mean())}, "seconds": seconds}

    return turn


if __name__ == "__main__":
    main(*sys.argv[1:])
