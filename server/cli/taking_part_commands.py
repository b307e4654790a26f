"""What a team reads of rounds, and says to their organizers: that it takes part, a question, an appeal, a doubt."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer
from rich.text import Text

from server.cli.client_config import logged_in
from server.cli.options import FormatOption, Slug
from server.cli.terminal import Format, plain_table, results, write_json


def rounds(output: FormatOption = Format.TABLE) -> None:
    """List the rounds of the server."""
    with logged_in() as client:
        found = client.get("/rounds")["rounds"]
    if output is Format.JSON:
        write_json(found)
        return
    rows = [
        (one["slug"], one["title"], one["task"], ", ".join(one["tracks"]), _state(one), one["closes_at"] or "never")
        for one in found
    ]
    results().print(
        plain_table(("round", "title", "task", "tracks", "phase", "closes (UTC)"), rows, optional={"tracks"})
    )


def _state(one: Mapping[str, Any]) -> str:
    return "paused" if one["is_paused"] else str(one["phase"])


def news(slug: Slug, output: FormatOption = Format.TABLE) -> None:
    """Show what the organizers of a round have told: announcements, corrections of the truth, answers; newest first."""
    with logged_in() as client:
        told = client.get(f"/rounds/{slug}")
    kept = {key: told[key] for key in ("announcements", "corrections", "answers")}
    if output is Format.JSON:
        write_json(kept)
        return
    rows = [
        *((one["at"], "announcement", one["text"]) for one in kept["announcements"]),
        *((one["at"], "correction", one["text"]) for one in kept["corrections"]),
        *((one["at"], "answer", f"{one['question']}\n{one['answer']}") for one in kept["answers"]),
    ]
    if rows:
        results().print(plain_table(("told (UTC)", "what", "text"), sorted(rows, reverse=True)))
    else:
        results().print(Text(f"The organizers of {slug} have told nothing yet."))


def data(slug: Slug, output: FormatOption = Format.TABLE) -> None:
    """Show what the organizers say of the data; where that holds terms, its addresses once you have accepted them."""
    with logged_in() as client:
        told = client.get(f"/rounds/{slug}")
    if output is Format.JSON:
        write_json({"data": told["data"], "is_withheld": told["is_data_withheld"]})
        return
    results().print(Text(told["data"] or f"The organizers of {slug} have said nothing of its data yet."))
    if told["is_data_withheld"]:
        results().print(Text(f"Accept these terms with `heldout accept {slug}`; the addresses are told then."))


def accept(slug: Slug, output: FormatOption = Format.TABLE) -> None:
    """Accept the rules of a round and the terms of its data, in the versions that are in force."""
    with logged_in() as client:
        told = client.get(f"/rounds/{slug}")
        done = client.send("POST", f"/rounds/{slug}/acceptance", {"rules_digest": told["rules_digest"] or ""})
    if output is Format.JSON:
        write_json(done)
        return
    parts = [("the rules", told["rules"]), ("the terms of the data", told["has_data_terms"])]
    accepted = " and ".join(name for name, is_there in parts if is_there) or "everything there is to accept"
    results().print(Text(f"You have accepted {accepted} of {slug}."))


def join(
    slug: Slug,
    code: Annotated[str, typer.Option("--code", help="The round's join code, where you have it.")] = "",
    message: Annotated[str, typer.Option("--message", help="To the organizers, where they decide.")] = "",
    output: FormatOption = Format.TABLE,
) -> None:
    """Take part in a round that is not open to all, or ask for it; again, it tells what became of it."""
    with logged_in() as client:
        known = client.send("POST", f"/rounds/{slug}/participation", {"code": code, "message": message})
    if output is Format.JSON:
        write_json(known)
    else:
        results().print(Text(f"{slug}: {known['state']}."))


def ask(
    slug: Slug, text: Annotated[str, typer.Option("--text", help="Public once it is answered, without your name.")]
) -> None:
    """Ask the organizers of a round."""
    with logged_in() as client:
        client.send("POST", f"/rounds/{slug}/questions", {"text": text})
    results().print(Text(f"The organizers of {slug} have your question; the answer will stand on the round's page."))


def report(
    slug: Slug,
    image: Annotated[str, typer.Argument(metavar="IMAGE", help="Its index, or its name.")],
    text: Annotated[str, typer.Option("--text", help="What is wrong.")],
) -> None:
    """Report an image whose truth is wrong; of the same image again, it takes the place of the first."""
    with logged_in() as client:
        client.send("POST", f"/rounds/{slug}/reports", {"image": image, "text": text})
    results().print(Text(f"The organizers of {slug} have your report."))


def appeal(
    entry: Annotated[
        int, typer.Argument(metavar="ENTRY", help="The entry's number, as `heldout submissions --format json` has it.")
    ],
    text: Annotated[str, typer.Option("--text", help="To the organizers.")],
) -> None:
    """Appeal against the disqualification of your entry: once, within the round's appeal days."""
    with logged_in() as client:
        client.send("POST", f"/entries/{entry}/appeal", {"text": text})
    results().print(Text("The organizers have your appeal."))
