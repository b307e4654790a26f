"""Arguments and options that several commands have."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from server.cli.exits import CommandFailed, Exit
from server.cli.terminal import Format

Slug = Annotated[str, typer.Argument(metavar="ROUND", help="The round's short name on the server.")]
DataOption = Annotated[Path | None, typer.Option("--data", help="The server's data folder.  [default: heldout-data]")]
PasswordOption = Annotated[bool, typer.Option("--password-stdin", help="Read the password from standard input.")]
FormatOption = Annotated[Format, typer.Option("--format", help="How the result is written.")]


def number(metavar: str, words: str) -> Any:
    """An argument that is the number of something: as large as a database keeps and the API takes."""
    return typer.Argument(metavar=metavar, help=words, min=1, max=2**62)


def read_password(*, from_stdin: bool) -> str:
    """What is typed unseen at a terminal; else the first line of standard input.

    Raises:
        CommandFailed: there is none.
    """
    if sys.stdin.isatty() and not from_stdin:
        return str(typer.prompt("Password", hide_input=True))
    line = sys.stdin.readline()
    if not line:
        raise CommandFailed(
            "A password is due, and standard input is empty.",
            advice="Write the password there, or run the command at a terminal.",
            exit_code=Exit.USAGE,
        )
    return line.rstrip("\r\n")
