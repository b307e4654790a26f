"""`heldout validate` and `heldout score`: offline, with nothing but the scoring package."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from server.cli.exits import Exit
from server.cli.offline import score_file, validate_file
from server.cli.options import FormatOption
from server.cli.terminal import Format


class Split(StrEnum):
    """Which images are scored."""

    ALL = "all"
    PUBLIC = "public"
    PRIVATE = "private"


PredictionFile = Annotated[
    Path, typer.Argument(metavar="FILE", help="The prediction file.", exists=True, dir_okay=False, readable=True)
]


def validate(
    round_or_kit: Annotated[
        Path,
        typer.Argument(metavar="ROUND_OR_KIT", help="A round's folder, or the zip of its public half.", exists=True),
    ],
    file: PredictionFile,
    output: FormatOption = Format.TABLE,
) -> None:
    """Check a prediction file: every fault with its line. Needs no account, no network and no truth."""
    _end(validate_file(round_or_kit, file, output))


def score(
    *,
    round_folder: Annotated[
        Path, typer.Argument(metavar="ROUND", help="The round's folder, with its truth.", exists=True)
    ],
    file: PredictionFile,
    output: FormatOption = Format.TABLE,
    explain: Annotated[
        bool, typer.Option("--explain", help="Tell why detections fail, with curves and sizes; takes longer.")
    ] = False,
    split: Annotated[Split, typer.Option("--split", help="Of these images alone; the round has its split_seed.")] = (
        Split.ALL
    ),
    drawn_from: Annotated[
        Path | None,
        typer.Option(
            "--drawn-from",
            metavar="FOLDER",
            help="The folder that the round was opened with, where its truth was corrected since: "
            "a correction moves no image to the other split.",
            exists=True,
            file_okay=False,
        ),
    ] = None,
) -> None:
    """Score a prediction file against a round's truth, on this machine alone."""
    _end(score_file(round_folder, file, output, explain=explain, split=split, drawn_from=drawn_from))


def _end(code: Exit) -> None:
    if code is not Exit.DONE:
        raise typer.Exit(code)
