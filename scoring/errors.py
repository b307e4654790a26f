"""Why scoring can stop. One class per cause; its docstring is the message.

HeldoutError
├── FaultyRound       the organizer's folder is wrong
└── UnknownTask       no such task is registered
"""

from __future__ import annotations

from pathlib import Path

from scoring.findings import RoundFault


class HeldoutError(Exception):
    """Something went wrong."""


class UnknownTask(HeldoutError):
    """No task of this name is registered."""


class FaultyRound(HeldoutError):
    """The round's folder cannot be used as it is."""

    def __init__(self, folder: Path, faults: tuple[RoundFault, ...]) -> None:
        count = sum({(fault.code, fault.file): fault.count for fault in faults}.values())
        super().__init__(f"{folder} cannot be used as a round: {count:,} fault{'' if count == 1 else 's'}")
        self.folder = folder
        self.faults = faults
