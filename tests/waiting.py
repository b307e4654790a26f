"""Waiting for a condition, never for a time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

# Far beyond what anything here takes on a busy machine; a test that reaches it has failed.
PATIENCE_SECONDS = 240.0

# Between two looks, a tenth of what was waited so far: who waits long looks seldom, as a look takes time from the rest.
SHORTEST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.01, 0.3


def wait_until(condition: Callable[[], T], *, what: str = "the condition") -> T:
    """The first true value of `condition`."""
    began = time.monotonic()
    while True:
        value = condition()
        if value:
            return value
        waited_seconds = time.monotonic() - began
        if waited_seconds > PATIENCE_SECONDS:
            raise AssertionError(f"{what} did not come true within {PATIENCE_SECONDS:.0f} s")
        time.sleep(min(max(waited_seconds / 10, SHORTEST_PAUSE_SECONDS), LONGEST_PAUSE_SECONDS))
