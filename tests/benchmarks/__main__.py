"""Measure Heldout against its peers: python -m tests.benchmarks [CASE ...] [--scale 1] [--rounds 5]."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from tests.benchmarks import classification, detection
from tests.benchmarks.alternation import FailedRun, run_in_alternation
from tests.benchmarks.cache import cache_folder
from tests.benchmarks.cases import Case, Settings
from tests.benchmarks.environments import Environment, heldout_environment
from tests.benchmarks.machine import Bystanders
from tests.benchmarks.report import RESULTS_FILE, Occasion, put_section, section

CASES = {case.name: case for case in (detection.CASE, detection.LONG_CASE, classification.CASE)}


def main(
    names: Annotated[list[str] | None, typer.Argument(help=f"cases: {', '.join(CASES)}; all if none")] = None,
    *,
    scale: Annotated[float, typer.Option(min=0.0001, help="1: true size; less: a trial, not kept")] = 1.0,
    rounds: Annotated[int, typer.Option(min=1, help="counted runs of each competitor")] = 5,
    environment: Annotated[
        Path | None, typer.Option(help="a virtual environment with heldout; else one is made from requirements.lock")
    ] = None,
    cache: Annotated[Path | None, typer.Option(help="where data and environments are kept")] = None,
) -> None:
    """Run cases, print their tables, and keep those of true size in RESULTS.md."""
    cache = cache or cache_folder()
    own = Environment(folder=environment) if environment else heldout_environment(cache)
    settings = Settings(cache=cache, environment=own, scale=scale)
    for name in names or CASES:
        if name not in CASES:
            raise typer.BadParameter(f"{name} is no case; there are {', '.join(CASES)}")
        try:
            new = measure(CASES[name], settings, rounds=rounds)
        except FailedRun as failure:
            print(failure, file=sys.stderr)
            raise typer.Exit(1) from failure
        print(new)
        if scale == 1:
            before = RESULTS_FILE.read_text(encoding="utf-8") if RESULTS_FILE.exists() else ""
            RESULTS_FILE.write_text(put_section(before, CASES[name], new), encoding="utf-8")


def measure(case: Case, settings: Settings, *, rounds: int) -> str:
    """Prepare and run one case; its section of RESULTS.md."""
    print(f"{case.name}: preparing", file=sys.stderr, flush=True)
    contest = case.prepare(settings)
    bystanders = Bystanders()
    results = run_in_alternation(contest.competitors, rounds=rounds)
    versions = settings.environment.versions
    occasion = Occasion(
        moment=datetime.now(tz=UTC),
        rounds=rounds,
        scale=settings.scale,
        own_versions={name: versions[name] for name in ("heldout", "numpy", "numba") if name in versions},
        bystanders=bystanders.share(),
    )
    return section(case, contest, results, occasion)


if __name__ == "__main__":
    typer.run(main)
