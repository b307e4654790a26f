"""A process that tries mutations, slice after slice, and tells what came of each."""

from __future__ import annotations

import contextlib
import faulthandler
import os
import resource
import sys
import time
import traceback
from multiprocessing.connection import Connection
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path

from tests.hostile.mutations.mutation import Mutation, mutation
from tests.hostile.mutations.tally import Failure, Slice, Tally, code_digest
from tests.hostile.mutations.trial import Arena
from tests.hostile.mutations.valid_files import KINDS, valid_files
from tests.hostile.peaks import forget_peak, peak_bytes

# Of processor time for one mutation.
MAX_SECONDS = 2.0

MAX_GROWN_BYTES = 512 << 20

# For the test of what becomes of such a mutation: the number of one that ends the process.
_ENDING = "HELDOUT_MUTATION_THAT_ENDS"

# Beyond what a process has reserved when it has read one file of every kind. Only there so that no mutation takes the
# whole machine: what is resident is measured.
_MAX_RESERVED_BYTES = 4 << 30


def work(folder: Path, slices: Connection, beat: Synchronized[int]) -> None:
    """Try slices until there comes none; `beat` is the number of the mutation that is being tried."""
    _yield_to_others()
    with (folder / "stderr").open("w") as stderr:
        os.dup2(stderr.fileno(), sys.stderr.fileno())
    faulthandler.enable()
    code = code_digest()
    arena = Arena.at(folder / "rounds")
    for kind in KINDS:
        for content in valid_files(kind):
            arena.outcome(Mutation(number=0, kind=kind, content=content))
    _limit_reserved_memory()
    forget_peak()
    base = peak_bytes()
    slices.send(None)  # ready
    while (one := slices.recv()) is not None:
        slices.send(_tried(arena, one, code=code, base=base, beat=beat))


def _tried(arena: Arena, one: Slice, *, code: str, base: int, beat: Synchronized[int]) -> Tally:
    tally = Tally(first=one.first, count=one.count, code=code)
    start = time.perf_counter()
    for number in one.numbers():
        beat.value = number
        if os.environ.get(_ENDING) == str(number):
            os.abort()
        _try(arena, mutation(number), tally, base=base)
    tally.seconds = time.perf_counter() - start
    return tally


def _try(arena: Arena, one: Mutation, tally: Tally, *, base: int) -> None:
    before = time.process_time()
    try:
        outcome: str = arena.outcome(one)
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        tally.failures.append(failure(arena.folder.parent.parent, one, _told(error), detail=traceback.format_exc()))
        outcome = "failed"
    key = f"{one.kind}, {outcome}"
    tally.outcomes[key] = tally.outcomes.get(key, 0) + 1
    seconds, grown = time.process_time() - before, peak_bytes() - base
    if seconds > tally.slowest_seconds:
        tally.slowest_seconds, tally.slowest = seconds, one.number
    tally.grown_bytes = max(tally.grown_bytes, grown)
    if seconds > MAX_SECONDS:
        tally.failures.append(failure(arena.folder.parent.parent, one, f"took {seconds:.1f} s"))
    if grown > MAX_GROWN_BYTES:
        tally.failures.append(failure(arena.folder.parent.parent, one, f"took {grown >> 20} MiB"))
        forget_peak()


def failure(folder: Path, one: Mutation, what: str, *, detail: str = "") -> Failure:
    """Keep a mutation that failed, with what there is to say about it."""
    failures = folder / "failures"
    failures.mkdir(exist_ok=True)
    (failures / f"{one.number}.bin").write_bytes(one.content)
    (failures / f"{one.number}.txt").write_text(f"{one.kind}: {what}\n\n{detail}")
    return Failure(number=one.number, kind=str(one.kind), what=what)


def _told(error: BaseException) -> str:
    last = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{Path(last.filename).name}, in {last.name}"
    return f"{type(error).__name__} in {place}: {error}".replace("\n", " ")[:300]


def _yield_to_others() -> None:
    """Take what time others leave. Linux shares time among sessions first, and then among their processes."""
    os.nice(19)
    group = Path("/proc/self/autogroup")
    if group.exists():
        with contextlib.suppress(OSError):
            group.write_text("19")


def _limit_reserved_memory() -> None:
    status = Path("/proc/self/statm")
    if not status.exists():
        return
    reserved = int(status.read_text().split()[0]) * resource.getpagesize()
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (reserved + _MAX_RESERVED_BYTES, hard))
