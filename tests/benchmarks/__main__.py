"""Measure Heldout against its peers: python -m tests.benchmarks [CASE ...] [--scale 1] [--rounds 5] [--long]."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from tests.benchmarks import board, classification, coco, detection, growth, packed, resampling
from tests.benchmarks.alternation import run_in_alternation
from tests.benchmarks.cache import cache_folder
from tests.benchmarks.cases import Case, LeftOut, Settings
from tests.benchmarks.environments import Environment, heldout_environment
from tests.benchmarks.machine import Bystanders
from tests.benchmarks.report import RESULTS_FILE, Occasion, put_section, section
from tests.benchmarks.warm import FailedRun

# In the order of RESULTS.md.
CASES = {
    case.name: case
    for case in (
        detection.CASE,
        coco.LARGE_CASE,
        coco.SMALL_CASE,
        detection.REAL_CASE,
        detection.VIDEO_CASE,
        classification.CASE,
        packed.CASE,
        growth.CASE,
        resampling.CASE,
        board.CASE,
        detection.LONG_CASE,
        coco.LONG_CASE,
        coco.TORCHMETRICS_CASE,
        detection.DECIMALS_CASE,
    )
}
SHORT = ", ".join(name for name, case in CASES.items() if not case.is_long)
LONG = ", ".join(name for name, case in CASES.items() if case.is_long)


def main(
    names: Annotated[list[str] | None, typer.Argument(help=f"{SHORT} (all if none); {LONG}")] = None,
    *,
    scale: Annotated[float, typer.Option(min=0.0001, help="1: true size; less: a trial, not kept")] = 1.0,
    rounds: Annotated[int, typer.Option(min=1, help="counted runs of each competitor")] = 5,
    is_long: Annotated[bool, typer.Option("--long", help=f"also {LONG}")] = False,
    has_peers: Annotated[bool, typer.Option("--peers/--no-peers", help="whether peers compete")] = True,
    prepares_only: Annotated[bool, typer.Option("--prepare", help="make data and environments, run nothing")] = False,
    environment: Annotated[
        Path | None, typer.Option(help="a virtual environment with heldout; else one is made from requirements.lock")
    ] = None,
    cache: Annotated[Path | None, typer.Option(help="where data and environments are kept")] = None,
) -> None:
    """Run cases, print their tables, and keep those of true size in RESULTS.md."""
    cache = cache or cache_folder()
    own = Environment(folder=environment) if environment else heldout_environment(cache)
    ilsvrc = os.environ.get("HELDOUT_ILSVRC")
    settings = Settings(
        cache=cache, environment=own, scale=scale, has_peers=has_peers, ilsvrc=Path(ilsvrc) if ilsvrc else None
    )
    for case in chosen(names or [], is_long=is_long):
        try:
            new = measure(case, settings, rounds=0 if prepares_only else rounds)
        except LeftOut as reason:
            print(f"{case.name}: left out, {reason}", file=sys.stderr)
            continue
        except FailedRun as failure:
            print(failure, file=sys.stderr)
            raise typer.Exit(1) from failure
        if new is None:
            continue
        print(new)
        if scale == 1 and has_peers:
            keep(new)


def chosen(names: list[str], *, is_long: bool) -> list[Case]:
    """The cases called so; without names, all, those that take long only if `is_long`."""
    unknown = [name for name in names if name not in CASES]
    if unknown:
        raise typer.BadParameter(f"{unknown[0]} is no case; there are {', '.join(CASES)}")
    return [CASES[name] for name in names] or [case for case in CASES.values() if is_long or not case.is_long]


def measure(case: Case, settings: Settings, *, rounds: int) -> str | None:
    """Prepare and run one case: its section of RESULTS.md; None where no rounds are wanted.

    Raises:
        LeftOut: when it cannot run here.
        FailedRun: when a competitor fails.
    """
    print(f"{case.name}: preparing", file=sys.stderr, flush=True)
    contest = case.prepare(settings)
    if not rounds:
        return None
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


def keep(new: str) -> None:
    """Put the section into RESULTS.md, in place of an older one of the same case."""
    before = RESULTS_FILE.read_text(encoding="utf-8") if RESULTS_FILE.exists() else ""
    order = [case.title for case in CASES.values()]
    RESULTS_FILE.write_text(put_section(before, new, order=order), encoding="utf-8")


if __name__ == "__main__":
    typer.run(main)
