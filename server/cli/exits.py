"""How a command ends: the exit codes, and the one exception that carries them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from typing import Any


class Exit(IntEnum):
    """Exit codes that scripts rely on."""

    DONE = 0  # notices alone included
    USAGE = 2  # wrong arguments, or a faulty round folder
    INVALID = 3  # invalid predictions
    CLOSED = 4  # quota spent, or the round is not open
    NOT_ALLOWED = 5
    SERVER = 6  # the server or the network


class CommandFailed(Exception):
    """A command cannot be done; the message says why, the advice how to go on."""

    def __init__(
        self, message: str, *, advice: str, exit_code: Exit, code: str = "", details: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice
        self.exit_code = exit_code
        self.code = code or exit_code.name.lower()  # the server's own where it has refused
        self.details = details or {}
