"""The results of a case as a section of RESULTS.md."""

from __future__ import annotations

import platform
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tests.benchmarks import machine
from tests.benchmarks.alternation import SCORE_TOLERANCE, Result
from tests.benchmarks.cases import FASTEST, Case, Contest, Goal

RESULTS_FILE = Path(__file__).with_name("RESULTS.md")
_OPENING = """# Measured

Written by `python -m tests.benchmarks` (README.md beside this file says how); each section by a run of its own. The
competitors of a section take turns, another one first in each round, after one round that is not counted. A whole
process is timed from its start to its end; its memory is the peak of the whole process tree: the sum of resident
sizes, looked at every 20 ms, or the kernel's own peak of the largest process, whichever is larger. A warm one has been
started, has read the truth and has done the work once before; each of its turns is timed from asking to the answer,
and its memory is the kernel's peak during that turn. Medians over the runs are shown. Ratios of memory are to the
fastest peer's, be another smaller or not.
"""


# More of the same contents are not all named again below the table.
_NAMES_SHOWN = 4


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
    tables = [_table(contest, results, is_warm=is_warm) for is_warm in (False, True)]
    paragraphs = [
        f"## {case.title}",
        f"{contest.data}." + ("" if occasion.scale == 1 else f" A TRIAL at {occasion.scale:g} of the true size."),
        *tables,
        "\n".join(_verdict(goal, contest, results) for goal in contest.goals if _has_run(goal.competitor, results)),
        "\n".join(_contents(results)),
        "\n".join(_steps(results)),
        "\n".join(f"- {remark}" for remark in (*_agreement(results), *_few_runs(results, occasion), *case.remarks)),
        "\n".join(f"- Not run: {reason}." for reason in contest.left_out),
        _circumstances(contest, occasion),
    ]
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph) + "\n"


def _fastest(results: Sequence[Result], *, is_warm: bool) -> Result | None:
    """The fastest yardstick of one kind."""
    yardsticks = (each for each in results if each.competitor.is_yardstick and each.competitor.is_warm == is_warm)
    return min(yardsticks, key=lambda each: each.median_seconds, default=None)


def _table(contest: Contest, results: Sequence[Result], *, is_warm: bool) -> str:
    """The whole processes, or the warm ones; empty where there are none."""
    shown = [each for each in results if each.competitor.is_warm == is_warm]
    if not shown:
        return ""
    alike, whole = _fastest(results, is_warm=is_warm), _fastest(results, is_warm=False)
    columns = ["warm" if is_warm else "whole process", "median", "fastest to slowest"]
    columns += [f"x {contest.yardstick}" + (", warm" if is_warm else "")] if alike else []
    columns += [f"x {contest.yardstick}, whole process"] if is_warm and whole else []
    has_lines = any(each.competitor.lines for each in shown)
    columns += ["per million lines"] if has_lines else []
    columns += ["peak memory", *(["x its memory"] if alike else []), "score", "reads"]
    rows = [columns, ["---", *["---:"] * (len(columns) - 2), "---"]]
    for each in shown:
        low, high = each.spread_seconds
        row = [each.competitor.name, f"{each.median_seconds:.3f} s", f"{low:.3f} to {high:.3f} s"]
        row += [_ratio(each.median_seconds / alike.median_seconds)] if alike else []
        row += [_ratio(each.median_seconds / whole.median_seconds)] if is_warm and whole else []
        row += [_per_million(each)] if has_lines else []
        row += [f"{each.median_peak_bytes / 1e6:,.0f} MB"]
        row += [_ratio(each.median_peak_bytes / alike.median_peak_bytes)] if alike else []
        rows.append([*row, _score(each), each.competitor.reads])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _ratio(ratio: float) -> str:
    """Two decimals, or two digits where it is small."""
    return f"{ratio:.2f}" if ratio >= 0.1 else f"{ratio:.2g}"


def _per_million(result: Result) -> str:
    lines = result.competitor.lines
    return f"{result.median_seconds / lines * 1e6:.3f} s" if lines else ""


def _score(result: Result) -> str:
    name = result.competitor.figure
    value = result.scores.get(name) if name else None
    return "" if value is None else f"{value:.9f}"


def _has_run(name: str, results: Sequence[Result]) -> bool:
    return any(each.competitor.name == name for each in results)


