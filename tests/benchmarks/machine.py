"""The machine that figures come from, and what else it was doing."""

from __future__ import annotations

import os
import platform
import re
import resource
import time
from dataclasses import dataclass, field
from pathlib import Path


def described() -> str:
    """Processor, cores, memory and system; no names."""
    processor = _first_match(Path("/proc/cpuinfo"), r"model name\s*:\s*(.+)") or platform.machine()
    kibibytes = _first_match(Path("/proc/meminfo"), r"MemTotal:\s*(\d+)")
    memory = f"{int(kibibytes) / 2**20:.0f} GiB" if kibibytes else "memory unknown"
    return f"{processor}, {os.cpu_count()} cores, {memory}, {platform.system()} {platform.machine()}"


def _first_match(path: Path, pattern: str) -> str | None:
    found = re.search(pattern, path.read_text(encoding="utf-8")) if path.exists() else None
    return found[1].strip() if found else None


@dataclass(kw_only=True)
class Bystanders:
    """How much of the processors went to others since this was made: other work spoils figures."""

    _start: float = field(default_factory=time.monotonic)
    _busy: float = field(default_factory=lambda: _busy_seconds() - _own_seconds())

    def share(self) -> float:
        """From 0, nothing, to 1, all processors all the time."""
        elapsed = (time.monotonic() - self._start) * (os.cpu_count() or 1)
        return min(max((_busy_seconds() - _own_seconds() - self._busy) / elapsed, 0.0), 1.0)


def _busy_seconds() -> float:
    """Seconds that all processors together have not been idle, those that a virtual machine did not get included."""
    first_line = Path("/proc/stat").read_text(encoding="ascii").splitlines()[0]
    user, nice, system, _idle, _waiting, interrupts, soft, stolen = map(int, first_line.split()[1:9])
    return (user + nice + system + interrupts + soft + stolen) / os.sysconf("SC_CLK_TCK")


def _own_seconds() -> float:
    """Processor seconds of this process and of those it has waited for."""
    usages = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)
