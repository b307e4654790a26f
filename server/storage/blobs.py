"""The port for blobs: bytes go in once, under a fresh key, and are never changed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredBlob:
    """A blob that is safely kept: a power cut would not lose it."""

    key: str
    sha256: str  # of exactly the bytes written, in hexadecimal
    size_bytes: int


@dataclass(frozen=True, kw_only=True, slots=True)
class BlobAge:
    """A blob and when its last byte was written."""

    key: str
    written_at: datetime


class IncomingBlob(Protocol):
    """A blob being written. Nobody sees it before `commit()`."""

    @property
    def size_bytes(self) -> int:
        """Bytes written so far."""
        ...

    def write(self, chunk: bytes) -> None:
        """Append bytes.

        Raises:
            UploadTooBig: the cap is passed; what was written is gone.
            StorageFull: there is no room; what was written is gone.
        """
        ...

    def commit(self) -> StoredBlob:
        """Make the blob durable under a fresh key.

        Raises:
            StorageFull: there is no room; what was written is gone.
        """
        ...

    def discard(self) -> None:
        """Forget what was written. Safe at any time, and after `commit()` without effect."""
        ...


class Blobs(Protocol):
    """A store of blobs."""

    def receive(self, *, max_bytes: int | None = None) -> IncomingBlob:
        """Begin a blob of at most `max_bytes`."""
        ...

    def as_file(self, key: str) -> AbstractContextManager[Path]:
        """The blob as a local file, for as long as the block lasts; not to be changed.

        Raises:
            FileNotFoundError: there is no such blob.
        """
        ...

    def delete(self, key: str) -> None:
        """Remove the blob; one that is gone already is no error."""
        ...

    def ages(self) -> Iterator[BlobAge]:
        """All blobs, in any order."""
        ...

    def sweep_incoming(self, *, before: datetime) -> int:
        """Forget uploads that nobody has written to since `before`; returns how many."""
        ...
