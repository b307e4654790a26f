"""A stored file, a little at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

_PIECE_BYTES = 1 << 18


def pieces_of(file: AbstractContextManager[Path]) -> Iterator[bytes]:
    """Its bytes; it is held open until the last one, or until nobody asks for more."""
    with file as path, path.open("rb") as stream:
        while piece := stream.read(_PIECE_BYTES):
            yield piece
