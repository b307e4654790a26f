"""One scoring child: what it does when its task, or somebody else, misbehaves."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.jobs.orders import WARM_UP_TASK
from server.jobs.scoring_process import (
    Abandoned,
    ChildDied,
    ChildLimits,
    MemoryLimitHit,
    ScoringProcess,
    TaskFault,
    TimeLimitHit,
)
from tests import stand_in_tasks
from tests.waiting import wait_until

GIBIBYTE = 1 << 30


@pytest.fixture
def process() -> Iterator[ScoringProcess]:
    process = ScoringProcess(ChildLimits(memory_bytes=2 * GIBIBYTE, seconds=60))
    process.start()
    yield process
    process.stop()


def pid_of(process: ScoringProcess, tmp_path: Path) -> int:
    process.run(stand_in_tasks.WRITE_PID, tmp_path / "pid")
    return int((tmp_path / "pid").read_text())


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_a_child_is_another_process_and_serves_many_tasks(process: ScoringProcess, tmp_path: Path) -> None:
    first = pid_of(process, tmp_path)
    assert first != os.getpid()
    assert pid_of(process, tmp_path) == first


def test_a_child_loads_beforehand_what_its_rounds_need_and_no_compiler_without_need(tmp_path: Path) -> None:
    process = ScoringProcess(ChildLimits(memory_bytes=4 * GIBIBYTE, seconds=60), warm_up_task=WARM_UP_TASK)
    pids = []
    for tasks, is_loaded in (({"cls"}, False), ({"cls", "cls-loc"}, True)):
        process.start(frozenset(tasks))
        process.run(stand_in_tasks.WRITE_MODULES, tmp_path / "modules")
        modules = (tmp_path / "modules").read_text().split()
        assert "scoring.evaluation" in modules
        assert ("numba" in modules) == is_loaded
        pids.append(pid_of(process, tmp_path))
    process.stop()
    assert pids[0] == pids[1]


def test_an_exception_is_told_by_type_and_place_but_never_by_its_message(process: ScoringProcess) -> None:
    with pytest.raises(TaskFault) as caught:
        process.run(stand_in_tasks.RAISE, None)
    assert caught.value.fault.error == "ValueError"
    assert caught.value.fault.where[-1].startswith("stand_in_tasks.py:")
    assert stand_in_tasks.SECRET not in f"{caught.value} {caught.value.fault}"


def test_a_task_that_is_not_there_is_a_fault_of_ours(process: ScoringProcess) -> None:
    with pytest.raises(TaskFault, match="ModuleNotFoundError"):
        process.run("server.jobs.nothing:score", None)


def test_a_child_that_dies_is_told_and_replaced(process: ScoringProcess, tmp_path: Path) -> None:
    first = pid_of(process, tmp_path)
    with pytest.raises(ChildDied):
        process.run(stand_in_tasks.KILL_ITSELF, None)
    assert pid_of(process, tmp_path) != first


def test_a_child_killed_while_idle_is_replaced_before_the_next_task(process: ScoringProcess, tmp_path: Path) -> None:
    first = pid_of(process, tmp_path)
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: not is_alive(first))

    def next_pid() -> int | None:
        try:
            return pid_of(process, tmp_path)
        except ChildDied:  # the pool has not noticed yet
            return None

    assert wait_until(next_pid) != first


def test_memory_is_limited_for_the_child_alone(process: ScoringProcess, tmp_path: Path) -> None:
    with pytest.raises(MemoryLimitHit):
        process.run(stand_in_tasks.TAKE_ALL_MEMORY, None)
    assert pid_of(process, tmp_path) > 0


@pytest.mark.parametrize("task", [stand_in_tasks.HANG, stand_in_tasks.HANG_IGNORING_SIGTERM])
def test_a_task_over_its_time_is_killed_whatever_it_does_about_signals(task: str, tmp_path: Path) -> None:
    # The first task has to load its module within the limit, on a busy machine too.
    process = ScoringProcess(ChildLimits(memory_bytes=2 * GIBIBYTE, seconds=5))
    try:
        pid = pid_of(process, tmp_path)
        with pytest.raises(TimeLimitHit):
            process.run(task, None)
        assert not is_alive(pid)
    finally:
        process.stop()


def test_a_task_that_nobody_wants_any_more_is_killed(process: ScoringProcess, tmp_path: Path) -> None:
    pid = pid_of(process, tmp_path)
    with pytest.raises(Abandoned):
        process.run(stand_in_tasks.HANG, None, is_wanted=lambda: False)
    assert not is_alive(pid)


def test_stopping_ends_the_child(tmp_path: Path) -> None:
    process = ScoringProcess(ChildLimits(memory_bytes=2 * GIBIBYTE, seconds=60))
    pid = pid_of(process, tmp_path)
    process.stop()
    assert not is_alive(pid)
