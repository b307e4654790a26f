"""Run competitors in alternation: first touch of memory, the file cache and neighbours then weigh on all alike."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.benchmarks.cases import Competitor

_MEASURED = Path(__file__).with_name("measured.py")


class FailedRun(Exception):
    """A competitor ended with an error; its figures would mean nothing."""


@dataclass(frozen=True, kw_only=True)
class Run:
    """One whole process."""

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
    def figure(self) -> float | None:
        """The score it printed."""
        value: Any = self.runs[-1].printed
        for key in self.competitor.figure:
            value = value[key]
        return float(value) if self.competitor.figure else None

    @property
    def steps(self) -> dict[str, float]:
        """Median seconds of the steps that the competitor itself reports, if it does."""
        reported = [run.printed["seconds"] for run in self.runs if run.printed and "seconds" in run.printed]
        names = reported[0] if reported else ()
        return {name: statistics.median(steps[name] for steps in reported) for name in names}


def run_in_alternation(competitors: Sequence[Competitor], *, rounds: int) -> tuple[Result, ...]:
    """Run every competitor once uncounted, then `rounds` times; each round starts with another of them."""
    runs: dict[str, list[Run]] = {competitor.name: [] for competitor in competitors}
    for number in range(rounds + 1):
        turn = number % len(competitors)
        for competitor in (*competitors[turn:], *competitors[:turn]):
            run = run_once(competitor)
            note = f"{number}/{rounds}" if number else "uncounted"
            print(f"  {competitor.name}: {run.seconds:.3f} s ({note})", file=sys.stderr, flush=True)
            if number:
                runs[competitor.name].append(run)
    return tuple(Result(competitor=each, runs=tuple(runs[each.name])) for each in competitors)


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
