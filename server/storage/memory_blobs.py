"""The in-memory twin of the blob store, for tests of what only needs some store."""

from __future__ import annotations

import errno
import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from server.errors import UploadTooBig
from server.storage.blobs import BlobAge, StoredBlob


class MemoryBlobs:
    """Blobs in a dictionary."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[bytes, datetime]] = {}

    def receive(self, *, max_bytes: int | None = None) -> MemoryIncomingBlob:
        return MemoryIncomingBlob(self._kept, max_bytes=max_bytes)

    @contextmanager
    def as_file(self, key: str) -> Iterator[Path]:
        if key not in self._kept:
            raise FileNotFoundError(errno.ENOENT, "no such blob", key)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / key
            path.write_bytes(self._kept[key][0])
            yield path

    def delete(self, key: str) -> None:
        self._kept.pop(key, None)

    def ages(self) -> Iterator[BlobAge]:
        for key, (_, written_at) in list(self._kept.items()):
            yield BlobAge(key=key, written_at=written_at)

    def sweep_incoming(self, *, before: datetime) -> int:  # noqa: ARG002  (part of the port; nothing lies around)
        return 0


class MemoryIncomingBlob:
    """Bytes being collected."""

    def __init__(self, kept: dict[str, tuple[bytes, datetime]], *, max_bytes: int | None) -> None:
        self._kept = kept
        self._max_bytes = max_bytes
        self._content = bytearray()

    @property
    def size_bytes(self) -> int:
        return len(self._content)

    def write(self, chunk: bytes) -> None:
        if self._max_bytes is not None and len(self._content) + len(chunk) > self._max_bytes:
            self.discard()
            raise UploadTooBig(details={"max_upload_bytes": self._max_bytes})
        self._content += chunk

    def commit(self) -> StoredBlob:
        key, content = uuid4().hex, bytes(self._content)
        self._kept[key] = (content, datetime.now(UTC))
        return StoredBlob(key=key, sha256=hashlib.sha256(content).hexdigest(), size_bytes=len(content))

    def discard(self) -> None:
        self._content.clear()
