"""A server whose round is open, and who organizes it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from tests.server.making import write_round
from tests.server.running import DURING, organizing_headers, running_app


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    """One open round `tiny` without limits of its own; nothing is scored."""
    with running_app(tmp_path / "data", write_round(tmp_path / "round"), now=DURING) as client:
        yield client


@pytest.fixture
def host(client: TestClient) -> dict[str, str]:
    """The headers of the round's organizer."""
    return organizing_headers(client)
