"""Windows of text as tokens: each number's value, its place, and the line it stands on."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scoring.formats.rows import RowWindow
from scoring.formats.windows import Window

# What a token turned out to be.
NUMBER = 0  # its value is exact
WNID = 1  # "n02119789", its value is 2119789
BAD = 2  # anything else, or a number that is not finite
HARD = 3  # a well-formed number whose value the kernel could not prove exact: float() settles it

# What a window contains that is worth a notice; bits.
HAS_TABS = 1
HAS_COMMAS = 2
HAS_RUNS = 4  # several separators in a row, or one before the first token
HAS_EMPTY_CELLS = 8  # of a CSV: a row that ends with empty cells for which the header has no name

# Bytes that may stand between tokens. A carriage return is the first half of a line end.
_SEPARATORS = (32, 10, 9, 13, 44)

# float() takes microseconds a token; from here on, loading the compiler is the shorter way.
_MANY_HARD_TOKENS = 20_000

# As many digits as fit into four bytes.
_PLAIN_DIGITS = 9

_TOKEN = re.compile(rb"[^\t\n\r ,]*")


@dataclass(frozen=True, kw_only=True, eq=False)
class Tokens:
    """The tokens of one window. A line holds the tokens from line_starts[i] up to line_starts[i + 1]."""

    values: npt.NDArray[np.float64]  # (tokens,)
    kinds: npt.NDArray[np.uint8]  # (tokens,) NUMBER, WNID or BAD
    offsets: npt.NDArray[np.int32]  # (tokens,) of the first byte in the window
    line_starts: npt.NDArray[np.int32]  # (lines + 1,) token numbers
    longest_line: int  # in bytes
    separators: int  # HAS_TABS | HAS_COMMAS | HAS_RUNS | HAS_EMPTY_CELLS
    source: Window | None  # the text that the offsets point into; of a binary table, none
    keys: Sequence[str] | None = None  # (lines,) the image each line speaks of, where its format says so beside it

    def text_of(self, token: int) -> str:
        """A token as it was written, as far as it can be shown."""
        if self.source is None:
            return f"{self.values[token]:.17g}" if self.kinds[token] == NUMBER else "null"
        return token_text(self.source, int(self.offsets[token]))

    def line_text(self, line: int) -> str:
        """The first 200 bytes of a line."""
        first, end = int(self.line_starts[line]), int(self.line_starts[line + 1])
        if self.source is None:
            return " ".join(self.text_of(token) for token in range(first, end))
        start = int(self.offsets[first])
        return self.source.text(start, start + 200).split(b"\n")[0].decode("utf-8", "backslashreplace").strip()

    @property
    def line_count(self) -> int:
        return len(self.line_starts) - 1

    @property
    def counts(self) -> npt.NDArray[np.int32]:
        """(lines,) how many tokens each line has."""
        return np.diff(self.line_starts)


def token_text(window: Window, offset: int) -> str:
    """The token that starts at `offset`, as text; bytes that are no UTF-8 are shown escaped."""
    room = 64
    while True:
        token = _TOKEN.match(window.text(offset, offset + room))
        if token is not None and (token.end() < room or offset + room >= window.size):
            return token[0].decode("utf-8", "backslashreplace")
        room *= 16


def tokenise(window: Window) -> Tokens:
    """Tokens by the compiled kernel: a gigabyte a second a core.

    Raises:
        UnreadableFile: for a window of another format that cannot be read.
    """
    return window.read(window, _tokenise_text) if isinstance(window, RowWindow) else _tokenise_text(window)


def _tokenise_text(window: Window) -> Tokens:
    from scoring.formats.token_kernel import tokenise_window  # loads the compiler; `cls` does without

    values, kinds, offsets, line_starts, longest_line, separators = tokenise_window(window.data, window.size)
    hard = np.flatnonzero(kinds == HARD)
    if hard.size:
        _settle(window, hard, values=values, kinds=kinds, offsets=offsets)
    return Tokens(
        values=values, kinds=kinds, offsets=offsets, line_starts=line_starts,
        longest_line=longest_line, separators=separators, source=window,
    )  # fmt: skip


def tokenise_plainly(window: Window) -> Tokens:
    """The same tokens by numpy alone, where nearly all of them are whole numbers of a few digits."""
    if isinstance(window, RowWindow):
        return window.read(window, _tokenise_text_plainly)
    return _tokenise_text_plainly(window)


def _tokenise_text_plainly(window: Window) -> Tokens:
    data = window.data[: window.size]
    is_separator = _is_any_of(data, _SEPARATORS)
    edges = np.flatnonzero(is_separator[1:] != is_separator[:-1]) + 1  # the last byte is a line feed
    edges = edges if is_separator[0] else np.append(0, edges)
    starts, ends = edges[::2], edges[1::2]
    line_ends = np.flatnonzero(data == 10)
    widths = ends - starts
    numbers = np.zeros(len(starts), np.int32)
    is_plain = widths <= _PLAIN_DIGITS
    for place in range(int(widths[is_plain].max(initial=0))):  # from the last digit on
        digits = data.take(ends - 1 - place, mode="clip") - np.uint8(48)  # above 9 for what is no digit
        has_digit = widths > place
        is_plain &= (digits <= 9) | ~has_digit
        numbers += (digits * has_digit) * np.int32(10**place)
    kinds = np.where(is_plain, NUMBER, HARD).astype(np.uint8)
    values = numbers.astype(np.float64)
    hard = np.flatnonzero(~is_plain)
    if len(hard) > _MANY_HARD_TOKENS:
        return _tokenise_text(window)
    _settle(window, hard, values=values, kinds=kinds, offsets=starts)
    return Tokens(
        values=values,
        kinds=kinds,
        offsets=starts.astype(np.int32),
        line_starts=np.concatenate([[0], np.searchsorted(starts, line_ends)]).astype(np.int32),
        longest_line=int(np.diff(line_ends, prepend=-1).max(initial=1)) - 1,
        separators=_separators_in(data, is_separator),
        source=window,
    )


def _is_any_of(data: npt.NDArray[np.uint8], values: Sequence[int]) -> npt.NDArray[np.bool_]:
    """Which bytes are one of a few: comparisons are several times faster than a table."""
    is_one: npt.NDArray[np.bool_] = data == values[0]
    for value in values[1:]:
        is_one |= data == value
    return is_one


def _separators_in(data: npt.NDArray[np.uint8], is_separator: npt.NDArray[np.bool_]) -> int:
    is_return = data == 13
    if is_return.any():  # the first half of a line end: neither a gap nor the end of one
        data, is_separator = data[~is_return], is_separator[~is_return]
    is_line_end = data == 10
    is_gap = is_separator & ~is_line_end
    return (
        HAS_TABS * bool((data == 9).any())
        | HAS_COMMAS * bool((data == 44).any())
        | HAS_RUNS * bool((is_gap[1:] & is_separator[:-1]).any() or is_gap[:1].any())
    )


def _settle(
    window: Window, tokens: npt.NDArray[np.intp], *,
    values: npt.NDArray[np.float64], kinds: npt.NDArray[np.uint8], offsets: npt.NDArray[np.integer],
) -> None:  # fmt: skip
    """Give the named tokens their value and kind, in place."""
    for token in tokens:
        values[token], kinds[token] = parse_token(token_text(window, int(offsets[token])))


def parse_token(text: str) -> tuple[float, int]:
    """Value and kind of one token.

    Stricter than float(): no underscores, no digits but 0-9, no words; a number that is not finite is BAD.

    >>> parse_token("12.0"), parse_token("n02119789"), parse_token("1_000")
    ((12.0, 0), (2119789.0, 1), (0.0, 2))
    """
    if len(text) == 9 and text[0] == "n" and text[1:].isascii() and text[1:].isdigit():
        return float(text[1:]), WNID
    if text.isascii() and text.lower().strip("+-0123456789.e") == "":
        try:
            value = float(text)
        except ValueError:
            return 0.0, BAD
        if math.isfinite(value):
            return value, NUMBER
    return 0.0, BAD
