"""Tells idle workers of this process that there is work. Only a hint: they also look by themselves."""

from __future__ import annotations

from threading import Condition


class Bell:
    """Rings for every worker that waits, and for the next one to wait if nobody does."""

    def __init__(self) -> None:
        self._condition = Condition()
        self._rung = 0  # rings nobody has heard yet

    def ring(self, times: int = 1) -> None:
        """Wake as many workers."""
        with self._condition:
            self._rung += times
            self._condition.notify(times)

    def wait(self, seconds: float) -> bool:
        """Wait for a ring; False when there was none within `seconds`."""
        with self._condition:
            if not self._condition.wait_for(lambda: self._rung > 0, timeout=seconds):
                return False
            self._rung -= 1
            return True
