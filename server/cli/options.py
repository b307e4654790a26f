"""Arguments and options that several commands have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from server.cli.terminal import Format

Slug = Annotated[str, typer.Argument(metavar="ROUND", help="The round's short name on the server.")]
DataOption = Annotated[Path | None, typer.Option("--data", help="The server's data folder.  [default: heldout-data]")]
FormatOption = Annotated[Format, typer.Option("--format", help="How the result is written.")]
