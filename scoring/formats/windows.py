"""A stream of bytes cut into windows of whole lines, read ahead by a thread of its own."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scoring.findings import Finding
from scoring.formats.archives import UnreadableFile, too_large

WINDOW_BYTES = 4 << 20

# A line of the longest format (five located labels of full precision) has some 500 bytes.
MAX_LINE_BYTES = 1_000_000

# Kernels may look a few bytes past the last one.
SPARE_BYTES = 64

# One window being read, one or two being parsed, one being scored.
_READ_AHEAD = 3

_SPARE = b"\n" * SPARE_BYTES
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"

Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True, kw_only=True, eq=False)
class Window:
    """Some whole lines of a file. The last byte is a line feed, whether or not the file ends with one."""

    data: Bytes  # (at least size + SPARE_BYTES,), read-only
    size: int  # of the window's own text, in bytes
    notices: tuple[Finding, ...] = ()  # what was normalised to get here

    def text(self, start: int, end: int) -> bytes:
        return self.data[start:end].tobytes()


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
    """Joins chunks, cuts them behind the last line end, and evens out marks and line ends."""

    def __init__(self) -> None:
        self._pending: list[bytes] = []
        self._pending_bytes = 0
        self._is_first = True
        self._ends_in_cr = False  # whether lone carriage returns end the file's lines
        self._notices: list[Finding] = []

    def feed(self, chunk: bytes) -> Iterator[Window]:
        if self._is_first:
            chunk = self._normalise_start(chunk)
        if self._ends_in_cr:
            chunk = chunk.replace(b"\r", b"\n")
        self._pending.append(chunk)
        self._pending_bytes += len(chunk)
        if self._pending_bytes < WINDOW_BYTES:
            return
        joined = b"".join((*self._pending, _SPARE))
        size = joined.rfind(b"\n", 0, self._pending_bytes) + 1
        rest = joined[size : self._pending_bytes]
        if len(rest) > MAX_LINE_BYTES:
            raise line_too_long()
        self._pending, self._pending_bytes = [rest], len(rest)
        if size:
            yield self._window(joined, size)

    def finish(self) -> Iterator[Window]:
        text = b"".join(self._pending)
        if not text:
            return
        if not text.endswith(b"\n"):
            self._note("no-line-end", "the last line has no line end", "end the file with a line end")
            text += b"\n"
        yield self._window(text + _SPARE, len(text))

    def _window(self, padded: bytes, size: int) -> Window:
        notices, self._notices = tuple(self._notices), []
        return Window(data=np.frombuffer(padded, dtype=np.uint8), size=size, notices=notices)

    def _normalise_start(self, chunk: bytes) -> bytes:
        self._is_first = False
        if chunk.startswith(_BYTE_ORDER_MARK):
            self._note("byte-order-mark", "the file starts with a byte order mark", "save it as plain ASCII")
            chunk = chunk[len(_BYTE_ORDER_MARK) :]
        if b"\r" in chunk:
            self._ends_in_cr = b"\n" not in chunk
            self._note("line-ends", "lines end with a carriage return", "line feeds alone are the plainer way")
        return chunk

    def _note(self, code: str, message: str, advice: str) -> None:
        self._notices.append(Finding(code=code, severity="notice", message=message, advice=advice))


_END = object()


def read_ahead(windows: Callable[[], Iterator[Window]]) -> Iterator[Window]:
    """The same windows, read by a thread that stays a few ahead; its exceptions are raised here."""
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
            for window in windows():
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
            assert isinstance(item, Window)  # noqa: S101  # for the type checker: the queue holds nothing else
            yield item
    finally:
        is_stopped.set()
        thread.join()
