"""`heldout round selftest`: whether files whose scores are known beforehand score so in a round's folder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from rich.text import Text

from server.cli.exits import Exit
from server.cli.round_commands import RoundFolder
from server.cli.terminal import plain_table, progress_bar, results, write_json

if TYPE_CHECKING:
    from scoring.rounds import PublicRound
    from server.selftest.selftest import Tried


def selftest(
    folder: RoundFolder,
    form: Annotated[Literal["table", "json"], typer.Option("--format", help="How to tell the result.")] = "table",
) -> None:
    """Score a perfect, an empty and a random file, and the baselines: do they score as they must?"""
    from server.jobs.staging import read_round
    from server.selftest.selftest import run_selftest

    with progress_bar("reading the truth") as progress:
        read = read_round(folder, progress=progress)
    tried = run_selftest(read.public, read.truth, baselines=read.baselines)
    is_right = not any(one.faults for one in tried)
    if form == "json":
        write_json(_document(read.public, tried, is_right=is_right))
    else:
        _write_table(read.public, tried, is_right=is_right)
    if not is_right:
        raise typer.Exit(Exit.USAGE)


def _document(public: PublicRound, tried: tuple[Tried, ...], *, is_right: bool) -> dict[str, Any]:
    return {
        "round": public.slug,
        "task": public.task,
        "is_right": is_right,
        "files": [{"name": one.name, "scores": dict(one.scores), "faults": list(one.faults)} for one in tried],
    }


def _write_table(public: PublicRound, tried: tuple[Tried, ...], *, is_right: bool) -> None:
    metric, console = public.policy.best_by, results()
    rows = [(one.name, _shown(one.scores.get(metric)), "; ".join(one.faults) or "as it must") for one in tried]
    console.print(plain_table(("file", f">{metric}", "scores"), rows))
    console.print(Text("Every file scores as it must." if is_right else "Something does not score as it must."))


def _shown(score: float | None) -> str:
    return "-" if score is None else f"{score:.5f}"
