"""The compiled reader of JSON records once more in plain Python; see plain_twins."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

_NUMBER = re.compile(rb"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")


def alike_records(
    data: bytes, size: int, pieces: bytes, piece_starts: Sequence[int], ranks: Sequence[int], columns: int, most: int
) -> tuple[list[bytes], list[int], int]:
    """The numbers of each record in the order of their columns, where each begins, and the bytes that were taken."""
    between, *parts = (pieces[start:end] for start, end in pairwise(piece_starts))
    numbers: list[bytes] = []
    offsets: list[int] = []
    taken = 0
    for record in range(most):
        place = taken
        row: dict[int, tuple[bytes, int]] = {}
        for k, part in enumerate(([between] if record else [b""]) + parts):
            if not data.startswith(part, place) or place + len(part) > size:
                return numbers, offsets, taken
            place += len(part)
            if 1 <= k <= len(ranks):
                found = _NUMBER.match(data, place)
                if found is None:
                    return numbers, offsets, taken
                row[ranks[k - 1]] = found[0], place
                place = found.end()
        taken = place
        numbers += [row[column][0] for column in range(columns)]
        offsets += [row[column][1] for column in range(columns)]
    return numbers, offsets, taken
