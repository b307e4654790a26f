"""What commands on a server's own data folder have in common; they work while the server runs, too."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from rich.text import Text

from server.cli.exits import CommandFailed, Exit
from server.cli.terminal import messages, results

if TYPE_CHECKING:
    from server.deployment import Deployment


@contextmanager
def open_data(data: Path | None, *, makes_it: bool = False) -> Iterator[Deployment]:
    """The server's parts on this data folder; one that is none yet is a slip, unless the command `makes_it` one."""
    from server.cli.server_settings import settings_for
    from server.deployment import open_deployment
    from server.settings import DATABASE_FILE

    settings = settings_for(data=data)
    if not makes_it and settings.database_url is None and not (settings.data / DATABASE_FILE).exists():
        raise CommandFailed(
            f"{settings.data.absolute()} holds no server's data.",
            advice="Name the folder that the server was started with: --data FOLDER, or HELDOUT_DATA.",
            exit_code=Exit.USAGE,
        )
    deployment = open_deployment(settings)
    try:
        yield deployment
    finally:
        deployment.close()


def say(sentence: str) -> None:
    """Tell what was done."""
    results().print(Text(sentence))


def warn(sentence: str) -> None:
    """Tell what may go wrong, beside what was done."""
    messages().print(Text(sentence))
