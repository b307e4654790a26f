"""One scoring child at a time, started anew whenever anything about it is odd.

Every worker has a pool of its own with a single process: a child that is killed, at whatever moment, can leave a
half-written message or a held lock only in a pool that is then thrown away.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import time
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import Any

from pebble import ProcessExpired, ProcessPool

from server.jobs.child import Fault, run_task
from server.jobs.child_limits import bind_child

log = logging.getLogger(__name__)

# Fresh memory now and then: leaks of compiled libraries stay small.
TASKS_PER_CHILD = 100

# Loading the compiled kernels takes seconds on a busy machine; a child that has not begun after so long is stuck.
START_SECONDS = 120.0

_LOOK_SECONDS = 0.1


class TimeLimitHit(Exception):
    """The task took too long and its child was killed."""


class MemoryLimitHit(Exception):
    """The task asked for more memory than a child has."""


class ChildDied(Exception):
    """The child ended in the middle of the task: it was killed, or it crashed."""


class Abandoned(Exception):
    """Nobody wants the result any more; the child was killed."""


class TaskFault(Exception):
    """The task raised an exception in the child."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(f"{fault.error} at {fault.where[-1] if fault.where else 'an unknown place'}")
        self.fault = fault


@dataclass(frozen=True, kw_only=True, slots=True)
class ChildLimits:
    """What one task may take."""

    memory_bytes: int  # of address space
    seconds: float


class ScoringProcess:
    """A child that runs tasks by name, one after the other. Not to be shared between threads."""

    def __init__(self, limits: ChildLimits, *, warm_up_task: str | None = None) -> None:
        self._limits = limits
        self._warm_up_task = warm_up_task
        self._pool: ProcessPool | None = None
        self._warm_for: frozenset[str] | None = None  # None: there is no child, or a new one
        # Linux kills a child when the THREAD that started it ends, so that has to be one that stays.
        self._home = ThreadPoolExecutor(max_workers=1, thread_name_prefix="scoring-home")

    def start(self, tasks: frozenset[str] = frozenset(), *, is_wanted: Callable[[], bool] = lambda: True) -> None:
        """Have a child ready that is warm for rounds of these tasks, so that no claimed job waits for it.

        Where that fails the next task tries again, and tells.
        """
        is_warm = self._warm_for is not None and tasks <= self._warm_for
        if is_warm and self._pool is not None and self._pool.active:
            return
        try:
            if self._warm_up_task is None:
                self._healthy_pool()
            else:
                self._run(self._warm_up_task, tasks, seconds=START_SECONDS, is_wanted=is_wanted)
                log.info("a scoring process is ready")
        except (TimeLimitHit, MemoryLimitHit, ChildDied, Abandoned, TaskFault) as error:
            log.warning("a scoring process could not warm up: %s %s", type(error).__name__, error)
        self._warm_for = None if self._pool is None else tasks

    def run(self, task: str, order: Any, *, is_wanted: Callable[[], bool] = lambda: True) -> None:
        """Run the task named "package.module:function" and wait for its end.

        Args:
            task: looked up in the child alone.
            order: picklable.
            is_wanted: asked several times a second; once it says no, the child is killed.

        Raises:
            TimeLimitHit, MemoryLimitHit, ChildDied, Abandoned, TaskFault: as they say.
        """
        self._run(task, order, seconds=self._limits.seconds, is_wanted=is_wanted)

    def stop(self) -> None:
        """End the child, by force if it must be."""
        self._drop_pool()
        self._home.shutdown()

    def _run(self, task: str, order: Any, *, seconds: float, is_wanted: Callable[[], bool]) -> None:
        try:
            pool = self._healthy_pool()
            future = pool.schedule(run_task, args=(task, order))
            fault = _await(future, pool, seconds=seconds, is_wanted=is_wanted)
        except (ProcessExpired, BrokenProcessPool, CancelledError, RuntimeError) as error:
            self._drop_pool()
            raise ChildDied(str(error)) from error
        except (TimeLimitHit, Abandoned, ChildDied):
            self._drop_pool()
            raise
        if fault is None:
            return
        if fault.is_out_of_memory:
            self._drop_pool()  # what is left of its memory is in pieces
            raise MemoryLimitHit
        raise TaskFault(fault)

    def _healthy_pool(self) -> ProcessPool:
        if self._pool is not None and not self._pool.active:  # its child was killed while idle
            self._drop_pool()
        if self._pool is None:
            self._pool = self._home.submit(self._new_pool).result()
        return self._pool

    def _new_pool(self) -> ProcessPool:
        pool = ProcessPool(
            max_workers=1,
            max_tasks=TASKS_PER_CHILD,
            initializer=bind_child,
            initargs=(os.getpid(), self._limits.memory_bytes),
            context=multiprocessing.get_context("spawn"),
        )
        _ = pool.active  # starts it
        return pool

    def _drop_pool(self) -> None:
        pool, self._pool, self._warm_for = self._pool, None, None
        if pool is not None:
            pool.stop()  # type: ignore[no-untyped-call]
            pool.join()


def _await(
    future: Future[Fault | None], pool: ProcessPool, *, seconds: float, is_wanted: Callable[[], bool]
) -> Fault | None:
    # Our own limit, by a clock that nobody sets: the pool's goes by the time of day.
    begun, deadline = False, time.monotonic() + START_SECONDS
    while not wait([future], timeout=_LOOK_SECONDS).done:
        if not begun and future.running():
            begun, deadline = True, time.monotonic() + seconds
        if not is_wanted():
            raise Abandoned
        if time.monotonic() > deadline:
            raise TimeLimitHit if begun else ChildDied("the child did not start")
        if not pool.active:
            raise ChildDied("the pool has broken")
    return future.result()
