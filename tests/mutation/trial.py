"""One mutant in a process of its own: the tests that reach it, until one fails."""

from __future__ import annotations

import os
import resource
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from tests.mutation.mutants import Mutant
from tests.mutation.reach import Reach, run
from tests.mutation.transplant import transplant
from tests.mutation.verdicts import AT_IMPORT

# A test that a mutant makes this much slower will not end: five times its time, and some seconds.
SLOWER, SPARE_SECONDS = 5, 4
MAX_BYTES = 6 << 30  # of address space: a mutant may ask for an array of any size
_SURVIVED, _KILLED = 0, 1


@dataclass(frozen=True, kw_only=True)
class Verdict:
    killer: str | None  # the test that failed or did not end; None where the mutant survives
    seconds: float


def tried(mutant: Mutant, items: Sequence[pytest.Item], reaches: dict[str, Reach]) -> Verdict:
    start = time.monotonic()
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        _try(mutant, items, reaches, writer)
    os.close(writer)
    with os.fdopen(reader, encoding="utf-8") as stream:
        names = stream.read().splitlines()
    _, status = os.waitpid(child, 0)
    is_killed = status != _SURVIVED
    return Verdict(killer=(names[-1] if names else AT_IMPORT) if is_killed else None, seconds=time.monotonic() - start)


def _try(mutant: Mutant, items: Sequence[pytest.Item], reaches: dict[str, Reach], writer: int) -> None:
    """Never returns; what it names last is the test that ran last."""
    code = _KILLED
    try:
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, 1)
        os.dup2(nothing, 2)
        resource.setrlimit(resource.RLIMIT_AS, (MAX_BYTES, MAX_BYTES))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        signal.signal(signal.SIGXCPU, signal.SIG_DFL)
        transplant(mutant)
        code = _KILLED if _fails(items, reaches, writer) else _SURVIVED
    finally:
        os._exit(code)


def _fails(items: Sequence[pytest.Item], reaches: dict[str, Reach], writer: int) -> bool:
    for item, following in zip(items, [*items[1:], None], strict=True):
        os.write(writer, f"{item.nodeid}\n".encode())
        used = time.process_time()
        limit = int(used + SPARE_SECONDS + SLOWER * reaches[item.nodeid].seconds)
        resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.RLIM_INFINITY))
        if not run(item, following):
            return True
    return False
