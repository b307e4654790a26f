"""Blobs as files of one folder: written aside, flushed to the disk, then renamed."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from server.errors import StorageFull, UploadTooBig
from server.storage.blobs import BlobAge, StoredBlob

# What a full disk, a spent disk quota and a file size limit say.
FULL_ERRNOS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class LocalBlobs:
    """Blobs in a folder, with a second folder on the same file system for those being written."""

    def __init__(self, folder: Path, *, incoming: Path) -> None:
        self._folder = folder
        self._incoming = incoming

    def receive(self, *, max_bytes: int | None = None) -> LocalIncomingBlob:
        return LocalIncomingBlob(folder=self._folder, incoming=self._incoming, max_bytes=max_bytes)

    @contextmanager
    def as_file(self, key: str) -> Iterator[Path]:
        path = self._folder / key
        if not path.is_file():
            raise FileNotFoundError(errno.ENOENT, "no such blob", key)
        yield path

    def delete(self, key: str) -> None:
        (self._folder / key).unlink(missing_ok=True)

    def ages(self) -> Iterator[BlobAge]:
        for path in self._folder.iterdir():
            with suppress(FileNotFoundError):  # deleted meanwhile
                yield BlobAge(key=path.name, written_at=_written_at(path))

    def sweep_incoming(self, *, before: datetime) -> int:
        swept = 0
        for path in self._incoming.iterdir():
            with suppress(FileNotFoundError):  # committed meanwhile
                if _written_at(path) < before:
                    path.unlink()
                    swept += 1
        return swept


class LocalIncomingBlob:
    """One file being written, hashed and counted on the way."""

    def __init__(self, *, folder: Path, incoming: Path, max_bytes: int | None) -> None:
        self._target = folder / uuid4().hex
        self._path = incoming / self._target.name
        self._max_bytes = max_bytes
        self._hash = hashlib.sha256()
        self._size_bytes = 0
        with self._full_disk_told():
            self._stream = self._path.open("xb", buffering=0)

    @property
    def size_bytes(self) -> int:
        return self._size_bytes

    def write(self, chunk: bytes) -> None:
        if self._max_bytes is not None and self._size_bytes + len(chunk) > self._max_bytes:
            self.discard()
            raise UploadTooBig(
                f"The upload is larger than the {self._max_bytes:,} bytes that the round allows.",
                details={"max_upload_bytes": self._max_bytes},
            )
        with self._full_disk_told():
            rest = memoryview(chunk)
            while rest:  # an unbuffered write may take only a part
                rest = rest[self._stream.write(rest) :]
        self._hash.update(chunk)
        self._size_bytes += len(chunk)

    def commit(self) -> StoredBlob:
        with self._full_disk_told():
            os.fsync(self._stream.fileno())
            self._stream.close()
            self._path.rename(self._target)
            _flush_folder(self._target.parent)
        return StoredBlob(key=self._target.name, sha256=self._hash.hexdigest(), size_bytes=self._size_bytes)

    def discard(self) -> None:
        with suppress(OSError):  # closing may report once more what a write has reported
            self._stream.close()
        self._path.unlink(missing_ok=True)

    @contextmanager
    def _full_disk_told(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if hasattr(self, "_stream"):
                self.discard()
            if error.errno in FULL_ERRNOS:
                raise StorageFull from error
            raise


def _written_at(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, tz=UTC)


def _flush_folder(folder: Path) -> None:
    """Make the folder's new name durable; without it a power cut may lose a file that was itself flushed."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
