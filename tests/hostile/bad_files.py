"""The table of bad files: every way of being wrong or odd, for each task it applies to, and what is to be said."""

from __future__ import annotations

from tests.hostile.bad_file import BadFile
from tests.hostile.bad_maps import BAD_MAPS
from tests.hostile.bad_packed_tables import BAD_PACKED_TABLES
from tests.hostile.bad_packing import BAD_PACKINGS
from tests.hostile.bad_parquet import BAD_PARQUETS
from tests.hostile.bad_spellings import BAD_SPELLINGS
from tests.hostile.bad_tables import BAD_TABLES
from tests.hostile.bad_text import BAD_TEXTS

BAD_FILES: tuple[BadFile, ...] = (
    *BAD_TEXTS, *BAD_PACKINGS, *BAD_PACKED_TABLES, *BAD_TABLES, *BAD_SPELLINGS, *BAD_PARQUETS, *BAD_MAPS,
)  # fmt: skip


def representatives() -> list[tuple[str, BadFile]]:
    """For ways that take long: all kits' texts; of each row and other format one file, its tasks taking turns."""
    chosen = [(task, bad) for bad in BAD_FILES if not bad.encoding for task in bad.tasks]
    seen: set[tuple[int, str, str]] = set()
    for number, bad in enumerate(BAD_FILES):
        key = bad.row, bad.encoding, bad.outcome
        if bad.encoding and not bad.is_read_alone and key not in seen:
            seen.add(key)
            chosen.append((bad.tasks[number % len(bad.tasks)], bad))
    return chosen
