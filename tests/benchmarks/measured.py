"""Run one command and report its wall time and the peak memory of its whole process tree.

python -I -S measured.py REPORT.json COMMAND ...

A process of its own and a small one: Linux counts the memory of the process that forks into the peak of what it
starts, so a parent that holds numpy would add itself to every figure. Standard library only.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

# Between two looks at the tree. The peak of the largest process is exact all the same: the kernel keeps it.
SAMPLE_SECONDS = 0.02


def main(report: str, *command: str) -> int:
    """Run `command`, write {"seconds", "peak_bytes"} to `report`, and answer the command's exit code."""
    peak_of_tree = 0
    is_over = threading.Event()

    def sample() -> None:
        nonlocal peak_of_tree
        while not is_over.wait(SAMPLE_SECONDS):
            peak_of_tree = max(peak_of_tree, sum(map(resident_bytes, tree(child.pid))))

    start = time.perf_counter()
    child = subprocess.Popen(command)
    sampler = threading.Thread(target=sample, daemon=True)
    sampler.start()
    _, status, usage = os.wait4(child.pid, 0)
    seconds = time.perf_counter() - start
    is_over.set()
    sampler.join()
    child.returncode = os.waitstatus_to_exitcode(status)
    peak_of_largest = usage.ru_maxrss * 1024  # Linux counts in KiB
    figures = {"seconds": seconds, "peak_bytes": max(peak_of_tree, peak_of_largest)}
    Path(report).write_text(json.dumps(figures), encoding="utf-8")
    return child.returncode


def tree(root: int) -> Iterator[int]:
    """The process `root` and everything it has started that still runs."""
    waiting = [root]
    while waiting:
        process = waiting.pop()
        yield process
        for children in Path(f"/proc/{process}/task").glob("*/children"):
            try:
                waiting += map(int, children.read_text(encoding="ascii").split())
            except OSError:  # the thread has ended
                continue


def resident_bytes(process: int) -> int:
    """What the process holds in memory now; 0 once it has ended."""
    try:
        pages = int(Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1])
    except OSError:  # the process has ended
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
