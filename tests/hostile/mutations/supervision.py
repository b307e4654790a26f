"""Workers kept at their slices; one that hangs or dies is replaced, and the mutation it was at kept."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path
from typing import Literal, cast

from tests.hostile.mutations.mutation import mutation
from tests.hostile.mutations.tally import Failure, Slice, Tally
from tests.hostile.mutations.worker import failure, work

# A worker that is at one mutation so long hangs: by its processor's time, or waiting for what never comes.
_MAX_BUSY_SECONDS, _MAX_SECONDS = 10.0, 120.0

_POLL_SECONDS = 0.5

_spawn = multiprocessing.get_context("spawn")  # no threads or memory of the parent's


@dataclass(kw_only=True)
class _Worker:
    """One process, what it is at, and since when."""

    folder: Path
    process: SpawnProcess
    connection: Connection
    beat: Synchronized[int]
    slice: Slice | None = None  # None while it starts
    seen: tuple[int, float, float] = (-1, 0.0, 0.0)  # the beat, the clock and the processor's time when it began

    @classmethod
    def start(cls, folder: Path) -> _Worker:
        (folder / "rounds").mkdir(parents=True, exist_ok=True)
        ours, theirs = _spawn.Pipe()
        beat = cast("Synchronized[int]", _spawn.Value("q", -1))
        process = _spawn.Process(target=work, args=(folder, theirs, beat), daemon=True)
        process.start()
        theirs.close()
        return cls(folder=folder, process=process, connection=ours, beat=beat)

    def hangs(self) -> bool:
        if self.slice is None:
            return False
        beat, now, busy = self.beat.value, time.monotonic(), _busy_seconds(self.process.pid)
        if beat != self.seen[0]:
            self.seen = beat, now, busy
        return now - self.seen[1] > _MAX_SECONDS or busy - self.seen[2] > _MAX_BUSY_SECONDS

    def told(self) -> Tally | Literal["nothing", "ready", "ended"]:
        """What it has to say."""
        if not self.connection.poll():
            return "nothing"
        try:
            return cast("Tally | None", self.connection.recv()) or "ready"
        except EOFError:
            self.process.join()
            return "ended"

    def end(self) -> None:
        self.process.kill()
        self.process.join()
        self.connection.close()


def tallies(slices: list[Slice], folder: Path, *, processes: int) -> Iterator[Tally]:
    """Try all slices, and tell what came of each, in the order in which they are finished.

    Raises:
        RuntimeError: when a worker ends before it is at any mutation.
    """
    left = deque(slices)
    ended: dict[int, list[Failure]] = {}  # of slices that are begun again, by their first numbers
    workers = [_Worker.start(folder / f"worker-{place}") for place in range(min(processes, len(slices)))]
    try:
        while left or any(worker.slice for worker in workers):
            wait([worker.connection for worker in workers], timeout=_POLL_SECONDS)
            for place, worker in enumerate(workers):
                told = worker.told()
                if told == "ended" or worker.hangs():
                    again, lost = _lost(worker, folder)
                    left.appendleft(again)
                    ended.setdefault(again.first, []).append(lost)
                    workers[place] = _Worker.start(worker.folder)
                elif told != "nothing":
                    worker.slice = left.popleft() if left else None
                    if worker.slice is not None:
                        worker.connection.send(worker.slice)
                    if isinstance(told, Tally):
                        told.failures += ended.pop(told.first, [])
                        yield told
    finally:
        for worker in workers:
            worker.end()


def _lost(worker: _Worker, folder: Path) -> tuple[Slice, Failure]:
    """The slice to begin again without the mutation at which the worker hung or died, and that mutation."""
    was_alive = worker.process.is_alive()
    number, one = worker.beat.value, worker.slice
    worker.end()
    said = (worker.folder / "stderr").read_text()
    if one is None:
        raise RuntimeError(f"a worker ended before it was at any mutation:\n{said}")
    what = "hung" if was_alive else f"the process ended with {worker.process.exitcode}"
    return replace(one, ended=(*one.ended, number)), failure(folder, mutation(number), what, detail=said)


def _busy_seconds(pid: int | None) -> float:
    """Processor time of a process and its threads; 0 where the system does not say."""
    path = Path(f"/proc/{pid}/stat")
    try:
        fields = path.read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
