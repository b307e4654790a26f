"""Findings and faults, as a person reads them in a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.text import Text

from scoring.errors import FaultyRound
from server.cli.terminal import messages, plain_table


def write_findings(console: Console, findings: Sequence[Mapping[str, Any]]) -> None:
    """Every finding with its line, value and advice; the kinds that occur more often with their count."""
    shown: dict[str, int] = {}
    for finding in findings:
        code, count = str(finding["code"]), int(finding["count"])
        shown[code] = shown.get(code, 0) + 1
        where = "" if finding["line"] is None else f" line {finding['line']}"
        style = "red" if finding["severity"] == "error" else "yellow"
        value = "" if finding["value"] is None else f": {finding['value']}"
        console.print(Text.assemble((f"{finding['severity']}{where}", style), f" {finding['message']}{value}"))
        if shown[code] == 1:
            console.print(Text(f"    {finding['advice']}  [{code}, {count} in all]", style="dim"))


def write_faults(error: FaultyRound) -> None:
    """Every fault of a round's folder, on standard error."""
    console = messages()
    console.print(Text.assemble(("error: ", "bold red"), str(error)))
    rows = [
        (
            fault.file + ("" if fault.line is None else f":{fault.line}"),
            fault.key or "",
            fault.message + ("" if fault.value is None else f": {fault.value}"),
            fault.advice,
        )
        for fault in error.faults
    ]
    console.print(plain_table(("file", "key", "what is wrong", "how to mend it"), rows))
