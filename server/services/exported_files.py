"""The files of an export on their way out: into a folder, or into a zip that is made while it is sent."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import IO, cast

from server.storage.blobs import Blobs
from server.storage.pieces import pieces_of


@dataclass(frozen=True, kw_only=True, slots=True)
class ExportedFile:
    """One of them."""

    name: str  # relative, parts separated by slashes
    content: bytes = b""
    blob_key: str = ""  # of a file as it was sent, which may be large; "" where `content` is all


def content_of(file: ExportedFile, blobs: Blobs) -> Iterable[bytes]:
    """Its bytes, a little at a time."""
    return pieces_of(blobs.as_file(file.blob_key)) if file.blob_key else (file.content,)


class _Outlet:
    """What a zip is written to: it cannot go back, and gives away what it has."""

    def __init__(self) -> None:
        self._waiting = bytearray()

    def write(self, piece: bytes) -> int:
        self._waiting += piece
        return len(piece)

    def flush(self) -> None:
        """There is nothing behind it."""

    def taken(self) -> bytes:
        piece = bytes(self._waiting)
        self._waiting.clear()
        return piece


def zip_pieces(files: Iterable[ExportedFile], blobs: Blobs, *, now: datetime) -> Iterator[bytes]:
    """A zip of these files, made as it is read: however large they are, it takes neither memory nor disk."""
    outlet = _Outlet()
    with zipfile.ZipFile(cast("IO[bytes]", outlet), "w") as archive:
        for file in files:
            entry = zipfile.ZipInfo(file.name, date_time=now.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            with archive.open(entry, "w", force_zip64=bool(file.blob_key)) as target:
                for piece in content_of(file, blobs):
                    target.write(piece)
                    yield outlet.taken()
    yield outlet.taken()
