"""Arguments and options that several commands have."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from server.cli.terminal import Format

Slug = Annotated[str, typer.Argument(metavar="ROUND", help="The round's short name on the server.")]
DataOption = Annotated[Path | None, typer.Option("--data", help="The server's data folder.  [default: heldout-data]")]
PasswordOption = Annotated[bool, typer.Option("--password-stdin", help="Read the password from standard input.")]
FormatOption = Annotated[Format, typer.Option("--format", help="How the result is written.")]


def number(metavar: str, words: str) -> Any:
    """An argument that is the number of something: as large as a database keeps and the API takes."""
    return typer.Argument(metavar=metavar, help=words, min=1, max=2**62)


def read_password(*, from_stdin: bool) -> str:
    """The first line of standard input, or what is typed unseen."""
    return sys.stdin.readline().rstrip("\r\n") if from_stdin else str(typer.prompt("Password", hide_input=True))
