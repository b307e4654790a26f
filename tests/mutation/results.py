"""RESULTS.md: a section for each module that was tried, and the table of them all, made anew from the sections."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.mutation.campaign import ModuleResult, path_of
from tests.mutation.reasons import Reasons

RESULTS_FILE = Path(__file__).parent / "RESULTS.md"
HEADING = """# What mutation testing found

Written by `python -m tests.mutation`; [README.md](README.md) says what is mutated, `survivors.toml` holds the reasons.
"""
_COUNTS = re.compile(r"(\d+) mutants, (\d+) killed")
_LONGEST = 110  # characters of a statement


def keep(
    result: ModuleResult, reasons: Reasons, *, modules: Sequence[str], budget_seconds: float, file: Path = RESULTS_FILE
) -> str:
    """Write the file with this module's section in place of what it was, without modules that are no more.

    Returns:
        Its table.
    """
    before = file.read_text("utf-8") if file.exists() else ""
    sections = {module: text for module, text in _sections(before) if module in modules}
    sections[result.module] = "\n".join(_lines(result, reasons, budget_seconds=budget_seconds))
    table = "\n".join(_table(sections))
    body = "\n\n".join(f"## {module}\n\n{text}" for module, text in sorted(sections.items()))
    file.write_text(f"{HEADING}\n{table}\n\n{body}\n", "utf-8")
    return table


def _sections(text: str) -> Iterator[tuple[str, str]]:
    for section in text.split("\n## ")[1:]:
        module, _, lines = section.partition("\n")
        yield module, lines.strip()


def _lines(result: ModuleResult, reasons: Reasons, *, budget_seconds: float) -> Iterator[str]:
    killed = result.mutants - len(result.survivors)
    yield f"{result.mutants} mutants, {killed} killed; up to {budget_seconds:g} s of tests each."
    for number, mutant in enumerate(result.survivors):
        if not number:
            yield ""
        reason = reasons.of(mutant) or "**no reason yet**"
        statement = mutant.statement if len(mutant.statement) <= _LONGEST else mutant.statement[:_LONGEST] + " …"
        yield f"- {path_of(mutant.module)}:{mutant.lines[0]} `{mutant.function}`, `{statement}`:"
        yield f"  `{mutant.mutation}`. {reason}"


def _table(sections: dict[str, str]) -> Iterator[str]:
    yield "| module | mutants | killed | share |\n|---|---|---|---|"
    total_mutants = total_killed = 0
    for module, text in sorted(sections.items()):
        found = _COUNTS.search(text)
        mutants, killed = (int(found[1]), int(found[2])) if found else (0, 0)
        total_mutants += mutants
        total_killed += killed
        yield _row(module, mutants, killed)
    yield _row("all", total_mutants, total_killed)


def _row(name: str, mutants: int, killed: int) -> str:
    return f"| {name} | {mutants:,} | {killed:,} | {f'{killed / mutants:.1%}' if mutants else 'nothing to mutate'} |"
