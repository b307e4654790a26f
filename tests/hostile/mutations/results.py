"""The results of all runs, as RESULTS.md shows them."""

from __future__ import annotations

import platform
import sys
from collections import Counter
from collections.abc import Sequence
from importlib.metadata import version

from tests.hostile.mutations.tally import Tally
from tests.hostile.mutations.valid_files import KINDS

_PACKAGES = ("numpy", "numba", "pyarrow", "pillow", "isal")


def results_text(tallies: Sequence[Tally], *, command: str) -> str:
    """The whole of RESULTS.md."""
    outcomes: Counter[str] = Counter()
    for tally in tallies:
        outcomes.update(tally.outcomes)
    seconds, count = sum(tally.seconds for tally in tallies), sum(outcomes.values())
    slowest = max((tally.slowest_seconds, tally.slowest or 0) for tally in tallies)
    versions = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    lines = [
        "# Mutations of valid files",
        "",
        "Every file was validated, and then evaluated, by the round of its task. It has to end in findings or in a",
        "score, within 2 s of a processor and 512 MiB of memory; whatever else happens is a failure.",
        "",
        f"- Command: `{command}`",
        f"- Files: {count:,}, numbers {_ranges(tallies)}; failures: {sum(len(t.failures) for t in tallies)}",
        f"- Memory: at most {max(t.grown_bytes for t in tallies) / 2**20:.0f} MiB beyond what a process had before",
        f"- The slowest: number {slowest[1]}, {slowest[0]:.2f} s of a processor",
        f"- Time: {seconds / 3600:.2f} hours of all processes, {count / seconds:.0f} files a second and process",
        f"- With: Python {sys.version.split()[0]}, {versions}, {platform.system()} on {platform.machine()}",
        "",
        *_by_kind(outcomes),
        "",
        *_by_code(tallies),
        "",
        *_failures(tallies),
    ]
    return "\n".join(lines).rstrip() + "\n"


def _ranges(tallies: Sequence[Tally]) -> str:
    """The numbers as ranges without a gap."""
    ranges: list[list[int]] = []
    for first, end in sorted({(tally.first, tally.first + tally.count) for tally in tallies}):
        if ranges and ranges[-1][1] == first:
            ranges[-1][1] = end
        else:
            ranges.append([first, end])
    return ", ".join(f"{first:,} to {end - 1:,}" for first, end in ranges)


def _by_kind(outcomes: Counter[str]) -> list[str]:
    rows = ["| task | format | files | scored | refused | failed |", "|---|---|---:|---:|---:|---:|"]
    for kind in KINDS:
        counts = [outcomes[f"{kind}, {outcome}"] for outcome in ("scored", "refused", "failed")]
        numbers = " | ".join(f"{number:,}" for number in (sum(counts), *counts))
        rows.append(f"| {kind.task} | {kind.encoding} | {numbers} |")
    return rows


def _by_code(tallies: Sequence[Tally]) -> list[str]:
    files: Counter[str] = Counter()
    failures: Counter[str] = Counter()
    for tally in tallies:
        files[tally.code] += tally.count
        failures[tally.code] += len(tally.failures)
    rows = ["| sources of `scoring` and of the mutations, their digest | files | failures |", "|---|---:|---:|"]
    return rows + [f"| {code} | {number:,} | {failures[code]:,} |" for code, number in files.items()]


def _failures(tallies: Sequence[Tally]) -> list[str]:
    failures = [(tally.code, failure) for tally in tallies for failure in tally.failures]
    return [f"- {failure.number} ({failure.kind}), on {code}: {failure.what}" for code, failure in failures]
