"""A stream of bytes cut into windows of whole lines, read ahead by a thread of its own."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar, cast

import numpy as np
import numpy.typing as npt

from scoring.findings import Finding
from scoring.formats.archives import BYTE_ORDER_MARK
from scoring.formats.buffers import Buffers
from scoring.formats.source import Source
from scoring.formats.unreadable import UnreadableFile, too_large

WINDOW_BYTES = 2 << 20

# Longer ones are taken too, at the price of fresh memory.
_LARGEST_CHUNK = 1 << 20

# A line of the longest format (five located labels of full precision) has some 500 bytes.
MAX_LINE_BYTES = 1_000_000

# The windows of a file of blank lines, or of a digit a line, would otherwise take a hundred times their size.
WINDOW_LINES = 1 << 17

# Kernels may look a few bytes past the last one.
SPARE_BYTES = 64

# One window being read, one or two being parsed, one being scored.
_READ_AHEAD = 3

_LINE_FEED = 10

# Nearly every line ends within so many bytes of any place.
_TAIL_BYTES = 1 << 14

Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True, kw_only=True, eq=False)
class Window:
    """Some whole lines of a file. The last byte is a line feed, whether or not the file ends with one."""

    data: Bytes  # (at least size + SPARE_BYTES,), read-only
    size: int  # of the window's own text, in bytes
    notices: tuple[Finding, ...] = ()  # what was normalised to get here

    def text(self, start: int, end: int) -> bytes:
        return self.data[start:end].tobytes()


def text_windows(source: Source) -> Iterator[Window]:
    """Windows over the kit's text; raises as `read_windows`."""
    return read_windows(source.chunks)


def read_windows(chunks: Iterator[bytes]) -> Iterator[Window]:
    """Windows over all of `chunks`.

    Raises:
        UnreadableFile: what `chunks` raises, or a line longer than a megabyte.
    """
    assembler = _Assembler()
    for chunk in chunks:
        yield from assembler.feed(chunk)
    yield from assembler.finish()


def line_too_long() -> UnreadableFile:
    return too_large(f"a line is longer than {MAX_LINE_BYTES:,} bytes")


class _Assembler:
    """Puts chunks together, cuts them behind the last line end, and evens out marks and line ends."""

    def __init__(self) -> None:
        self._buffers = Buffers(WINDOW_BYTES + _LARGEST_CHUNK + MAX_LINE_BYTES + SPARE_BYTES, np.uint8)
        self._buffer = self._buffers.take(0)
        self._filled = 0  # bytes of the buffer
        self._lines = 0  # line ends in them
        self._is_first = True
        self._has_crs = False
        self._holds_cr = False  # whether the last chunk ended in a carriage return, which the next one completes
        self._notices: list[Finding] = []

    def feed(self, chunk: bytes) -> Iterator[Window]:
        if self._is_first:
            chunk = self._without_mark(chunk)
        self._append(self._with_line_feeds(chunk))
        if self._filled < WINDOW_BYTES:
            return
        size = self._behind_last_line_end()
        if self._filled - size > MAX_LINE_BYTES:  # so too where there is no line end at all
            raise line_too_long()
        buffer, rest, lines = self._buffer, self._buffer[size : self._filled].copy(), self._lines
        self._buffer, self._filled, self._lines = self._buffers.take(0), 0, 0
        self._append(rest.tobytes())
        yield from self._windows(buffer, size, lines)

    def finish(self) -> Iterator[Window]:
        self._append(b"\n" * self._holds_cr)
        if not self._filled:
            return
        if self._buffer[self._filled - 1] != _LINE_FEED:
            self._note("no-line-end", "the last line has no line end", "end the file with a line end")
            self._append(b"\n")
        yield from self._windows(self._buffer, self._filled, self._lines)

    def _append(self, text: bytes) -> None:
        end = self._filled + len(text)
        if end + SPARE_BYTES > len(self._buffer):
            larger = self._buffers.take(end + SPARE_BYTES)
            larger[: self._filled] = self._buffer[: self._filled]
            self._buffer = larger
        added = self._buffer[self._filled : end]
        added[:] = np.frombuffer(text, np.uint8)
        self._lines += int(np.count_nonzero(added == _LINE_FEED))
        self._filled = end

    def _behind_last_line_end(self) -> int:
        for end in range(self._filled, 0, -_TAIL_BYTES):
            start = max(end - _TAIL_BYTES, 0)
            found = self._buffer[start:end].tobytes().rfind(b"\n")
            if found >= 0:
                return start + found + 1
        return 0

    def _windows(self, buffer: Bytes, size: int, lines: int) -> Iterator[Window]:
        """The first `size` bytes as one window, or as several where they have very many lines."""
        buffer[size : size + SPARE_BYTES] = _LINE_FEED
        data = buffer[: size + SPARE_BYTES]
        data.flags.writeable = False
        cuts = [0, size]
        if lines > WINDOW_LINES:
            cuts[1:1] = (np.flatnonzero(data[:size] == _LINE_FEED)[WINDOW_LINES - 1 : -1 : WINDOW_LINES] + 1).tolist()
        for start, end in pairwise(cuts):
            notices, self._notices = tuple(self._notices), []
            yield Window(data=data[start : end + SPARE_BYTES], size=end - start, notices=notices)

    def _without_mark(self, chunk: bytes) -> bytes:
        self._is_first = False
        if chunk.startswith(BYTE_ORDER_MARK):
            self._note("byte-order-mark", "the file starts with a byte order mark", "save it as plain ASCII")
            chunk = chunk[len(BYTE_ORDER_MARK) :]
        return chunk

    def _with_line_feeds(self, chunk: bytes) -> bytes:
        """The chunk with a line feed at the end of every line; where all are CRLF, the carriage returns may stay."""
        if self._holds_cr:
            chunk = b"\r" + chunk
        self._holds_cr = chunk.endswith(b"\r")
        if b"\r" not in chunk:
            return chunk
        if not self._has_crs:
            self._has_crs = True
            self._note("line-ends", "lines end with a carriage return", "line feeds alone are the plainer way")
        if self._holds_cr:
            chunk = chunk[:-1]
        if chunk.count(b"\r") != chunk.count(b"\r\n"):
            chunk = chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        return chunk

    def _note(self, code: str, message: str, advice: str) -> None:
        self._notices.append(Finding(code=code, severity="notice", message=message, advice=advice))


_END = object()

_Item = TypeVar("_Item")


def read_ahead(windows: Iterator[_Item]) -> Iterator[_Item]:
    """The same windows, or other pieces, read by a thread that stays a few ahead; its exceptions are raised here."""
    ready: queue.Queue[object] = queue.Queue(maxsize=_READ_AHEAD)
    is_stopped = threading.Event()

    def put(item: object) -> bool:
        while not is_stopped.is_set():
            try:
                ready.put(item, timeout=0.1)
            except queue.Full:
                continue
            return True
        return False

    def fill() -> None:
        try:
            for window in windows:
                if not put(window):
                    return
            put(_END)
        except BaseException as error:  # noqa: BLE001  # handed over to the thread that asked
            put(error)

    thread = threading.Thread(target=fill, name="heldout-reader", daemon=True)
    thread.start()
    try:
        while (item := ready.get()) is not _END:
            if isinstance(item, BaseException):
                raise item
            yield cast("_Item", item)  # the queue holds nothing else
    finally:
        is_stopped.set()
        thread.join()
