"""The table of bad files: every way of being wrong or odd, for each task it applies to, and what is to be said."""

from __future__ import annotations

from tests.hostile.bad_file import BadFile
from tests.hostile.bad_packing import BAD_PACKINGS
from tests.hostile.bad_text import BAD_TEXTS

BAD_FILES: tuple[BadFile, ...] = (*BAD_TEXTS, *BAD_PACKINGS)

# Rows of formats that are not read yet, and rows about names and repeats, which are no files.
OTHER_ROWS = frozenset({2, 10, 14, 17, 38, 39, 44, 45, 47, 48})


def of_task(task: str) -> list[BadFile]:
    return [bad for bad in BAD_FILES if task in bad.tasks]
