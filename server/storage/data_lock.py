"""One server per data folder: whoever holds this lock knows that every other worker on it is dead."""

from __future__ import annotations

import fcntl
from io import FileIO
from pathlib import Path

from server.errors import DataFolderInUse


class DataLock:
    """An exclusive lock on a file. The system gives it back when its process ends, however that happens."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stream: FileIO | None = None

    def acquire(self) -> None:
        """Take the lock.

        Raises:
            DataFolderInUse: another process has it.
        """
        stream = FileIO(self._path, "a")
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            stream.close()
            raise DataFolderInUse(
                f"Another server is already running on the data folder {self._path.parent}."
            ) from error
        self._stream = stream

    def release(self) -> None:
        """Give the lock back; without effect when it is not held."""
        if self._stream is not None:
            self._stream.close()
            self._stream = None
