"""The compiled functions of scoring/formats/record_kernel.py once more in plain Python, as in plain_twins.py.

Where a kernel may give up (place 0, or -1 rows), its twin says what is right, and the kernel is held to that only
where it does claim something.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from tests.scoring import plain_twins
from tests.scoring.plain_twins import NUMBER, OK

_NUMBER = re.compile(rb"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")


def trailing_zeros(word: int) -> int:
    return (word & -word).bit_length() - 1 if word else 64


def word_at(data: Sequence[int], i: int) -> int:
    return int.from_bytes(bytes(bytearray(data[i : i + 8])), "little")


def non_digits(word: int) -> int:
    """0x80 in each byte that is no digit, of bytes from which "0" was taken."""
    return sum(0x80 << 8 * k for k in range(8) if (word >> 8 * k) & 0xFF > 9)


def eight_digits(word: int) -> int:
    return int("".join(str((word >> 8 * k) & 0xFF) for k in range(8)))


def number(data: Sequence[int], i: int, end_byte: int) -> tuple[float, int]:
    """The value of the JSON number at `i`, and the place behind it where `end_byte` stands; else 0."""
    found = _NUMBER.match(bytes(bytearray(data)), i)
    if found is None or data[found.end()] != end_byte or abs(float(found[0])) == float("inf"):
        return 0.0, 0
    return float(found[0]), found.end()


long_number = number


def stands_at(data: bytes, i: int, piece: bytes) -> bool:
    return data[i : i + len(piece)] == piece


def read_records(
    data: bytes, size: int, pieces: Sequence[bytes], between: bytes, ranks: Sequence[int]
) -> tuple[list[list[float]], list[list[int]], int] | None:
    """The numbers of each record in the order of their columns, where each begins, and the longest record in bytes."""
    rows: list[list[float]] = []
    places: list[list[int]] = []
    place = longest = 0
    while place < size:
        if rows and not stands_at(data, place, between):
            return None
        place += len(between) if rows else 0
        start = place
        found: dict[int, tuple[float, int]] = {}
        for piece, behind, rank in zip(pieces, pieces[1:], ranks, strict=False):
            if not stands_at(data, place, piece):
                return None
            place += len(piece)
            value, end = number(data, place, behind[0])
            if not end:
                return None
            found[rank] = value, place
            place = end
        if not stands_at(data, place, pieces[-1]):
            return None
        place += len(pieces[-1])
        longest = max(longest, place - start)
        rows.append([found[column][0] for column in range(max(ranks) + 1)])
        places.append([found[column][1] for column in range(max(ranks) + 1)])
    return (rows, places, longest) if place == size else None


def take_stock(boxes: Any, confidences: Any) -> tuple[bool, dict[str, int], float, float]:
    """Whether all coordinates are in range, what is odd, and the least and greatest confidence."""
    odd = {
        "inverted": sum(x2 < x1 or y2 < y1 for x1, y1, x2, y2 in boxes),
        "one_pixel": sum(x2 == x1 and y2 == y1 for x1, y1, x2, y2 in boxes),
        "negative": sum(min(box) < 0 for box in boxes),
        "normalised": sum(min(box) >= 0 and max(box) <= 1 for box in boxes),
        "unusual": sum(not 0 <= confidence <= 1 for confidence in confidences),
        "tiny": sum(
            any(str(number) == "-0.0" or 0 < abs(number) < 2.2250738585072014e-308 for number in (confidence, *box))
            for confidence, box in zip(confidences, boxes, strict=True)
        ),
    }
    is_in_range = all(abs(corner) <= 1e7 for box in boxes for corner in box)
    return is_in_range, odd, min(confidences), max(confidences)


def take_objects(
    rows: Sequence[Sequence[float]], image_positions: Any, class_positions: Any, *, is_sized: bool
) -> tuple[Any, ...] | None:
    """What the rows come to as the tokens of detection lines, where every line is right; else None."""
    boxes = [[x, y, x + w - 1, y + h - 1] if is_sized else [x, y, w, h] for *_, x, y, w, h in rows]
    values = [number for row, box in zip(rows, boxes, strict=True) for number in (*row[:3], *box)]
    starts = range(0, len(values) + 1, 7)
    found = plain_twins.detection_columns(
        values, [NUMBER] * len(values), starts, image_positions, class_positions, [], []
    )
    return found if set(found[0]) == {OK} else None
