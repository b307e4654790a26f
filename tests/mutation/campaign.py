"""A plugin of pytest: in place of running the tests that were collected, it runs them against mutants."""

from __future__ import annotations

import gc
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.mutation.mutants import Mutant, mutants_of
from tests.mutation.reach import ROOT, Reach, digest, reaches
from tests.mutation.transplant import holders
from tests.mutation.trial import tried
from tests.mutation.verdicts import Known

TESTS = ("tests/scoring", "tests/leaderboard", "tests/parity")


@dataclass(frozen=True, kw_only=True)
class ModuleResult:
    """What became of one module's mutants."""

    module: str
    mutants: int
    survivors: tuple[Mutant, ...]


class Campaign:
    """Tries mutants of modules; `keep` is given each module's result, and `failing` is there in the end."""

    def __init__(
        self, modules: Sequence[str], *, cache: Path, budget_seconds: float, keep: Callable[[ModuleResult], None]
    ) -> None:
        self._modules, self._cache, self._budget_seconds, self._keep = modules, cache, budget_seconds, keep
        self.failing: list[str] = []  # tests that fail without a mutant: not used
        self._tests: dict[str, pytest.Item] = {}
        self._reaches: dict[str, Reach] = {}

    def pytest_collection(self) -> None:
        """After the profile of the suite is loaded, before any test is read."""
        from hypothesis import HealthCheck, Phase, settings  # pytest wants to be the first to import it

        # The suite's examples, without a search for the smallest that fails; mutants may be slow without failing.
        settings.register_profile(
            "mutation", derandomize=True, max_examples=120, deadline=None, database=None,
            phases=(Phase.explicit, Phase.generate), suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        settings.load_profile("mutation")

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        gc.freeze()  # what is here before a fork is never collected, nor copied for that
        paths = [path_of(module) for module in all_modules()]
        self._reaches = reaches(session.items, paths, self._cache / "reach")
        self.failing = [name for name, reach in self._reaches.items() if not reach.is_passed]
        self._tests = {item.nodeid: item for item in session.items if self._reaches[item.nodeid].is_passed}
        for module in self._modules:
            self._keep(self._run(module))
        return True

    def _run(self, module: str) -> ModuleResult:
        source = (ROOT / path_of(module)).read_text("utf-8")
        known = Known.of(module, folder=self._cache / "known")
        mutants, survivors = mutants_of(module, source), []
        recent: dict[str, list[str]] = defaultdict(list)  # by function, what killed its mutants, the last first
        for mutant in mutants:
            killer = known.killer(mutant, set(self._tests)) or self._killer(mutant, known, recent[mutant.function])
            if killer is None:
                survivors.append(mutant)
            elif killer in self._tests:
                recent[mutant.function] = [killer, *(name for name in recent[mutant.function] if name != killer)][:5]
        say(f"{module}: {len(mutants)} mutants, {len(survivors)} survive")
        return ModuleResult(module=module, mutants=len(mutants), survivors=tuple(survivors))

    def _killer(self, mutant: Mutant, known: Known, recent: Sequence[str]) -> str | None:
        """Which test kills it, found out now unless it is known that none does."""
        names = self._chosen(mutant, recent)
        tests = digest(sorted({self._tests[name].path for name in names})) + f"-{len(names)}"
        if known.has_survived(mutant, tests):
            return None
        verdict = tried(mutant, [self._tests[name] for name in names], self._reaches)
        known.remember(mutant, verdict.killer, tests)
        if verdict.killer is None:
            say(f"{path_of(mutant.module)}:{mutant.lines[0]} {mutant.function}: {mutant.statement}")
            say(f"    {mutant.mutation}    ({len(names)} tests, {verdict.seconds:.1f} s)")
        return verdict.killer

    def _chosen(self, mutant: Mutant, recent: Sequence[str]) -> list[str]:
        """The tests that reach it: those that killed its neighbours, its module's own, then the fast ones."""
        own = f"test_{mutant.module.rpartition('.')[2]}"

        def order(name: str) -> tuple[bool, float]:
            return self._tests[name].path.stem != own, self._reaches[name].seconds

        reaching = sorted(self._reaching(mutant), key=order)
        first = [name for name in recent if name in reaching]
        chosen: list[str] = []
        seconds = 0.0
        for name in [*first, *(name for name in reaching if name not in first)]:
            cost = self._reaches[name].seconds
            if not chosen or seconds + cost <= self._budget_seconds:
                chosen.append(name)
                seconds += cost
        return chosen

    def _reaching(self, mutant: Mutant) -> Iterator[str]:
        if mutant.is_constant:
            value = vars(sys.modules[mutant.module])[mutant.function]
            files = {module.__file__ for module in holders(mutant, value)}
            for name, item in self._tests.items():
                if str(item.path) in files or any(str(ROOT / path) in files for path in self._reaches[name].lines):
                    yield name
            return
        path = path_of(mutant.module)
        yield from (name for name in self._tests if self._reaches[name].touches(path, mutant.lines))


def all_modules() -> list[str]:
    """What is mutated: every metric, and the statistics of the boards."""
    metrics = sorted((ROOT / "scoring" / "metrics").glob("*.py"))
    named = [f"scoring.metrics.{path.stem}" for path in metrics if path.stem != "__init__"]
    return named + [f"leaderboard.{name}" for name in STATISTICS]


STATISTICS = (
    "binomial", "intervals", "significance", "loss_resamples", "rank_intervals", "resolution", "categories",
    "image_costs", "score_intervals",
)  # fmt: skip


def path_of(module: str) -> str:
    return module.replace(".", "/") + ".py"


def say(text: str) -> None:
    print(text, file=sys.__stdout__, flush=True)
