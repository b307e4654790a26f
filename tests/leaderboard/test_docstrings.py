"""The examples in the leaderboard's docstrings are run: documentation that is wrong fails."""

from __future__ import annotations

import doctest
import importlib
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[2]
MODULES = [
    f"leaderboard.{path.stem}" for path in sorted((ROOT / "leaderboard").glob("*.py")) if ">>>" in path.read_text()
]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_are_true(name: str) -> None:
    result = doctest.testmod(importlib.import_module(name), extraglobs={"np": np})
    assert result.attempted
    assert not result.failed
