"""Servers that are ended with their test. These tests look into /proc, so they need Linux."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.faults.server_process import ServerProcess


@pytest.fixture
def make_server(tmp_path: Path) -> Iterator[Callable[..., ServerProcess]]:
    """A server on a data folder with the round `tiny`, not started yet."""
    if sys.platform != "linux":
        pytest.skip("finds and freezes scoring processes through /proc, which only Linux has")
    made: list[ServerProcess] = []

    def make(**settings: Any) -> ServerProcess:
        made.append(ServerProcess(tmp_path, **settings))
        return made[-1]

    yield make
    for server in made:
        server.end()
