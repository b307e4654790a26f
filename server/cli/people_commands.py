"""Who is behind a round, by command on the server's own data folder: whom it expects, lets in, and is run by."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from server.cli.data_folder import open_data, say
from server.cli.exits import CommandFailed, Exit
from server.cli.options import DataOption, FormatOption, Slug
from server.cli.terminal import Format, plain_table, results, write_json


def roster(
    slug: Slug,
    file: Annotated[
        Path | None,
        typer.Option("--set", metavar="FILE", help="A CSV of name, e-mail and perhaps team: these, and nobody else."),
    ] = None,
    data: DataOption = None,
) -> None:
    """Write whom a round expects and what they have scored, as CSV; or set whom it expects."""
    from server.auth.permissions import COMMAND
    from server.services.rosters import roster_csv, roster_scores, set_roster

    now = datetime.now(UTC)
    if file is not None:
        text = _text(file)
        with open_data(data) as deployment:
            people = set_roster(deployment.database, COMMAND, slug=slug, text=text, now=now)
        say(f"People expected in {slug}: {people:,}.")
        return
    with open_data(data) as deployment, deployment.database.read() as session:
        can_verify = deployment.settings.sends_mail
        sys.stdout.write(roster_csv(roster_scores(session, COMMAND, slug=slug, can_verify=can_verify, now=now)))


def join_code(
    slug: Slug,
    *,
    is_renewed: Annotated[bool, typer.Option("--renew", help="Make one; the one before opens nothing more.")] = False,
    is_removed: Annotated[bool, typer.Option("--remove", help="Have none; the one before opens nothing more.")] = False,
    data: DataOption = None,
) -> None:
    """Show the code by which a team takes part in a round; or make, replace or remove it."""
    from server.auth.permissions import COMMAND
    from server.services.admission import join_code_of, join_path, renew_join_code

    if is_renewed and is_removed:
        raise CommandFailed("A code is renewed or removed.", advice="Give one of the two.", exit_code=Exit.USAGE)
    now = datetime.now(UTC)
    with open_data(data) as deployment:
        if is_renewed or is_removed:
            code = renew_join_code(deployment, COMMAND, slug=slug, is_wanted=is_renewed, now=now)
        else:
            with deployment.database.read() as session:
                code = join_code_of(session, COMMAND, slug=slug, now=now)
    say(f"{slug} has no join code." if code is None else f"{code}, used at {join_path(slug, code)} of the server.")


def organizers(
    slug: Slug,
    *,
    added: Annotated[str, typer.Option("--add", metavar="EMAIL", help="Let this person run it, too.")] = "",
    removed: Annotated[str, typer.Option("--remove", metavar="EMAIL", help="Take it out of their hands.")] = "",
    output: FormatOption = Format.TABLE,
    data: DataOption = None,
) -> None:
    """List who runs a round, after adding or removing somebody."""
    from dataclasses import asdict

    from server.auth.permissions import COMMAND
    from server.services.round_organizers import add_co_organizer, organizers_of, remove_co_organizer

    now = datetime.now(UTC)
    with open_data(data) as deployment:
        database = deployment.database
        if added:
            add_co_organizer(deployment, COMMAND, slug=slug, email=added, now=now)
        if removed:
            with database.read() as session:
                known = {one.email: one.id for one in organizers_of(session, COMMAND, slug=slug, now=now)}
            person = known.get(removed.strip().lower(), 0)  # nobody's number is 0
            remove_co_organizer(database, COMMAND, slug=slug, person_id=person, now=now)
        with database.read() as session:
            found = organizers_of(session, COMMAND, slug=slug, now=now)
    if output is Format.JSON:
        write_json([asdict(one) for one in found])
    elif found:
        rows = [(str(one.id), one.name, one.email, "yes" if one.is_verified else "no") for one in found]
        results().print(plain_table((">id", "name", "e-mail", "verified"), rows))
    else:
        say(f"Nobody runs {slug} on the pages; admins may.")


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except UnicodeDecodeError:
        raise CommandFailed(
            f"{file} is no text in UTF-8.", advice="Save it as a CSV in UTF-8.", exit_code=Exit.USAGE
        ) from None
