"""How a competitor takes its turns. Standard library only: it runs in every environment."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from typing import Any, TextIO

Turn = Callable[[], dict[str, Any]]


def own_output() -> TextIO:
    """The standard output for answers alone: whatever else is printed from now on, by any library, goes to stderr."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return answers


def take_turns(turn: Turn, answers: TextIO, *, is_warm: bool) -> None:
    """Do the work and write what it tells as a line of JSON: once, or each time a line comes in."""

    def answer(content: dict[str, Any]) -> None:
        print(json.dumps(content), file=answers, flush=True)

    if not is_warm:
        answer(turn())
        return
    answer({"is_ready": True})
    for _ in sys.stdin:
        answer(turn())
