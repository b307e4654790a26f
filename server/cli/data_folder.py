"""What commands on a server's own data folder have in common; they work while the server runs, too."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from rich.text import Text

from server.cli.terminal import messages, results

if TYPE_CHECKING:
    from server.deployment import Deployment


@contextmanager
def open_data(data: Path | None) -> Iterator[Deployment]:
    """The server's parts on this data folder."""
    from server.cli.server_settings import settings_for
    from server.deployment import open_deployment

    deployment = open_deployment(settings_for(data=data))
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
