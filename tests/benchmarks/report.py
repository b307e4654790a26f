"""The results of a case as a section of RESULTS.md."""

from __future__ import annotations

import platform
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tests.benchmarks import machine
from tests.benchmarks.alternation import Result
from tests.benchmarks.cases import Case, Contest

RESULTS_FILE = Path(__file__).with_name("RESULTS.md")
_OPENING = """# Measured

Written by `python -m tests.benchmarks` (README.md beside this file says how). Every run is a whole process, from its
start to its end; the competitors take turns, another one first in each round, after one round that is not counted.
Memory is the peak of the whole process tree: the sum of resident sizes, looked at every 20 ms, or the kernel's own
peak of the largest process, whichever is larger; the median over the runs is shown.
"""


@dataclass(frozen=True, kw_only=True)
class Occasion:
    """When and where a case was run."""

    moment: datetime
    rounds: int
    scale: float
    own_versions: Mapping[str, str]  # distribution -> version, where heldout is installed
    bystanders: float  # share of the processors that went to other work meanwhile


def section(case: Case, contest: Contest, results: Sequence[Result], occasion: Occasion) -> str:
    """The case's section, Markdown."""
    paragraphs = [
        f"## {case.title}",
        f"{contest.data}." + ("" if occasion.scale == 1 else f" A TRIAL at {occasion.scale:g} of the true size."),
        _table(results),
        "\n".join(f"- {result.competitor.name}: {result.competitor.includes}." for result in results),
        _steps(results),
        "\n".join(f"- {remark}" for remark in case.remarks),
        _circumstances(contest, occasion),
    ]
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph) + "\n"


def _table(results: Sequence[Result]) -> str:
    fastest = min((each.median_seconds for each in results if each.competitor.is_peer), default=None)
    lines = [
        "| whole process | median | fastest to slowest | x fastest peer | peak memory | score | reads |",
        "|---|---:|---:|---:|---:|---:|---|",
    ]
    for each in results:
        low, high = each.spread_seconds
        ratio = "" if fastest is None else f"{each.median_seconds / fastest:.2f}"
        figure = "" if each.figure is None else f"{each.figure:.6f}"
        lines.append(
            f"| {each.competitor.name} | {each.median_seconds:.3f} s | {low:.3f} to {high:.3f} s | {ratio} "
            f"| {each.median_peak_bytes / 1e6:,.0f} MB | {figure} | {each.competitor.reads} |"
        )
    return "\n".join(lines)


def _steps(results: Sequence[Result]) -> str:
    lines = [
        f"- {each.competitor.name}, as it times itself: "
        + ", ".join(f"{name} {seconds:.2f} s" for name, seconds in each.steps.items())
        for each in results
        if each.steps
    ]
    return "\n".join(lines)


def _circumstances(contest: Contest, occasion: Occasion) -> str:
    return (
        f"{occasion.moment:%Y-%m-%d}, {occasion.rounds} rounds; "
        f"other work took {occasion.bystanders:.0%} of the processors meanwhile. "
        f"{machine.described()}. Python {platform.python_version()}; {_listed(occasion.own_versions)}"
        + (f"; the peers' environment: {_listed(contest.peers)}." if contest.peers else ".")
    )


def _listed(versions: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {version}" for name, version in versions.items())


def put_section(text: str, case: Case, new: str) -> str:
    """`text`, a RESULTS.md, with the case's section replaced by `new`, or `new` at its end."""
    opening, *sections = re.split(r"^(?=## )", text or _OPENING, flags=re.MULTILINE)
    is_same = [each.startswith(f"## {case.title}\n") for each in sections]
    parts = [new if same else each for each, same in zip(sections, is_same, strict=True)]
    return "\n\n".join(part.strip() for part in (opening, *parts, *([] if any(is_same) else [new]))) + "\n"
