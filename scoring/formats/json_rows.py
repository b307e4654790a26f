"""A JSON list of records, or one record a line, streamed.

Records that are spelled alike but for their numbers, which is how programs write them, are read by a kernel; all
others one by one. A file is never held in memory: it is cut where a record ends and the next one begins.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from scoring.findings import Finding
from scoring.formats.archives import BYTE_ORDER_MARK
from scoring.formats.complaints import error, notice
from scoring.formats.json_records import DECODER, Lines, Records, Shape, holds_lists, not_records
from scoring.formats.json_template import AlikeRecords, records_like
from scoring.formats.rows import RowWindow, Tokeniser
from scoring.formats.source import Source
from scoring.formats.tokens import Tokens
from scoring.formats.unreadable import UnreadableFile, too_large, unreadable
from scoring.formats.windows import MAX_LINE_BYTES, SPARE_BYTES, WINDOW_BYTES, Window

_BLANKS = re.compile(rb"[ \t\r\n]*")
_COMMA = re.compile(r"[ \t\r\n]*,[ \t\r\n]*")
_NOTHING = re.compile(r"[ \t\r\n]*")

# Of a record that cannot be read, so much is shown.
_SHOWN = 40

# Of the keys that mean nothing, so many are told.
_KNOWN_NAMES = 100

# What may be left of a number, a word or an escape at the end of a text that is cut.
_CUT_WORD = re.compile(r"[\\A-Za-z0-9.+-]{0,9}")

_RECORD_END = ord("}")

_COMMA_DUE = "a comma, or the end of the list, is due behind this record"
_BEHIND_LIST, _ALONE_ADVICE = "there is something behind the list", "send it alone"
_PLAIN_ADVICE = "write plain ASCII text"
_SYNTAX_ADVICE = "write the file with a JSON library: double quotes, no comments, no comma behind the last record"


def json_windows(source: Source) -> Iterator[Window]:
    """Windows over the records of a JSON file.

    Raises:
        UnreadableFile: for a file that is no list of records, or is broken.
    """
    return _File(source).windows()


class _Text:
    """What has been read of a file, from a place on."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self.data = b"\n" * SPARE_BYTES  # the text, and behind it spare bytes for the kernel
        self.at = 0
        self.end = 0
        self.is_whole = False  # whether nothing follows

    def fill(self, size: int) -> None:
        """Have `size` bytes from here on, or all there are."""
        if self.is_whole or self.end - self.at >= size:
            return
        pending, count = [self.data[self.at : self.end]], self.end - self.at
        while count < size:
            chunk = next(self._chunks, None)
            if chunk is None:
                self.is_whole = True
                break
            pending.append(chunk)
            count += len(chunk)
        self.data = b"".join((*pending, b"\n" * SPARE_BYTES))
        self.at, self.end = 0, count

    def peek(self) -> bytes:
        """The next byte that is no blank, which becomes the place; at the end, none."""
        while True:
            self.fill(1)
            blanks = _BLANKS.match(self.data, self.at, self.end)
            self.at = blanks.end() if blanks else self.at
            if self.at < self.end or self.is_whole:
                return self.data[self.at : self.end][:1]

    def slice(self) -> bytes:
        """As much as a record may have."""
        self.fill(MAX_LINE_BYTES)
        return self.data[self.at : min(self.end, self.at + MAX_LINE_BYTES)]


