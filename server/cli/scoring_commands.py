"""`heldout validate` and `heldout score`: offline, with nothing but the scoring package."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from server.cli.exits import Exit
from server.cli.findings import write_findings
from server.cli.terminal import Format, plain_table, progress_bar, results, write_json

if TYPE_CHECKING:
    from scoring.evaluation import Checked
    from scoring.rounds import PublicRound

PredictionFile = Annotated[
    Path, typer.Argument(metavar="FILE", help="The prediction file.", exists=True, dir_okay=False, readable=True)
]
FormatOption = Annotated[Format, typer.Option("--format", help="How the result is written.")]


def validate(
    round_or_kit: Annotated[
        Path,
        typer.Argument(metavar="ROUND_OR_KIT", help="A round's folder, or the zip of its public half.", exists=True),
    ],
    file: PredictionFile,
    output: FormatOption = Format.TABLE,
) -> None:
    """Check a prediction file: every fault with its line. Needs no account, no network and no truth."""
    from scoring.evaluation import validate as validate_file
    from scoring.rounds import load_public_round

    public = load_public_round(round_or_kit)
    with progress_bar("reading") as progress:
        checked = validate_file(public, file, progress=progress)
    if output is Format.JSON:
        write_json(_checked_json(public, checked))
    else:
        _write_checked(file, checked)
    if not checked.report.is_valid:
        raise typer.Exit(Exit.INVALID)


def score(
    round_folder: Annotated[
        Path, typer.Argument(metavar="ROUND", help="The round's folder, with its truth.", exists=True)
    ],
    file: PredictionFile,
    output: FormatOption = Format.TABLE,
) -> None:
    """Score a prediction file against a round's truth, on this machine alone."""
    from scoring.evaluation import evaluate
    from scoring.opening import open_round

    with progress_bar("reading the truth") as progress:
        public, truth = open_round(round_folder, progress=progress)
    with progress_bar("scoring") as progress:
        evaluation = evaluate(public, truth, file, progress=progress)
    document = evaluation.as_json(public)
    if output is Format.JSON:
        write_json(document)
    else:
        _write_checked(file, evaluation.checked)
        if evaluation.scorecard is not None:
            _write_scores(public, document)
    if not evaluation.checked.report.is_valid:
        raise typer.Exit(Exit.INVALID)


def _checked_json(public: PublicRound, checked: Checked) -> dict[str, Any]:
    return {
        "task": public.task,
        "round": public.slug,
        "findings": checked.report.as_json(),
        "predictions": {"sha256": checked.sha256, "lines": checked.lines},
    }


def _write_checked(file: Path, checked: Checked) -> None:
    report, console = checked.report, results()
    write_findings(console, report.as_json())
    if report.is_valid:
        console.print(Text(f"{file.name}: {checked.lines} lines, valid", style="green"))
    else:
        count = sum({finding.code: finding.count for finding in report.errors}.values())
        console.print(Text(f"{file.name}: not valid, {count:,} error{'' if count == 1 else 's'}", style="red"))


def _write_scores(public: PublicRound, document: dict[str, Any]) -> None:
    from scoring.tasks import find_task

    scores = [
        (metric.label, _shown_score(document["scores"][metric.name]), metric.direction)
        for metric in find_task(public.task).metrics
        if metric.name in document["scores"]
    ]
    console = results()
    console.print(plain_table(("metric", ">score", ""), scores))
    console.print(plain_table(("count", ">"), [(name, str(count)) for name, count in document["counts"].items()]))


def _shown_score(score: float | None) -> str:
    return "undefined" if score is None else f"{score:.6f}"
