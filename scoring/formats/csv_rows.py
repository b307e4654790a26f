"""CSV with a header that names the columns, in any order; and Kaggle's two: an image and a string of numbers."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain

import numpy as np

from scoring.findings import Finding
from scoring.formats.complaints import error, notice
from scoring.formats.image_keys import is_index
from scoring.formats.layouts import Header, Layout
from scoring.formats.rows import RowWindow, Tokeniser
from scoring.formats.source import Source
from scoring.formats.tokens import HAS_EMPTY_CELLS, HAS_RUNS, Tokens
from scoring.formats.unreadable import UnreadableFile, unreadable
from scoring.formats.windows import MAX_LINE_BYTES, SPARE_BYTES, Window, line_too_long, read_windows

_LINE_FEED, _QUOTE = 10, 34

# Stands for an empty cell before one that is not: no number, so its line is refused.
_EMPTY_CELL = '""'

# Inside a cell, what separates tokens is no separator.
_INSIDE_CELL = str.maketrans(dict.fromkeys(" ,\t\r\n", "_"))

KAGGLE_HEADER = ("imageid", "predictionstring")

# Keys and cells of one row, the cells in the kit's order.
_Arrange = Callable[[Sequence[str]], tuple[str, list[str]]]


def csv_windows(source: Source) -> Iterator[Window]:
    """Windows over a CSV whose first line is a header.

    Raises:
        UnreadableFile: for a header without the layout's columns, or with nothing behind it.
    """
    windows = read_windows(source.chunks)
    start = _start_of(windows)
    cells = header_cells(start.header)
    refuse_odd_kaggle(cells, source.layout)
    header = source.layout.header(cells)
    table = _Table(
        delimiter=_delimiter(start.header), arrange=partial(_arranged, header, has_guesses=source.layout.has_key),
        header=header, is_keyed=header.key is not None, may_end_empty=source.layout.has_key,
    )  # fmt: skip
    first = _with_notice(start.rest, header)
    yield from _numbered(first, windows, table, line=start.lines + 1, lines_before=start.lines)


def kaggle_windows(source: Source) -> Iterator[Window]:
    """Windows over a CSV with the header ImageId,PredictionString; the string holds the kit's line.

    Raises:
        UnreadableFile: when nothing stands behind the header.
    """
    windows = read_windows(source.chunks)
    start = _start_of(windows)
    table = _Table(delimiter=",", arrange=_kaggle_row, header=None, is_keyed=True)
    yield from _numbered(start.rest, windows, table, line=start.lines + 1, lines_before=start.lines)


def header_cells(line: str) -> list[str]:
    """The cells of a first line; none where it is no line of a CSV."""
    try:
        return [cell.strip() for cell in next(csv.reader([line], delimiter=_delimiter(line), strict=True), [])]
    except csv.Error:
        return []


def refuse_odd_kaggle(names: Sequence[str], layout: Layout) -> None:
    """Refuse columns that are Kaggle's in another order, or with others beside them."""
    known = [name.lower() for name in names]
    if layout.has_kaggle and KAGGLE_HEADER[1] in known and not set(layout.columns) & set(known):
        raise unreadable(
            "columns", "Kaggle's files have two columns, ImageId and PredictionString, in this order",
            "write ImageId,PredictionString as the header, and in each row an image and one string of numbers",
            value=",".join(names),
        )  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class _Table:
    """How the rows of one file are read."""

    delimiter: str
    arrange: _Arrange
    header: Header | None  # None where a row holds the kit's line as a string
    is_keyed: bool
    may_end_empty: bool = False  # whether empty cells behind the header's last column are a notice, and no fault

    def read(self, window: Window, tokenise: Tokeniser, *, first_line: int) -> Tokens:
        """The tokens of `window`, whose first line is the file's `first_line`, counted from 1."""
        return self._plain_rows(window, tokenise) or self._any_rows(window, tokenise, first_line)

    def _plain_rows(self, window: Window, tokenise: Tokeniser) -> Tokens | None:
        """Tokens of rows of numbers alone, all cells filled and none quoted; None where a row is not so."""
        header, data = self.header, window.data[: window.size]
        if header is None or (data == _QUOTE).any():
            return None
        tokens = tokenise(window)
        if tokens.separators & HAS_RUNS or not (tokens.counts == header.width).all():
            return None
        if np.count_nonzero(data == ord(self.delimiter)) > tokens.line_count * (header.width - 1):
            return None  # a row ends with an empty cell
        order, shape = list(header.order), (-1, header.width)
        kinds, values = tokens.kinds.reshape(shape), tokens.values.reshape(shape)
        keys = None
        if header.key is not None:
            if not is_index(values[:, header.key], kinds[:, header.key]):
                return None
            keys = [f"{index:.0f}" for index in values[:, header.key].tolist()]
        return replace(
            tokens,
            values=values[:, order].reshape(-1),
            kinds=kinds[:, order].reshape(-1),
            offsets=tokens.offsets.reshape(shape)[:, order].reshape(-1),
            line_starts=np.arange(tokens.line_count + 1, dtype=np.int32) * np.int32(len(order)),
            separators=0,
            keys=keys,
        )

    def _any_rows(self, window: Window, tokenise: Tokeniser, first_line: int) -> Tokens:
        """The same from any rows, written anew as lines of the kit's text."""
        _refuse_long_lines(window)
        text = window.text(0, window.size).decode("utf-8", "backslashreplace")
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=self.delimiter, strict=True)
        keys: list[str] = []
        lines: list[str] = []
        has_empty = False
        width = self.header.width if self.header and self.may_end_empty else MAX_LINE_BYTES
        try:
            for row in reader:
                if reader.line_num != len(lines) + 1:
                    raise _broken("a quoted cell runs over the end of its line", line=first_line + len(lines))
                key, cells = self.arrange(row) if row else ("", [])
                has_empty |= len(row) > width and not row[-1].strip()
                keys.append(key)
                lines.append(_line_of(cells))
        except csv.Error as fault:
            raise _broken(str(fault), line=first_line + len(lines)) from None
        rewritten = "".join(lines).encode()
        data = np.frombuffer(rewritten + b"\n" * SPARE_BYTES, dtype=np.uint8)
        written = Window(data=data, size=len(rewritten))
        return replace(
            tokenise(written), longest_line=0, separators=HAS_EMPTY_CELLS * has_empty,
            keys=keys if self.is_keyed else None,
        )  # fmt: skip


