"""Settings with what the command line says put over the environment."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import ValidationError

from server.cli.exits import CommandFailed, Exit
from server.settings import Settings


def settings_for(*, data: Path | None = None, host: str | None = None, port: int | None = None) -> Settings:
    """The settings in use; options that were not given leave HELDOUT_* and the defaults their say.

    Raises:
        CommandFailed: a value cannot be used.
    """
    given: dict[str, Any] = {
        name: value for name, value in (("data", data), ("host", host), ("port", port)) if value is not None
    }
    try:
        return Settings(**given)
    except ValidationError as error:
        faults = "; ".join(f"HELDOUT_{str(fault['loc'][0]).upper()}: {fault['msg']}" for fault in error.errors())
        raise CommandFailed(
            f"The settings cannot be used: {faults}",
            advice="Correct the environment variables named; the README lists them all.",
            exit_code=Exit.USAGE,
        ) from None