def _verdict(goal: Goal, contest: Contest, results: Sequence[Result]) -> str:
    """A line that says what was to be reached, and what was."""
    by_name = {each.competitor.name: each for each in results}
    own = _measure(goal, by_name[goal.competitor])
    if goal.of is None:
        most, measured, is_reached = _amount(goal.most, goal), _amount(own, goal), own <= goal.most
    else:
        yardstick = _fastest(results, is_warm=False) if goal.of == FASTEST else by_name.get(goal.of)
        if yardstick is None:
            return f"- Goal: {goal.competitor}: nothing to compare with has run."
        of = f"the {contest.yardstick}'s whole process" if goal.of == FASTEST else goal.of
        ratio = own / _measure(goal, yardstick)
        most, measured, is_reached = f"{goal.most:g} of {of}", _ratio(ratio), ratio <= goal.most
    verdict = "reached" if is_reached else "NOT reached"
    return f"- Goal: {goal.competitor}, {goal.figure} at most {most}: {measured}, {verdict}."


def _measure(goal: Goal, result: Result) -> float:
    known = {"time": result.median_seconds, "memory": result.median_peak_bytes}
    return known[goal.figure] if goal.figure in known else result.steps[goal.figure]


def _amount(value: float, goal: Goal) -> str:
    return f"{value / 1e6:,.0f} MB" if goal.figure == "memory" else f"{value:.3f} s"


def _contents(results: Sequence[Result]) -> Iterator[str]:
    """What each timing includes; those of the same contents on one line."""
    names: dict[str, list[str]] = {}
    for each in results:
        names.setdefault(each.competitor.includes, []).append(each.competitor.name)
    for includes, them in names.items():
        who = "; ".join(them) if len(them) <= _NAMES_SHOWN else f"{them[0]}, and the {len(them) - 1} like it"
        yield f"- {who}: {includes}."


def _steps(results: Sequence[Result]) -> Iterator[str]:
    for each in results:
        if each.steps:
            steps = ", ".join(f"{name} {seconds:.2f} s" for name, seconds in each.steps.items())
            yield f"- {each.competitor.name}, as it times itself: {steps}"


def _agreement(results: Sequence[Result]) -> Iterator[str]:
    """How far apart the scores are that were compared."""
    groups: dict[str, list[Result]] = {}
    for each in results:
        if each.competitor.compared_as is not None:
            groups.setdefault(each.competitor.compared_as, []).append(each)
    told = [
        f"{group} ({len(members)} competitors, largest difference {_largest_difference(members):.1g})"
        for group, members in groups.items()
        if len(members) > 1
    ]
    if told:
        yield f"Scores that must be the same to {SCORE_TOLERANCE:g}, and are: {', '.join(told)}"


def _largest_difference(results: Sequence[Result]) -> float:
    """Between any two of them in any score that all print."""
    names = set.intersection(*(set(each.scores) for each in results))
    values = [[score for each in results if (score := each.scores[name]) is not None] for name in names]
    return max((max(them) - min(them) for them in values if them), default=0.0)


def _few_runs(results: Sequence[Result], occasion: Occasion) -> Iterator[str]:
    for each in results:
        if len(each.runs) < occasion.rounds:
            yield f"{each.competitor.name} is slow: {len(each.runs)} of the {occasion.rounds} rounds, all counted"


def _circumstances(contest: Contest, occasion: Occasion) -> str:
    return (
        f"{occasion.moment:%Y-%m-%d}, {occasion.rounds} round{'s' if occasion.rounds > 1 else ''}; "
        f"other work took {occasion.bystanders:.0%} of the processors meanwhile. "
        f"{machine.described()}. Python {platform.python_version()}; {_listed(occasion.own_versions)}"
        + (f"; the peers' environment: {_listed(contest.peers)}." if contest.peers else ".")
    )


def _listed(versions: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {version}" for name, version in versions.items())


def put_section(text: str, new: str, *, order: Sequence[str] = ()) -> str:
    """`text`, a RESULTS.md, with the section of the same title replaced by `new`, or `new` added.

    Args:
        text: the file, empty at first.
        new: a section, from its `## ` on.
        order: titles in the order they are to stand in; others come last.
    """
    _, *sections = re.split(r"^(?=## )", text, flags=re.MULTILINE)
    by_title = {_title(each): each for each in (*sections, new)}
    places = {title: place for place, title in enumerate(order)}
    titles = sorted(by_title, key=lambda title: places.get(title, len(places)))
    return "\n\n".join(part.strip() for part in (_OPENING, *(by_title[title] for title in titles))) + "\n"


def _title(section: str) -> str:
    return section.partition("\n")[0].removeprefix("## ")
