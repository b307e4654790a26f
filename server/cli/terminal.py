"""What commands write: results to standard output, progress and everything else to standard error."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:  # JSON into a pipe needs none of it
    from rich.console import Console
    from rich.table import Table

# A pipe has no width; tables written into one keep their lines whole.
PIPE_COLUMNS = 200


class Format(StrEnum):
    """How a result is written."""

    TABLE = "table"
    JSON = "json"


class BoardFormat(StrEnum):
    """How a board is written."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


def results() -> Console:
    """Where tables and sentences for the reader go."""
    return _console(sys.stdout)


def messages() -> Console:
    """Where errors and progress go."""
    return _console(sys.stderr)


def _console(stream: TextIO) -> Console:
    from rich.console import Console

    return Console(
        file=stream, width=None if stream.isatty() else PIPE_COLUMNS, highlight=False, markup=False, emoji=False
    )


def write_json(document: Mapping[str, Any] | Sequence[Any]) -> None:
    """Write one JSON document, the only thing on standard output."""
    json.dump(document, sys.stdout, indent=2, allow_nan=False)
    sys.stdout.write("\n")


def write_error(message: str, advice: str) -> None:
    """Say what went wrong and how to go on."""
    from rich.text import Text

    console = messages()
    console.print(Text.assemble(("error: ", "bold red"), message))
    console.print(Text(advice))


def plain_table(
    headings: Sequence[str], rows: Sequence[Sequence[str]], *, optional: Collection[str] = ()
) -> Table:  # fmt: skip
    """A table of literal text; headings that start with ">" are set flush right, `optional` columns go if empty."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    shown = [place for place, name in enumerate(headings) if name not in optional or any(row[place] for row in rows)]
    for heading in (headings[place] for place in shown):
        is_number = heading.startswith(">")
        table.add_column(Text(heading.removeprefix(">")), justify="right" if is_number else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(row[place]) for place in shown))
    return table


@contextmanager
def progress_bar(title: str) -> Iterator[Callable[[int, int | None], None] | None]:
    """A function (done, total) that draws a bar; None where nobody watches."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=messages(), transient=True) as progress:
        task = progress.add_task(title, total=None)

        def show(done: int, total: int | None) -> None:
            progress.update(task, completed=done, total=total)

        yield show
