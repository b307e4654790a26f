"""What an organizer does with a round's folder: open it on a server, hand out its public half."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from server.cli.terminal import progress_bar, results

RoundFolder = Annotated[
    Path, typer.Argument(metavar="FOLDER", help="The folder that holds round.toml.", exists=True, file_okay=False)
]


def open_(
    folder: RoundFolder,
    data: Annotated[Path | None, typer.Option("--data", help="The server's data folder.")] = None,
) -> None:
    """Open a round on the server with this data folder, also while it runs. The folder is copied in."""
    from server.cli.server_settings import settings_for
    from server.deployment import open_deployment
    from server.services.opening import open_folder

    deployment = open_deployment(settings_for(data=data))
    try:
        with progress_bar("reading the truth") as progress:
            opened = open_folder(deployment, folder, now=datetime.now(UTC), actor="command", progress=progress)
    finally:
        deployment.close()
    done = "is open" if opened.is_new else "was open already, unchanged"
    results().print(Text(f"Round {opened.facts.slug} {done}: {opened.facts.title}"))


def kit(
    folder: RoundFolder,
    target: Annotated[Path, typer.Option("-o", "--output", metavar="KIT.zip", help="The zip to write.")],
) -> None:
    """Write the round's public half into a zip: all that `heldout validate` needs, nothing of the truth."""
    from scoring.kits import write_kit

    write_kit(folder, target)
    results().print(Text(f"Wrote {target}"))
