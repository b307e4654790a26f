"""The log of a running server: one line per message on standard error."""

from __future__ import annotations

import logging
import time


class LogLines(logging.Formatter):
    """Time, level, logger and message; a second is put into words once for all its lines."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")
        self._second, self._told = 0, ""

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802, ARG002 (logging's)
        """As logging writes it: local time, with milliseconds."""
        second = int(record.created)
        if second != self._second:
            self._told, self._second = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(second)), second
        return f"{self._told},{int(record.msecs):03}"


def log_to_stderr(level: int) -> None:
    """Write messages from this level on."""
    handler = logging.StreamHandler()
    handler.setFormatter(LogLines())
    logging.basicConfig(level=level, handlers=[handler])
    # Nothing that the lines name: looking it up for each took a fifth of the time of a board from cache.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    logging._srcfile = None  # "Optimization" in Python's Logging HOWTO
    for chatty in ("uvicorn.error", "alembic"):  # the command itself tells of its start and stop
        logging.getLogger(chatty).setLevel(logging.WARNING)
