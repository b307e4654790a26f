"""Mutate the metrics and statistics and see which tests fail: python -m tests.mutation [MODULE ...]."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Annotated

import pytest
import typer

from scoring.cache_folder import default_cache
from tests.mutation.plain_kernels import load_plain_kernels

# Neither coverage nor several processes nor clocks: the campaign has its own.
OPTIONS = (
    "-q", "--import-mode=importlib", "--override-ini=addopts=", "--override-ini=timeout=0",
    "-p", "no:xdist", "-p", "no:cov", "-p", "no:cacheprovider", "--capture=sys",
    "--ignore=tests/scoring/formats",  # knows no metric
)  # fmt: skip


def main(
    names: Annotated[
        list[str] | None, typer.Argument(help="modules, as `coco` or `leaderboard.binomial`; all if none")
    ] = None,
    *,
    budget_seconds: Annotated[float, typer.Option(help="of tests tried on a mutant, the fast ones first")] = 20.0,
    anew: Annotated[bool, typer.Option(help="forget what earlier campaigns found")] = False,
) -> None:
    """Try the mutants of modules, show survivors as they are found, and keep the figures in RESULTS.md."""
    load_plain_kernels()  # before the campaign imports anything that would load them compiled
    from tests.mutation.campaign import TESTS, Campaign, ModuleResult, all_modules, say
    from tests.mutation.reasons import Reasons
    from tests.mutation.results import keep

    known = all_modules()
    for name in names or ():
        if not any(_is_named(module, name) for module in known):
            raise typer.BadParameter(f"{name} is not mutated; there are {', '.join(known)}")
    modules = [module for module in known if not names or any(_is_named(module, name) for name in names)]
    cache: Path = default_cache() / "mutation"
    if anew:
        shutil.rmtree(cache, ignore_errors=True)
    reasons = Reasons.kept()

    def keep_and_show(result: ModuleResult) -> None:
        table = keep(result, reasons, modules=known, budget_seconds=budget_seconds)
        say(table.splitlines()[-1])
        for place in reasons.unneeded(result.module, result.survivors):
            say(f"a reason that no survivor needs: {place}")

    campaign = Campaign(modules, cache=cache, budget_seconds=budget_seconds, keep=keep_and_show)
    pytest.main([*OPTIONS, *TESTS], plugins=[campaign])
    for name in campaign.failing:
        print(f"not used, as it fails without a mutant: {name}")


def _is_named(module: str, name: str) -> bool:
    return name in (module, module.rpartition(".")[2])


if __name__ == "__main__":
    typer.run(main)
