"""What a team does with a submission or a method it has sent."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from server.cli.client_config import logged_in
from server.cli.options import FormatOption
from server.cli.terminal import Format, plain_table, results, write_json

Number = Annotated[int, typer.Argument(metavar="SUBMISSION", help="Its number, as `heldout submissions` has it.")]


def withdraw(submission: Number, output: FormatOption = Format.TABLE) -> None:
    """Take a submission off the board for good; or out of the queue, which gives its place back."""
    with logged_in() as client:
        done = client.send("POST", f"/submissions/{submission}/withdraw")
    if output is Format.JSON:
        write_json(done)
        return
    where = "out of the queue" if done["state"] == "cancelled" else "off the board"
    results().print(Text(f"Submission {submission} is {where}."))


def choose(
    submission: Number,
    *,
    is_undone: Annotated[bool, typer.Option("--undo", help="Take the choice back.")] = False,
    output: FormatOption = Format.TABLE,
) -> None:
    """Choose a submission to stand for your team at the reveal, in rounds where teams choose."""
    with logged_in() as client:
        done = client.send("POST", f"/submissions/{submission}/final", {"is_final": not is_undone})
    if output is Format.JSON:
        write_json({"id": submission, **done})
        return
    where = f" in the track {done['track']}" if done["track"] else ""
    chosen = ", ".join(str(number) for number in done["chosen"]) or "none"
    results().print(Text(f"Submission {submission} is {'no longer ' if is_undone else ''}chosen."))
    results().print(
        Text(
            f"Your team may choose {done['may_choose']}{where}; now: {chosen}."
            " At the reveal the best of them counts; where there are none, your best."
        )
    )


def download(
    submission: Number,
    target: Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help="A new file.", dir_okay=False)],
) -> None:
    """Read the file of a submission again, as it was sent."""
    with logged_in() as client:
        client.download(f"/submissions/{submission}/file", target)
    results().print(Text(f"Wrote {target}"))


def describe(
    entry: Annotated[int, typer.Argument(metavar="ENTRY", help="The entry's number, as `heldout submissions` has it.")],
    *,
    description: Annotated[str | None, typer.Option("--description", help='What the method does; "" for none.')] = None,
    paper: Annotated[str | None, typer.Option("--paper", help='The address of the paper; "" for none.')] = None,
    code: Annotated[str | None, typer.Option("--code", help='The address of the code; "" for none.')] = None,
    anonymous: Annotated[
        bool | None, typer.Option("--anonymous/--named", help="Whether the team is named before the reveal.")
    ] = None,
    not_competing: Annotated[
        bool | None, typer.Option("--not-competing/--competing", help="Whether it is shown without a rank.")
    ] = None,
    output: FormatOption = Format.TABLE,
) -> None:
    """Say something else of a method that was sent, after the close, too; without options, show what is said."""
    said = {
        "description": description, "paper": paper, "code": code, "anonymous": anonymous,
        "not_competing": not_competing,
    }  # fmt: skip
    with logged_in() as client:
        done = client.send(
            "PATCH", f"/entries/{entry}", {name: value for name, value in said.items() if value is not None}
        )
    if output is Format.JSON:
        write_json(done)
        return
    rows = [
        ("method", done["method"]),
        *((name, done[name]) for name in ("track", "description", "paper", "code") if done[name]),
        ("named", "not before the reveal" if done["anonymous"] else "yes"),
        ("competing", "no" if done["not_competing"] else "yes"),
    ]
    results().print(plain_table(("", ""), rows))
