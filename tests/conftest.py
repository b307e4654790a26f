"""Where the real data lies, and how hard the property tests hunt."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

# The suite repeats itself; `pytest --hypothesis-profile=hunt tests/parity` looks for new failures.
settings.register_profile("suite", derandomize=True, max_examples=120, deadline=None, database=None)
settings.register_profile("hunt", derandomize=False, max_examples=5_000, deadline=None, print_blob=True)
settings.load_profile("suite")


@pytest.fixture(scope="session")
def ilsvrc() -> Path:
    """The folder of real ILSVRC data, which is no part of the project."""
    beside_the_repository = Path(__file__).parents[2] / "shared" / "ilsvrc"
    folder = Path(os.environ.get("HELDOUT_ILSVRC") or beside_the_repository)
    if not folder.is_dir():
        pytest.skip(f"no real ILSVRC data at {folder}: set HELDOUT_ILSVRC to the folder that holds it")
    return folder
