"""What every format does: parse windows in any thread, then accept them one after the other."""

from __future__ import annotations

from typing import Any, Protocol

from scoring.findings import FindingLog
from scoring.formats.windows import Window


class Reader(Protocol):
    """Turns windows into columns for the scorer of the same task. It knows the public half of a round alone."""

    def parse(self, window: Window) -> Any:
        """All that can be done without knowing what came before; called from several threads."""
        ...

    def accept(self, parsed: Any, log: FindingLog) -> Any:
        """Number the lines, log what is wrong, and return the columns; called in the order of the file."""
        ...

    def finish(self, log: FindingLog) -> None:
        """Log what only the whole file shows."""
        ...

    @property
    def line_count(self) -> int:
        """Lines accepted so far, without blank ones at the end."""
        ...
