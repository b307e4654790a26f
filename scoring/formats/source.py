"""A prediction file being read, as the readers of the different encodings need it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from scoring.formats.archives import HashedFile
from scoring.formats.layouts import Layout
from scoring.policies import Policy


@dataclass(frozen=True, kw_only=True, eq=False)
class Source:
    """One file, front to back; encodings that need to seek read `path` themselves."""

    path: Path
    file: HashedFile  # the same bytes, hashed as they are read
    policy: Policy  # its caps
    layout: Layout  # the columns of the round's task
    chunks: Iterator[bytes]  # what is inside, unpacked and under its caps; raises UnreadableFile
