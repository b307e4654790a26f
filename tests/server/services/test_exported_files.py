"""A zip that is made while it is sent."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Iterator

from server.services.exported_files import ExportedFile, zip_pieces
from server.storage.memory_blobs import MemoryBlobs
from tests.server.making import NOW


def test_a_zip_leaves_piece_by_piece_before_its_last_file_is_read() -> None:
    blobs, read = MemoryBlobs(), list[str]()
    noise = [os.urandom(1 << 20) for _ in range(3)]

    def files() -> Iterator[ExportedFile]:
        for number, content in enumerate(noise):
            incoming = blobs.receive()
            incoming.write(content)
            read.append(f"{number}.bin")
            yield ExportedFile(name=read[-1], blob_key=incoming.commit().key)
        yield ExportedFile(name="empty.txt")

    pieces, sent, largest = zip_pieces(files(), blobs, now=NOW), bytearray(), 0
    for piece in pieces:
        sent += piece
        largest = max(largest, len(piece))
        assert len(read) <= 1 + len(sent) // len(noise[0])  # no file is opened before those ahead of it have left
    assert largest < len(noise[0])
    archive = zipfile.ZipFile(io.BytesIO(bytes(sent)))
    assert archive.testzip() is None
    assert [archive.read(name) for name in archive.namelist()] == [*noise, b""]
