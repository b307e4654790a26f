"""A process of its own that validates files, and tells what each of them took.

Used as `python -m tests.hostile.peaks`, with a JSON list of [round, small file, [file, ...]] on its input; prints one
JSON object a file.
"""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Sequence
from pathlib import Path

from scoring.evaluation import validate
from scoring.rounds import load_public_round

_STATUS, _CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def forget_peak() -> None:
    """Where the system can: let the peak be that of what comes now."""
    if _CLEAR.exists():
        _CLEAR.write_text("5")


def peak_bytes() -> int:
    """The most memory that was resident.

    Not the figure of getrusage where there is another: on Linux a child inherits the peak of whoever started it.
    """
    if _STATUS.exists():
        line = next(line for line in _STATUS.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def measure(folder: str, small: str, files: Sequence[str]) -> None:
    """Validate `files` in the round of `folder`, once a small one has loaded whatever has to be loaded once."""
    public = load_public_round(Path(folder))
    validate(public, Path(small))
    forget_peak()
    base = peak_bytes()
    for file in files:
        forget_peak()
        report = validate(public, Path(file)).report
        codes = sorted({finding.code for finding in report.findings})
        print(json.dumps({"file": file, "codes": codes, "grown_bytes": peak_bytes() - base}), flush=True)


if __name__ == "__main__":
    for one in json.load(sys.stdin):
        measure(*one)
