"""Run competitors in alternation: first touch of memory, the file cache and neighbours then weigh on all alike."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.benchmarks.cases import Competitor
from tests.benchmarks.warm import FailedRun, WarmProcess

SCORE_TOLERANCE = 1e-9

_MEASURED = Path(__file__).with_name("measured.py")


@dataclass(frozen=True, kw_only=True)
class Run:
    """One turn: a whole process, or one piece of work of a warm one."""

    seconds: float
    peak_bytes: int
    printed: Any  # the JSON it printed, None for none


@dataclass(frozen=True, kw_only=True)
class Result:
    """All counted runs of a competitor."""

    competitor: Competitor
    runs: tuple[Run, ...]

    @property
    def median_seconds(self) -> float:
        return statistics.median(run.seconds for run in self.runs)

    @property
    def spread_seconds(self) -> tuple[float, float]:
        """The fastest and the slowest run."""
        return min(run.seconds for run in self.runs), max(run.seconds for run in self.runs)

    @property
    def median_peak_bytes(self) -> float:
        return statistics.median(run.peak_bytes for run in self.runs)

    @property
    def scores(self) -> Mapping[str, float | None]:
        """What it printed under that name."""
        printed = self.runs[-1].printed
        return printed["scores"] if printed else {}

    @property
    def steps(self) -> dict[str, float]:
        """Median seconds of the steps that the competitor itself reports, if it does."""
        reported = [run.printed["seconds"] for run in self.runs if run.printed and "seconds" in run.printed]
        names = reported[0] if reported else ()
        return {name: statistics.median(steps[name] for steps in reported) for name in names}


def run_in_alternation(
    competitors: Sequence[Competitor], *, rounds: int, has_uncounted: bool = True
) -> tuple[Result, ...]:
    """Run every competitor once uncounted, then `rounds` times; each round starts with another of them.

    Raises:
        FailedRun: when one ends with an error, or prints other scores than those it is compared with.
    """
    runs: dict[str, list[Run]] = {competitor.name: [] for competitor in competitors}
    with ExitStack() as stack:
        warm = {each.name: stack.enter_context(WarmProcess(each)) for each in competitors if each.is_warm}
        for number in range(0 if has_uncounted else 1, rounds + 1):
            turn = number % len(competitors)
            for competitor in (*competitors[turn:], *competitors[:turn]):
                if not _takes_part(competitor, number):
                    continue
                run = _run_of(warm[competitor.name]) if competitor.is_warm else run_once(competitor)
                note = f"{number}/{rounds}" if number else "uncounted"
                print(f"  {competitor.name}: {run.seconds:.3f} s ({note})", file=sys.stderr, flush=True)
                if number:
                    runs[competitor.name].append(run)
    results = tuple(Result(competitor=each, runs=tuple(runs[each.name])) for each in competitors)
    refuse_different_scores(results)
    return results


def _takes_part(competitor: Competitor, number: int) -> bool:
    """Whether it has a run in the round; round 0 is not counted."""
    return competitor.most_rounds is None or 1 <= number <= competitor.most_rounds


def _run_of(process: WarmProcess) -> Run:
    seconds, peak_bytes, printed = process.turn()
    return Run(seconds=seconds, peak_bytes=peak_bytes, printed=printed)


def run_once(competitor: Competitor) -> Run:
    """Run the competitor's command as a whole process.

    Raises:
        FailedRun: with what it wrote.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="heldout-benchmark-")))
        environment = {**os.environ, **competitor.environment}
        for name in competitor.fresh_folders:
            environment[name] = str(folder / name.lower())
        report = folder / "report.json"
        done = subprocess.run(
            [sys.executable, "-I", "-S", _MEASURED, report, *competitor.command],
            capture_output=True, text=True, env=environment, check=False,
        )  # fmt: skip
        if done.returncode != 0:
            wrote = (done.stderr or done.stdout)[-2000:]
            raise FailedRun(f"{' '.join(competitor.command)} ended with {done.returncode}:\n{wrote}")
        figures = json.loads(report.read_text(encoding="utf-8"))
    printed = json.loads(done.stdout) if done.stdout.strip() else None
    return Run(seconds=figures["seconds"], peak_bytes=figures["peak_bytes"], printed=printed)


def refuse_different_scores(results: Sequence[Result]) -> None:
    """Raise FailedRun where two that are to print the same scores do not."""
    first_of: dict[str, Result] = {}
    for each in results:
        group = each.competitor.compared_as
        if group is None or not each.runs:
            continue
        first = first_of.setdefault(group, each)
        for name in first.scores.keys() & each.scores.keys():
            if not is_same_score(first.scores[name], each.scores[name]):
                raise FailedRun(
                    f"{name} is {each.scores[name]} by {each.competitor.name}, "
                    f"{first.scores[name]} by {first.competitor.name}"
                )


def is_same_score(one: float | None, other: float | None) -> bool:
    """Whether the two differ by the order of additions, if at all."""
    if one is None or other is None:
        return one is other
    return abs(one - other) <= SCORE_TOLERANCE