class _File:
    """One file: its place, and how its records look."""

    def __init__(self, source: Source) -> None:
        self._layout = source.layout
        self._text = _Text(source.chunks)
        self._records = Records(source.layout)
        self._alike_records: AlikeRecords | None = None
        self._is_list = True  # else one record a line
        self._line = 1  # of the next record: how many there are up to it
        self._notices: list[Finding] = []
        self._ignored: set[str] = set()

    def windows(self) -> Iterator[Window]:
        self._open()
        while True:
            window = self._alike() or self._one_by_one()
            notices, self._notices = tuple(self._notices), []
            yield replace(window, notices=notices)
            if self._is_over():
                return

    def _open(self) -> None:
        """Come to the first record, and learn from it."""
        text = self._text
        text.fill(len(BYTE_ORDER_MARK))
        if text.data.startswith(BYTE_ORDER_MARK):
            text.at = len(BYTE_ORDER_MARK)
            self._notices.append(
                notice("byte-order-mark", "the file starts with a byte order mark", advice="save it as plain ASCII")
            )
        self._is_list = text.peek() == b"["
        if self._is_list:
            text.at += 1
            if text.peek() == b"]":
                raise unreadable("empty", "the list holds no records", "write one record per image, or per detection")
        start, is_text = _decoded(text.slice())
        try:
            record, end = DECODER.raw_decode(start)
        except (json.JSONDecodeError, RecursionError) as why:
            fault = _Fault(why=why, text=start, is_text=is_text)
            if not self._is_list and fault.reaches_end and not text.is_whole:
                raise not_records() from None
            raise fault.told(line=1) from None
        shape = self._first(record)
        self._note_ignored(shape.header.ignored)
        between = (_COMMA if self._is_list else _NOTHING).match(start, end)
        if between and self._records.is_plain and not self._layout.is_whole_numbers:
            self._alike_records = records_like(start[:end], between[0], shape)

    def _first(self, record: object) -> Shape:
        try:
            return self._records.first(record)
        except UnreadableFile:
            if not self._is_list and holds_lists(record):
                raise not_records() from None
            raise

    def _alike(self) -> Window | None:
        """A window of records that begin as the first one does; None where no place to cut is found.

        Inside a string there is none: its quotes are escaped. A list of objects inside a record, with the record's own
        first key in each, would be cut, and the record be refused as broken.
        """
        text, alike = self._text, self._alike_records
        if alike is None:
            return None
        text.fill(WINDOW_BYTES)
        cut = text.data.rfind(b"}" if text.is_whole else alike.cut, text.at, text.end) + 1
        if not cut:
            return None
        data = np.frombuffer(text.data, dtype=np.uint8)[text.at : cut + SPARE_BYTES]
        read = partial(self._read_alike, alike=alike, line=self._line)
        # Exact but where strings hold braces, or records others: then a fault may be told with a later line.
        self._line += int(np.count_nonzero(data[: cut - text.at] == _RECORD_END))
        window = RowWindow(data=data, size=cut - text.at, read=read, alike=alike)
        text.at = cut
        return window

    def _read_alike(self, window: Window, tokenise: Tokeniser, *, alike: AlikeRecords, line: int) -> Tokens:
        tokens = alike.read(window)
        if tokens is not None:
            return tokens
        lines, taken, fault = self._lines(window.text(0, window.size), line=line)
        if taken < window.size:
            raise fault.told(line=line + len(lines))
        return lines.read(_window_of(lines), tokenise)

    def _one_by_one(self) -> Window:
        """A window of as many records as a megabyte holds."""
        lines, taken, fault = self._lines(self._text.slice(), line=self._line)
        if not taken:
            raise fault.told(line=self._line)
        self._text.at += taken
        self._line += len(lines)
        self._note_ignored(lines.ignored)
        return _window_of(lines)

    def _lines(self, raw: bytes, *, line: int) -> tuple[Lines, int, _Fault]:
        """Whole records from the start of a text, the bytes they take, and why no other follows, if none does."""
        text, is_text = _decoded(raw)
        lines, place, end = Lines(self._records, self._layout), 0, 0
        why: json.JSONDecodeError | RecursionError | None = None
        between = _COMMA if self._is_list else _NOTHING
        while True:
            try:
                record, end = DECODER.raw_decode(text, place)
            except (json.JSONDecodeError, RecursionError) as error:
                why = error
                break
            if end - place > MAX_LINE_BYTES:
                raise _too_long()
            lines.add(record, line=line + len(lines))
            gap = between.match(text, end)
            if gap is None or gap.end() == len(text):
                break
            place = gap.end()
        ends_list = self._is_list and why is None and text[end:].lstrip().startswith("]")
        fault = _Fault(why=why, text=text, place=place, is_text=is_text, ends_list=ends_list)
        return lines, end if text.isascii() else len(text[:end].encode()), fault

    def _is_over(self) -> bool:
        """Go on behind a record; whether there is nothing more."""
        text = self._text
        found = text.peek()
        if not self._is_list:
            return not found
        if found == b"]":
            text.at += 1
            if text.peek():
                raise self._odd_end(_BEHIND_LIST, code="trailing-data", advice=_ALONE_ADVICE)
            return True
        if found == b",":
            text.at += 1
            found = text.peek()
            if found and found != b"]":
                return False
        if found == b"]":
            raise self._odd_end("a comma stands before the end of the list", advice="take the last comma out")
        if not found:
            advice = "send all of the file"
            raise self._odd_end("the file ends before its list does", code="json-cut", advice=advice)
        raise self._odd_end(_COMMA_DUE, advice=_SYNTAX_ADVICE)

    def _odd_end(self, message: str, *, code: str = "json", advice: str) -> UnreadableFile:
        value, _ = _decoded(self._text.slice()[:_SHOWN])
        if value.startswith("\0"):
            return _nul_byte(value, line=self._line - 1)
        return _error(code, message, line=self._line - 1, value=value or None, advice=advice)

    def _note_ignored(self, names: Iterable[str]) -> None:
        """A notice of keys that mean nothing, once for each."""
        new = [name for name in names if name not in self._ignored][: _KNOWN_NAMES - len(self._ignored)]
        self._ignored |= set(new)
        if new:
            self._notices.append(
                notice(
                    "columns-ignored", "keys mean nothing in this task", count=len(new), value=",".join(new),
                    advice="leave them out",
                )
            )  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class _Fault:
    """Why no record can be read at a place of a text."""

    why: json.JSONDecodeError | RecursionError | None  # None: a record can, but nothing parts it from the one before
    text: str
    place: int = 0
    is_text: bool  # whether all of it could be decoded
    ends_list: bool = False  # whether the list ends at the place, and something follows

    @property
    def reaches_end(self) -> bool:
        """Whether the record is faulty only in that the text ends too early."""
        if not isinstance(self.why, json.JSONDecodeError):
            return False
        return self.why.msg.startswith("Unterminated string") or bool(_CUT_WORD.fullmatch(self.text, self.why.pos))

    def told(self, *, line: int) -> UnreadableFile:
        if isinstance(self.why, RecursionError):
            return _error("json-depth", "this record is nested too deep", line=line, advice="write flat records")
        if self.ends_list:
            return _error("trailing-data", _BEHIND_LIST, line=line - 1, advice=_ALONE_ADVICE)
        if self.why is not None and self.text.startswith("\0", self.why.pos):
            return _nul_byte(self.text[self.place : self.why.pos + 1], line=line)
        if self.why is None:
            return _error("json", _COMMA_DUE, line=line - 1, advice=_SYNTAX_ADVICE)
        if not self.reaches_end:
            shown = self.text[self.why.pos :].strip()
            return _error("json", f"this is no JSON: {self.why.msg}", line=line, value=shown, advice=_SYNTAX_ADVICE)
        if not self.is_text:
            return _error("not-utf8", "this is not UTF-8 text", line=line, advice="save the file as UTF-8")
        if len(self.text) - self.place >= MAX_LINE_BYTES:
            return _too_long()
        shown = self.text[self.place :]
        return _error("json-cut", "the file ends inside this record", line=line, value=shown, advice="send all of it")


def _nul_byte(text: str, *, line: int) -> UnreadableFile:
    """What is said of a NUL byte at the end, or at the start, of a text."""
    return _error("nul-byte", "this record holds a NUL byte", line=line, value=text[-_SHOWN:], advice=_PLAIN_ADVICE)


def _too_long() -> UnreadableFile:
    return too_large(f"a record is longer than {MAX_LINE_BYTES:,} bytes")


def _decoded(raw: bytes) -> tuple[str, bool]:
    """The text up to the first byte that is none, and whether there is no such byte; a last character may be cut."""
    try:
        return raw.decode(), True
    except UnicodeDecodeError as fault:
        return raw[: fault.start].decode(), fault.reason == "unexpected end of data"


def _window_of(lines: Lines) -> RowWindow:
    text = lines.text()
    data = np.frombuffer(text + b"\n" * SPARE_BYTES, dtype=np.uint8)
    return RowWindow(data=data, size=len(text), read=lines.read)


def _error(code: str, message: str, *, line: int, advice: str, value: str | None = None) -> UnreadableFile:
    return UnreadableFile(error(code, line, value and value[:_SHOWN], message, advice=advice))
