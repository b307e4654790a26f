"""Which server a team works with, and its token: one small file that only its owner can read."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from server.cli.exits import CommandFailed, Exit

if TYPE_CHECKING:
    from server.cli.client import Client

CONFIG_FILE = "client.json"


@dataclass(frozen=True, kw_only=True, slots=True)
class ClientConfig:
    """What `heldout login` leaves behind."""

    url: str  # the server's address, without a slash at the end
    token: str
    team: str | None  # the team the token submits for, as the server told it


def config_folder() -> Path:
    """`$HELDOUT_CONFIG`, else the user's configuration folder."""
    if os.environ.get("HELDOUT_CONFIG"):
        return Path(os.environ["HELDOUT_CONFIG"])
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "heldout"


def save_config(config: ClientConfig) -> Path:
    """Write the file (mode 0600) in one step; the path of it."""
    folder = config_folder()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path, fresh = folder / CONFIG_FILE, folder / f"{CONFIG_FILE}.{os.getpid()}"
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as stream:
        json.dump(asdict(config), stream, indent=2)
    fresh.replace(path)
    return path


def load_config() -> ClientConfig:
    """What the last log-in left.

    Raises:
        CommandFailed: nobody has logged in here, or the file is broken.
    """
    path = config_folder() / CONFIG_FILE
    try:
        kept = json.loads(path.read_text("utf-8"))
        return ClientConfig(url=str(kept["url"]), token=str(kept["token"]), team=kept.get("team"))
    except FileNotFoundError:
        problem = "No server is known here yet."
    except (OSError, ValueError, KeyError, TypeError):
        problem = f"{path} cannot be read."
    raise CommandFailed(
        problem, advice="Run `heldout login URL --email YOU@EXAMPLE` first.", exit_code=Exit.NOT_ALLOWED
    )


def forget_config() -> None:
    """Be logged in nowhere: the token has ended."""
    (config_folder() / CONFIG_FILE).unlink(missing_ok=True)


@contextmanager
def logged_in() -> Iterator[Client]:
    """The server of the last log-in, with its token."""
    from server.cli.client import Client

    config = load_config()
    with Client(config.url, token=config.token) as client:
        yield client
