"""Warm competitors: processes that stay, and are told when it is their turn."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.benchmarks.cases import Competitor
from tests.benchmarks.measured import tree


class FailedRun(Exception):
    """A competitor ended with an error; its figures would mean nothing."""


class WarmProcess:
    """A warm competitor's process, from its start to its end.

    Raises:
        FailedRun: from every method, with what the process wrote, once it has ended.
    """

    def __init__(self, competitor: Competitor) -> None:
        self._name = competitor.name
        with contextlib.ExitStack() as stack:
            self._complaints = stack.enter_context(tempfile.TemporaryFile())  # the stack closes it
            self._process = stack.enter_context(
                subprocess.Popen(
                    competitor.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._complaints,
                    env={**os.environ, **competitor.environment},
                )
            )  # fmt: skip
            self._answer()
            self._stack = stack.pop_all()

    def turn(self) -> tuple[float, int, Any]:
        """One turn: seconds from asking to the answer, the peak of its memory meanwhile in bytes, and the answer."""
        for process in tree(self._process.pid):
            _forget_peak(process)
        assert self._process.stdin is not None
        start = time.perf_counter()
        with contextlib.suppress(BrokenPipeError):  # reading the answer tells why
            self._process.stdin.write(b"\n")
            self._process.stdin.flush()
        answer = self._answer()
        seconds = time.perf_counter() - start
        return seconds, sum(map(_peak_bytes, tree(self._process.pid))), answer

    def _answer(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if line:
            return json.loads(line)
        code = self._process.wait()
        self._complaints.seek(0)
        wrote = self._complaints.read().decode(errors="replace")[-2000:]
        raise FailedRun(f"{self._name} ended with {code}:\n{wrote}")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._stack:
            if kind is not None:
                self._process.kill()


def _forget_peak(process: int) -> None:
    """Let the kernel count the process's peak from now on."""
    with contextlib.suppress(OSError):  # it has ended
        Path(f"/proc/{process}/clear_refs").write_text("5", encoding="ascii")


def _peak_bytes(process: int) -> int:
    """The most that the process has held in memory since its peak was forgotten; 0 once it has ended."""
    try:
        lines = Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:")), 0)
