"""Windows of every format but the kit's text. However a file is written, its tokens come in the kit's order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scoring.formats.windows import Window

if TYPE_CHECKING:
    from scoring.formats.json_template import AlikeRecords
    from scoring.formats.tokens import Tokens

Tokeniser = Callable[[Window], "Tokens"]  # of plain text


@dataclass(frozen=True, kw_only=True, eq=False)
class RowWindow(Window):
    """Some rows of a file, a window's line each; of a format without lines, `data` may be empty."""

    read: Callable[[Window, Tokeniser], Tokens]  # raises UnreadableFile; called in any thread
    alike: AlikeRecords | None = None  # how its records are spelled, if all are spelled alike
    lines_before: int = 0  # lines of the file between the window before and this one: a header
