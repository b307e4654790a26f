"""Measuring coverage takes half as long again as the tests: it pauses where others reach the same lines.

These folders and files try what is covered elsewhere with more inputs, from further outside, or for longer.
"""

from __future__ import annotations

import os
from collections.abc import Generator
from typing import Any

import pytest
from coverage import Coverage

FOLDERS = frozenset({"benchmarks", "browser", "faults", "hostile", "season"})
FILES = frozenset(
    {
        "test_detection_demo.py", "test_hierarchical_figures.py", "test_ilsvrc_2012_end_to_end.py",
        "test_kit_figures.py", "test_samples.py",
    }
)  # fmt: skip

# Whose tests' processes are measured, too: between them they run every task of a scoring child.
PROCESSES = ("server/jobs/", "server/services/", "server/web/test_drafts.py")

# By this variable coverage.py follows a test's processes.
_OF_PROCESSES = "COVERAGE_PROCESS_CONFIG"


def pytest_configure(config: pytest.Config) -> None:
    """End what measures pytest-xdist at work, and what its workers began with: that would go on in every pause."""
    if hasattr(config, "workerinput") or config.getoption("numprocesses", None):
        while (begun := Coverage.current()) is not None:
            begun.stop()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection(session: pytest.Session) -> Generator[None, Any, Any]:
    """What is loaded for collecting is the same in every process: one measures it."""
    if os.environ.get("PYTEST_XDIST_WORKER", "gw0") == "gw0":
        return (yield)
    _pause(session.config)
    try:
        return (yield)
    finally:
        _resume(session.config)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> Generator[None, Any, Any]:
    """Measuring goes on only where the next test is measured: each time it begins, coverage.py patches `os._exit`."""
    if _is_unmeasured(item):
        _pause(item.config)
    configuration = None if _path(item).startswith(PROCESSES) else os.environ.pop(_OF_PROCESSES, None)
    try:
        return (yield)
    finally:
        if configuration is not None:
            os.environ[_OF_PROCESSES] = configuration
        if nextitem is None or not _is_unmeasured(nextitem):
            _resume(item.config)


def _pause(config: pytest.Config) -> None:
    controller = _controller(config)
    if controller is not None and Coverage.current() is controller.cov:
        controller.pause()
        os.environ.pop(_OF_PROCESSES, None)


def _resume(config: pytest.Config) -> None:
    """Measure again, and by coverage's own patch the processes to come."""
    controller = _controller(config)
    if controller is not None and Coverage.current() is None:
        controller.resume()


def _controller(config: pytest.Config) -> Any:
    """What pytest-cov measures with, if it does."""
    plugin = config.pluginmanager.getplugin("_cov")
    return None if plugin is None else plugin.cov_controller


def _is_unmeasured(item: pytest.Item) -> bool:
    return _path(item).partition("/")[0] in FOLDERS or item.path.name in FILES


def _path(item: pytest.Item) -> str:
    return item.path.relative_to(item.config.rootpath / "tests").as_posix()
