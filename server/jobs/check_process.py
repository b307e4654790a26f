"""A child for what people ask for, apart from those that score: to check files, compare entries, read truths."""

from __future__ import annotations

from threading import BoundedSemaphore, Event, Lock
from typing import Any

from server.errors import ServerBusy
from server.jobs.scoring_process import Abandoned, ChildLimits, ScoringProcess

# Requests that may wait for the child: more of them would only occupy the threads that serve everybody else.
_WAITING = 4


class CheckProcess:
    """A scoring process shared by threads, started with the first request."""

    def __init__(self, limits: ChildLimits) -> None:
        self._limits = limits
        self._places = BoundedSemaphore(_WAITING + 1)
        self._turn = Lock()
        self._process: ScoringProcess | None = None
        self._is_closed = Event()

    def run(self, task: str, order: Any) -> None:
        """Run the task once the child is free.

        Raises:
            ServerBusy: too many are waiting already, or the server stops.
            TimeLimitHit, MemoryLimitHit, ChildDied, TaskFault: as they say.
        """
        if not self._places.acquire(blocking=False):
            raise ServerBusy
        try:
            with self._turn:
                if self._is_closed.is_set():
                    raise ServerBusy
                if self._process is None:
                    self._process = ScoringProcess(self._limits)
                self._process.run(task, order, is_wanted=lambda: not self._is_closed.is_set())
        except Abandoned as error:
            raise ServerBusy from error
        finally:
            self._places.release()

    def close(self) -> None:
        """End the child; what is under way is given up."""
        self._is_closed.set()
        with self._turn:
            if self._process is not None:
                self._process.stop()
