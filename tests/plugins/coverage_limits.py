"""After a run of the whole suite: is each package covered as far as it has to be?

A run of a part of the tests covers a part of the code, so it is never judged. pytest-cov combines its data in a wrapper
around the test loop; this one lies around that. The verdict is printed before pytest's own summary line.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from coverage import Coverage, CoverageException

# Percent of lines and branches together, as `coverage report` counts them, and of the branches alone.
# Kernels are no part of it: pyproject.toml omits them, and fuzzing against their plain twins holds them.
LIMITS = {"scoring": 98.0, "leaderboard": 98.0, "server": 90.0}


class _Judge:
    """Watches one session."""

    def __init__(self) -> None:
        self.verdicts: list[tuple[bool, str]] = []

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> Generator[None, Any, Any]:
        result = yield
        measured = _measured(session.config)
        if measured is not None and _is_whole_suite(session):
            self.verdicts = _verdicts(measured, session.config.rootpath)
            if not all(is_enough for is_enough, _ in self.verdicts):
                session.testsfailed += 1  # this makes the exit status 1
        return result

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self.verdicts:
            terminalreporter.write_sep("=", "coverage by package")
        for is_enough, line in self.verdicts:
            terminalreporter.write_line(line, green=is_enough, red=not is_enough)


# Options that take tests out of a run. With pytest-xdist the collecting is done by its workers, so only these tell.
_NARROWING = (
    "keyword", "markexpr", "deselect", "ignore", "ignore_glob", "collectonly", "lf", "stepwise", "stepwise_skip",
    "stepwise_reset",
)  # fmt: skip


def pytest_configure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput"):
        return  # a worker of pytest-xdist has seen its own share alone
    config.pluginmanager.register(_Judge(), "coverage-limits-judge")


def _measured(config: pytest.Config) -> Coverage | None:
    """The combined data of pytest-cov, where it has measured anything."""
    plugin = config.pluginmanager.getplugin("_cov")
    if plugin is None or plugin.cov_controller is None or config.option.no_cov:
        return None
    measured: Coverage = plugin.cov_controller.cov
    return measured


def _is_whole_suite(session: pytest.Session) -> bool:
    """Whether every test there is has been run, passed or not."""
    config = session.config
    tests = [config.rootpath / path for path in config.getini("testpaths")]
    named = [config.invocation_params.dir / argument for argument in config.args]
    was_narrowed = any(getattr(config.option, option, None) for option in _NARROWING)
    return named == tests and not was_narrowed and not session.shouldfail and not session.shouldstop


def _verdicts(measured: Coverage, root: Path) -> list[tuple[bool, str]]:
    """For each package, whether it is covered well enough, and a line that says so."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "coverage.json"
        try:
            measured.json_report(outfile=str(report), ignore_errors=True)
        except CoverageException as error:
            return [(False, f"coverage could not be told: {error}")]
        files = json.loads(report.read_bytes())["files"]
    counts = {package: _Counts() for package in LIMITS}
    for name, file in files.items():
        path = root / name
        package = path.relative_to(root).parts[0] if path.is_relative_to(root) else ""
        if package in counts:
            counts[package].add(file["summary"])
    return [counts[package].verdict(package, least) for package, least in LIMITS.items()]


class _Counts:
    """What of one package was run."""

    def __init__(self) -> None:
        self.lines = self.covered_lines = self.branches = self.covered_branches = 0

    def add(self, summary: dict[str, int]) -> None:
        self.lines += summary["num_statements"]
        self.covered_lines += summary["covered_lines"]
        self.branches += summary["num_branches"]
        self.covered_branches += summary["covered_branches"]

    def verdict(self, package: str, least: float) -> tuple[bool, str]:
        if not self.lines:
            return False, f"{package}: nothing was measured"
        of_all = 100 * (self.covered_lines + self.covered_branches) / (self.lines + self.branches)
        of_branches = 100 * self.covered_branches / self.branches if self.branches else 100.0
        is_enough = min(of_all, of_branches) >= least
        figures = f"{of_all:.2f} % of lines and branches, {of_branches:.2f} % of branches"
        return is_enough, f"{package}: {figures}; {'at least' if is_enough else 'NOT ENOUGH,'} {least:g} % is due"
