"""Measuring coverage takes half as long again as the tests: it pauses where others reach the same lines.

These folders try what is covered elsewhere with more inputs, from further outside, or for longer.
"""

from __future__ import annotations

import os
from collections.abc import Generator
from typing import Any

import pytest

FOLDERS = frozenset({"benchmarks", "browser", "hostile", "parity", "season", "simulations"})

# By this variable coverage.py follows a test's processes.
_OF_PROCESSES = "COVERAGE_PROCESS_CONFIG"


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, Any, Any]:
    plugin = item.config.pluginmanager.getplugin("_cov")
    controller = None if plugin is None else plugin.cov_controller
    folder = item.path.relative_to(item.config.rootpath / "tests").parts[0]
    if controller is None or not controller.started or folder not in FOLDERS:
        return (yield)
    configuration = os.environ.pop(_OF_PROCESSES, None)
    controller.pause()
    try:
        return (yield)
    finally:
        controller.resume()
        if configuration is not None:
            os.environ[_OF_PROCESSES] = configuration
