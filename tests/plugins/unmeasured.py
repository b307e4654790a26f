"""Measuring coverage takes half as long again as the tests: it pauses where others reach the same lines.

These folders and files try what is covered elsewhere with more inputs, from further outside, or for longer.
"""

from __future__ import annotations

import os
from collections.abc import Generator
from typing import Any

import pytest

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


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection(session: pytest.Session) -> Generator[None, Any, Any]:
    """What is loaded for collecting is the same in every process: one measures it."""
    return (yield from _paused(session.config, is_unmeasured=os.environ.get("PYTEST_XDIST_WORKER", "gw0") != "gw0"))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, Any, Any]:
    path = item.path.relative_to(item.config.rootpath / "tests").as_posix()
    configuration = None if path.startswith(PROCESSES) else os.environ.pop(_OF_PROCESSES, None)
    try:
        return (yield from _paused(item.config, is_unmeasured=_is_unmeasured(item)))
    finally:
        if configuration is not None:
            os.environ[_OF_PROCESSES] = configuration


def _paused(config: pytest.Config, *, is_unmeasured: bool) -> Generator[None, Any, Any]:
    plugin = config.pluginmanager.getplugin("_cov")
    controller = None if plugin is None else plugin.cov_controller
    if controller is None or not controller.started or not is_unmeasured:
        return (yield)
    controller.pause()
    try:
        return (yield)
    finally:
        controller.resume()


def _is_unmeasured(item: pytest.Item) -> bool:
    folder = item.path.relative_to(item.config.rootpath / "tests").parts[0]
    return folder in FOLDERS or item.path.name in FILES
