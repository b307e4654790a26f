"""A server's parts on a temporary folder, without any thread or child running."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from server.deployment import Deployment
from tests.server.making import tiny_deployment


@pytest.fixture
def deployment(tmp_path: Path) -> Iterator[Deployment]:
    """One open round `tiny` without limits of its own."""
    deployment = tiny_deployment(tmp_path / "data")
    yield deployment
    deployment.close()
