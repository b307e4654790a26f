"""What an organizer does with a round's folder: open it on a server, hand out its public half."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from server.cli.data_folder import open_data, say
from server.cli.options import DataOption
from server.cli.terminal import plain_table, progress_bar, results

if TYPE_CHECKING:
    from server.deployment import Deployment

RoundFolder = Annotated[
    Path, typer.Argument(metavar="FOLDER", help="The folder that holds round.toml.", exists=True, file_okay=False)
]


def open_(
    folder: RoundFolder,
    data: DataOption = None,
    organizer: Annotated[str, typer.Option("--organizer", metavar="EMAIL", help="Who runs it on the pages.")] = "",
) -> None:
    """Open a round on the server with this data folder, also while it runs. The folder is copied in."""
    from server.auth.permissions import COMMAND
    from server.services.opening import open_folder
    from server.services.round_organizers import add_co_organizer

    with open_data(data) as deployment:
        with progress_bar("reading the truth") as progress:
            opened = open_folder(deployment, folder, now=datetime.now(UTC), actor="command", progress=progress)
        if organizer:
            add_co_organizer(
                deployment.database, COMMAND, slug=opened.facts.slug, email=organizer, now=datetime.now(UTC)
            )
    done = "is open" if opened.is_new else "was open already, unchanged"
    say(f"Round {opened.facts.slug} {done}: {opened.facts.title}")


def erratum(
    folder: RoundFolder,
    note: Annotated[str, typer.Option("--note", help="The public note: what was wrong.")] = "",
    *,
    activate: Annotated[bool, typer.Option("--activate", help="Show the version prepared before.")] = False,
    data: DataOption = None,
) -> None:
    """Prepare a corrected truth: everything is scored against it while the server runs; then --activate shows it."""
    now = datetime.now(UTC)
    with open_data(data) as deployment:
        if activate:
            _activate(deployment, folder, note, now)
        else:
            _prepare(deployment, folder, note, now)


def _prepare(deployment: Deployment, folder: Path, note: str, now: datetime) -> None:
    from server.services.correcting import prepare_erratum

    with progress_bar("reading the truth") as progress:
        prepared = prepare_erratum(deployment, folder, note=note, now=now, actor="command", progress=progress)
    count = len(prepared.changed)
    say(
        f"Version {prepared.number} of the truth of {prepared.slug} is prepared: {count:,} "
        f"image{'' if count == 1 else 's'} changed. The server scores everything against it; "
        "see who would move, then run this again with --activate."
    )


def _activate(deployment: Deployment, folder: Path, note: str, now: datetime) -> None:
    from scoring.rounds import load_public_round
    from server.services.errata import activate_erratum, preview_erratum

    slug = load_public_round(folder).slug
    with deployment.database.read() as session:
        moves = preview_erratum(session, slug, now=now).moves
    with deployment.database.write() as session:
        number = activate_erratum(session, slug, note=note, actor="command", now=now)
    rows = [
        (move.team, move.method, _rank(move.rank_before), _rank(move.rank_after)) for move in moves if move.is_moved
    ]
    say(f"The board of {slug} shows version {number} of the truth.")
    if rows:
        results().print(plain_table(("team", "method", ">rank before", ">rank now"), rows))


def _rank(rank: int | None) -> str:
    return "-" if rank is None else str(rank)


def kit(
    folder: RoundFolder,
    target: Annotated[Path, typer.Option("-o", "--output", metavar="KIT.zip", help="The zip to write.")],
) -> None:
    """Write the round's public half into a zip: all that `heldout validate` needs, nothing of the truth."""
    from scoring.kits import write_kit

    write_kit(folder, target)
    say(f"Wrote {target}")
