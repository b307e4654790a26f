"""Which tests reach which lines, and how long they take: measured once, and again for a test file that has changed."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import sys
import time
import traceback
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import coverage
import pytest

ROOT = Path(__file__).parents[2]
MAX_SECONDS = 20.0  # of the processor: a slower test is not used


@dataclass(frozen=True, kw_only=True)
class Reach:
    """What one test does while nothing is mutated."""

    seconds: float  # of the processor
    is_passed: bool
    lines: dict[str, frozenset[int]]  # by path from the root

    def touches(self, path: str, lines: tuple[int, int]) -> bool:
        return any(lines[0] <= line <= lines[1] for line in self.lines.get(path, ()))


class Outcome:
    """A plugin that remembers whether tests failed."""

    def __init__(self) -> None:
        self.has_failed = False

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.has_failed |= report.failed


def run(item: pytest.Item, following: pytest.Item | None) -> bool:
    """Run one test; whether it passed or was skipped."""
    outcome = Outcome()
    item.config.pluginmanager.register(outcome)
    try:
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
    finally:
        item.config.pluginmanager.unregister(outcome)
    return not outcome.has_failed


def reaches(items: Sequence[pytest.Item], mutated_paths: Iterable[str], cache: Path) -> dict[str, Reach]:
    """Of every test; those of files that are as they were when last measured come from the cache."""
    paths = sorted(mutated_paths)
    by_file: dict[Path, list[pytest.Item]] = {}
    for item in items:
        by_file.setdefault(item.path, []).append(item)
    shared = digest([*(ROOT / path for path in paths), *_support()])
    found: dict[str, Reach] = {}
    for path, of_file in by_file.items():
        stored = cache / f"{path.relative_to(ROOT).with_suffix('').as_posix().replace('/', '.')}.json"
        key = digest([path]) + shared
        if not stored.exists() or json.loads(stored.read_text("utf-8"))["key"] != key:
            _in_a_child(of_file, paths, stored, key)
        for name, it in json.loads(stored.read_text("utf-8"))["tests"].items():
            lines = {source: frozenset(numbers) for source, numbers in it["lines"].items()}
            found[name] = Reach(seconds=it["seconds"], is_passed=it["is_passed"], lines=lines)
    return found


class TooSlow(Exception):
    """The test takes too long without its loops compiled."""


def _give_up(_number: int, _frame: object) -> None:
    raise TooSlow


def _support() -> list[Path]:
    """What tests share."""
    folders = [ROOT / "tests" / name for name in ("scoring", "leaderboard", "parity")]
    return sorted(path for folder in folders for path in folder.rglob("*.py") if not path.name.startswith("test_"))


def digest(paths: Iterable[Path]) -> str:
    return hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest()


def _in_a_child(items: Sequence[pytest.Item], paths: Sequence[str], stored: Path, key: str) -> None:
    """So that nothing the tests leave behind is there when mutants run."""
    child = os.fork()
    if not child:
        try:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # the dots of pytest
            stored.parent.mkdir(parents=True, exist_ok=True)
            partial = stored.with_suffix(".partial")
            partial.write_text(json.dumps({"key": key, "tests": _measured(items, paths)}), "utf-8")
            partial.replace(stored)
        except BaseException:
            traceback.print_exc(file=sys.__stderr__)
        finally:
            os._exit(0)
    os.waitpid(child, 0)


def _measured(items: Sequence[pytest.Item], paths: Sequence[str]) -> dict[str, Any]:
    watch = coverage.Coverage(data_file=None, config_file=False, include=[str(ROOT / path) for path in paths])
    watch.start()
    signal.signal(signal.SIGPROF, _give_up)
    found: dict[str, Any] = {}
    for item, following in zip(items, [*items[1:], None], strict=True):
        watch.switch_context(item.nodeid)
        start = time.process_time()
        signal.setitimer(signal.ITIMER_PROF, MAX_SECONDS)
        is_passed = run(item, following)
        signal.setitimer(signal.ITIMER_PROF, 0)
        found[item.nodeid] = {"seconds": time.process_time() - start, "is_passed": is_passed, "lines": {}}
    watch.stop()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", coverage.exceptions.CoverageWarning)  # that no line of ours was reached
        data = watch.get_data()
    for path in paths:
        for line, names in data.contexts_by_lineno(str(ROOT / path)).items():
            for name in names:
                if name in found:
                    found[name]["lines"].setdefault(path, []).append(line)
    return found