def _refuse_long_lines(window: Window) -> None:
    """Cells that mean nothing here, and blanks, are lost when a row is written anew; they count, too."""
    ends = np.flatnonzero(window.data[: window.size] == _LINE_FEED)
    if np.diff(ends, prepend=-1).max(initial=0) > MAX_LINE_BYTES + 1:
        raise line_too_long()


def _line_of(cells: list[str]) -> str:
    """Cells as a line of the kit's text; empty ones at its end are none."""
    count = len(cells)
    while count and not cells[count - 1]:
        count -= 1
    return " ".join(cell.translate(_INSIDE_CELL) or _EMPTY_CELL for cell in cells[:count]) + "\n"


def _arranged(header: Header, row: Sequence[str], *, has_guesses: bool) -> tuple[str, list[str]]:
    """Key and cells of a row; cells behind the header's last column stay at the end.

    Where there is one object a row, these are columns too many even if they are empty; guesses may be fewer.
    """

    def cell(place: int) -> str:
        return row[place].strip() if place < len(row) else ""

    cells = [*map(cell, header.order), *row[header.width :]]
    if len(row) > header.width and not has_guesses and any(map(str.strip, row)):
        cells = [cell.strip() or _EMPTY_CELL for cell in cells]
    return "" if header.key is None else cell(header.key), cells


def _kaggle_row(row: Sequence[str]) -> tuple[str, list[str]]:
    return row[0].strip(), " ".join(row[1:]).split()


def _delimiter(line: str) -> str:
    return "\t" if "\t" in line and "," not in line else ","


@dataclass(frozen=True, kw_only=True, eq=False)
class _Start:
    """The first window of a file that holds more than blank lines, parted at the end of its header."""

    header: str
    lines: int  # up to the header, which may have blank ones before it
    rest: Window


def _start_of(windows: Iterator[Window]) -> _Start:
    lines = 0
    notices: tuple[Finding, ...] = ()
    for window in windows:
        text = window.text(0, window.size)
        notices += window.notices
        first = len(text) - len(text.lstrip())
        if first < len(text):
            end = text.index(b"\n", first) + 1
            if end - first > MAX_LINE_BYTES + 1:
                raise line_too_long()
            return _Start(
                header=text[first:end].decode("utf-8", "backslashreplace").strip(),
                lines=lines + text.count(b"\n", 0, end),
                rest=Window(data=window.data[end:], size=window.size - end, notices=notices),
            )
        lines += text.count(b"\n")
    raise unreadable("empty", "the file holds blank lines alone", "send a header, and one line per prediction")


def _with_notice(window: Window, header: Header) -> Window:
    if not header.ignored:
        return window
    ignored: Finding = notice(
        "columns-ignored", "columns mean nothing in this task", count=len(header.ignored),
        value=",".join(header.ignored), advice="leave them out",
    )  # fmt: skip
    return Window(data=window.data, size=window.size, notices=(*window.notices, ignored))


def _numbered(
    first: Window, others: Iterator[Window], table: _Table, *, line: int, lines_before: int
) -> Iterator[Window]:
    """Windows that know the line they start on: the first one `line`, counted from 1."""
    if not first.size:
        second = next(others, None)
        if second is None:
            raise unreadable("header-only", "nothing stands behind the header", "send one line per prediction")
        first = replace(second, notices=(*first.notices, *second.notices))
    for window in chain([first], others):
        yield RowWindow(
            data=window.data, size=window.size, notices=window.notices,
            read=partial(table.read, first_line=line), lines_before=lines_before,
        )  # fmt: skip
        line, lines_before = line + int((window.data[: window.size] == _LINE_FEED).sum()), 0


def _broken(why: str, *, line: int) -> UnreadableFile:
    return UnreadableFile(
        error(
            "csv", line, None, f"this is no row of a CSV: {why}",
            advice="close every quote on its own line, or leave quotes out",
        )
    )  # fmt: skip
