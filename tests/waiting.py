"""Waiting for a condition, never for a time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

# Far beyond what anything here takes on a busy machine; a test that reaches it has failed.
PATIENCE_SECONDS = 240.0


def wait_until(condition: Callable[[], T], *, what: str = "the condition") -> T:
    """The first true value of `condition`."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} did not come true within {PATIENCE_SECONDS:.0f} s")
        time.sleep(0.02)
