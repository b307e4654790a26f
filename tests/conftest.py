"""Where the real data lies, and how hard the property tests hunt."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from scoring.cache_folder import default_cache
from server.auth import passwords
from server.db import engine
from tests.engines import create_alike_engine

# Kernels are compiled once for all tests, those with caches of their own too.
os.environ.setdefault("NUMBA_CACHE_DIR", str(default_cache() / "machine-code"))

# Signing up happens everywhere; tests/server/auth/test_passwords.py looks at the work that a hash takes in earnest.
passwords._hasher = PasswordHash([Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1)])

engine.create_engine = create_alike_engine

# The suite repeats itself; `pytest --hypothesis-profile=hunt tests/parity` looks for new failures.
settings.register_profile("suite", derandomize=True, max_examples=30, deadline=None, database=None)
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
