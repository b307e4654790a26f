"""The log of a running server: one line per message on standard error."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Mapping
from threading import get_ident
from typing import Any


class LogLines(logging.Formatter):
    """Time, level, logger and message; a second is put into words once for all its lines."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")
        self._second, self._told = 0, ""

    def format(self, record: logging.LogRecord) -> str:
        """One line, unless it tells of an exception."""
        if record.exc_info or record.stack_info:
            return super().format(record)
        return f"{self.formatTime(record)} {record.levelname} {record.name} {record.getMessage()}"

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802, ARG002 (logging's)
        """As logging writes it: local time, with milliseconds."""
        second = int(record.created)
        if second != self._second:
            self._told, self._second = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(second)), second
        return f"{self._told},{int(record.msecs):03}"


_STARTED_AT = time.time()


class LineRecord(logging.LogRecord):
    """What a line tells: all else that logging finds out for each took as long as answering a request.

    Of that, numbers stand here, and names without a value, so that a handler of others can name all.
    """

    def __init__(  # noqa: PLR0917 (logging's)
        self, name: str, level: int, pathname: str, lineno: int, msg: object, args: Any, exc_info: Any,
        func: str | None = None, sinfo: str | None = None, **_: Any,
    ) -> None:  # fmt: skip
        self.created = time.time()
        self.msecs = self.created % 1 * 1000
        self.name, self.levelno, self.levelname = name, level, logging.getLevelName(level)
        # as logging does it, for a message with names in it
        is_named = len(args or ()) == 1 and isinstance(args[0], Mapping) and args[0]
        self.msg, self.args = str(msg), args[0] if is_named else args
        self.exc_info, self.exc_text, self.stack_info = exc_info, None, sinfo
        self.pathname, self.lineno, self.funcName = pathname, lineno, func or ""
        self.filename = self.module = pathname
        self.relativeCreated = 1000 * (self.created - _STARTED_AT)
        self.process, self.thread = os.getpid(), get_ident()
        self.threadName = self.processName = self.taskName = None


class LineHandler(logging.StreamHandler[Any]):
    """Standard error sends each line off by itself."""

    def flush(self) -> None:
        pass


def log_to_stderr(level: int) -> None:
    """Write messages from this level on."""
    handler = LineHandler()
    handler.setFormatter(LogLines())
    logging.basicConfig(level=level, handlers=[handler])
    logging.setLogRecordFactory(LineRecord)
    logging._srcfile = None  # nobody looks for the caller: "Optimization" in Python's Logging HOWTO
    for chatty in ("uvicorn.error", "alembic"):  # the command itself tells of its start and stop
        logging.getLogger(chatty).setLevel(logging.WARNING)
