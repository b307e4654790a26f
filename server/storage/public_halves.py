"""The public half of a round on the disk: its digest, and files of it replaced all or none."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from uuid import uuid4


def folder_digest(folder: Path) -> str:
    """sha256 over the names and contents of a folder's files."""
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file() and not is_staged(path)):
        with path.open("rb") as stream:
            content = hashlib.file_digest(stream, "sha256").digest()
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + content)
    return digest.hexdigest()


def flush(path: Path) -> None:
    """Make a file, or a folder's names, durable."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def is_staged(path: Path) -> bool:
    """Whether the file is one that a replacement was interrupted with."""
    return path.name.startswith(".replacing-")


class ReplacedFiles:
    """Files of one folder that are replaced while a transaction is open, and put back should it fail."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._before: dict[str, bytes | None] = {}

    def put(self, name: str, content: bytes | None) -> None:
        """Have the file hold `content`, or be gone; who reads it meanwhile sees the old content or the new, whole."""
        path = self._folder / name
        before = path.read_bytes() if path.is_file() else None
        _replace(path, content)
        self._before.setdefault(name, before)

    def put_back(self) -> None:
        """Undo every `put`."""
        for name, content in self._before.items():
            _replace(self._folder / name, content)
        self._before.clear()


def _replace(path: Path, content: bytes | None) -> None:
    if content is None:
        path.unlink(missing_ok=True)
        return
    staged = path.with_name(f".replacing-{uuid4().hex}")
    try:
        with staged.open("xb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        staged.replace(path)
        flush(path.parent)
    finally:
        staged.unlink(missing_ok=True)
