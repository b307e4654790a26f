"""Columns of integers -> lines of text, without a Python loop over the lines (4 million take seconds)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

# Rows rendered at once: some 20 MB of characters, and never the whole file.
CHUNK_ROWS = 200_000


@dataclass(frozen=True, kw_only=True, eq=False)
class Number:
    """A column of fixed-point numbers, none negative."""

    units: npt.NDArray[np.integer]  # (rows,) the number times 10**decimals
    decimals: int = 0
    shown: npt.NDArray[np.integer] | None = None  # (rows,) decimals to write, at least 1; None: all


# What stands in a line, from left to right: the same bytes in every line, or a number of its own.
Part = bytes | Number
Line = Sequence[Part]


def joined(numbers: Iterable[Number], separator: bytes) -> Line:
    """The numbers with `separator` between them."""
    return [part for number in numbers for part in (number, separator)][:-1]


def render(line: Line) -> bytes:
    """The text of all rows of the columns in `line`.

    >>> render([Number(units=np.array([7, 12])), b" ", Number(units=np.array([250, 99]), decimals=2), b";"])
    b'7 2.50;12 0.99;'
    """
    rows = next(len(part.units) for part in line if isinstance(part, Number))
    blocks = [_block(part, rows) for part in line]
    characters = np.concatenate([characters for characters, _ in blocks], axis=1)
    is_kept = np.concatenate([is_kept for _, is_kept in blocks], axis=1)
    return characters[is_kept].tobytes()


def _block(part: Part, rows: int) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.bool_]]:
    """(rows, width) characters of one part, and which of them are written."""
    if isinstance(part, bytes):
        characters = np.broadcast_to(np.frombuffer(part, dtype=np.uint8), (rows, len(part)))
        return characters, np.ones((rows, len(part)), dtype=np.bool_)
    units = part.units.astype(np.int64)
    if units.min(initial=0) < 0:
        raise ValueError("a column holds a negative number")
    width = max(len(str(units.max(initial=0))), part.decimals + 1)
    digits, is_digit_kept = [], []
    for power in reversed(range(width)):
        units_of_digit = units // 10**power
        digits.append((units_of_digit % 10 + ord("0")).astype(np.uint8))
        if power > part.decimals:
            is_digit_kept.append(units_of_digit > 0)
        elif power == part.decimals or part.shown is None:
            is_digit_kept.append(np.ones(rows, dtype=np.bool_))
        else:
            is_digit_kept.append(part.decimals - power <= part.shown)
        if power == part.decimals and power > 0:
            digits.append(np.full(rows, ord("."), dtype=np.uint8))
            is_digit_kept.append(np.ones(rows, dtype=np.bool_))
    return np.stack(digits, axis=1), np.stack(is_digit_kept, axis=1)


def write_rows(file: BinaryIO, line_of: Callable[[slice], Line], *, rows: int) -> None:
    """Write `rows` lines to `file`, chunk by chunk.

    Args:
        file: open for writing.
        line_of: the columns of the rows in a slice.
        rows: how many there are.
    """
    for start in range(0, rows, CHUNK_ROWS):
        chunk = slice(start, min(start + CHUNK_ROWS, rows))
        file.write(render(line_of(chunk)))
