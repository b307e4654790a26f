"""Tasks for scoring children that misbehave, or wait until they are told to go on. Named as "module:function"."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

from server.jobs.orders import ScoringOrder
from server.jobs.scoring_task import score

HANG = "tests.stand_in_tasks:hang"
HANG_IGNORING_SIGTERM = "tests.stand_in_tasks:hang_ignoring_sigterm"
TAKE_ALL_MEMORY = "tests.stand_in_tasks:take_all_memory"
TAKE_ALL_MEMORY_FOR_FIVE_BYTES = "tests.stand_in_tasks:take_all_memory_for_five_bytes"
KILL_ITSELF = "tests.stand_in_tasks:kill_itself"
RAISE = "tests.stand_in_tasks:raise_with_a_secret"
WRITE_MODULES = "tests.stand_in_tasks:write_modules"
WRITE_PID = "tests.stand_in_tasks:write_pid"
SCORE_BEHIND_GATE = "tests.stand_in_tasks:score_behind_gate"

SECRET = "the label of image 3 is 5"


def hang(_order: Any) -> None:
    while True:
        time.sleep(1)


def hang_ignoring_sigterm(_order: Any) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    hang(_order)


def take_all_memory(_order: Any) -> None:
    blocks = []
    while True:
        blocks.append(bytearray(64 << 20))


def take_all_memory_for_five_bytes(order: ScoringOrder) -> None:
    """Files of five bytes are too much; others are scored."""
    if order.file.stat().st_size == 5:
        take_all_memory(order)
    score(order)


def kill_itself(_order: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def raise_with_a_secret(_order: Any) -> None:
    raise ValueError(SECRET)


def write_modules(path: Path) -> None:
    path.write_text("\n".join(sys.modules))


def write_pid(path: Path) -> None:
    path.write_text(str(os.getpid()))


def gate_of(data: Path) -> Path:
    """While this file is missing, `score_behind_gate` waits."""
    return data / "gate"


def score_behind_gate(order: ScoringOrder) -> None:
    """Score as the server does, but not before the gate is there; says that it has begun."""
    data = order.public_half.parents[2]
    (data / f"begun-{order.file.name}-{os.getpid()}").touch()
    while not gate_of(data).exists():
        time.sleep(0.02)
    score(order)
