"""What an organizer does with a round's folder: open it on a server, hand out its public half."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from server.cli.correction_commands import prepared_sentence, show_prepared
from server.cli.data_folder import open_data, say, warn
from server.cli.options import DataOption
from server.cli.terminal import progress_bar

if TYPE_CHECKING:
    from scoring.policies import Policy
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
    from server.services.split_seeds import seed_warning

    now = datetime.now(UTC)
    with open_data(data, makes_it=True) as deployment:
        with progress_bar("reading the truth") as progress:
            opened = open_folder(deployment, folder, now=now, actor="command", progress=progress)
        if organizer:
            add_co_organizer(deployment, COMMAND, slug=opened.facts.slug, email=organizer, now=datetime.now(UTC))
    done = _state(opened.facts.policy, datetime.now(UTC)) if opened.is_new else "was there already, unchanged"
    say(f"Round {opened.facts.slug} {done}: {opened.facts.title}")
    if warning := seed_warning(opened.facts, now):
        warn(warning)


def _state(policy: Policy, now: datetime) -> str:
    from leaderboard.policy import phase

    match phase(policy, now):
        case "before":
            return f"is on the server and opens at {policy.opens:%Y-%m-%d %H:%M UTC}"
        case "closed":
            return f"is on the server; it closed at {policy.closes:%Y-%m-%d %H:%M UTC}"
        case _:
            return "is open"


def erratum(
    folder: RoundFolder,
    note: Annotated[str, typer.Option("--note", help="The public note: what was wrong.")] = "",
    *,
    activate: Annotated[bool, typer.Option("--activate", help="Show the version prepared before.")] = False,
    data: DataOption = None,
) -> None:
    """Prepare a corrected truth: everything is scored against it while the server runs; then --activate shows it."""
    from scoring.rounds import load_public_round

    now = datetime.now(UTC)
    with open_data(data) as deployment:
        if activate:
            show_prepared(deployment, load_public_round(folder).slug, note=note, now=now)
        else:
            _prepare(deployment, folder, note, now)


def _prepare(deployment: Deployment, folder: Path, note: str, now: datetime) -> None:
    from server.services.correcting import prepare_erratum

    with progress_bar("reading the truth") as progress:
        prepared = prepare_erratum(deployment, folder, note=note, now=now, actor="command", progress=progress)
    say(f"{prepared_sentence(prepared)}; see who would move, then run this again with --activate.")


def kit(
    folder: RoundFolder,
    target: Annotated[Path, typer.Option("-o", "--output", metavar="KIT.zip", help="The zip to write.")],
) -> None:
    """Write the round's public half into a zip: all that `heldout validate` needs, nothing of the truth."""
    from scoring.kits import write_kit

    write_kit(folder, target)
    say(f"Wrote {target}")
