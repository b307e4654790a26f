"""The compiled functions of scoring/formats/detection_text_kernel.py once more in plain Python, as in plain_twins.py.

Where a kernel may give up (place 0, or -1 lines), its twin says what is right, and the kernel is held to that only
where it does claim something.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.scoring import plain_twins
from tests.scoring.plain_twins import NUMBER, OK


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
    """The value of the number at `i`, and the place behind it where `end_byte` stands; else 0."""
    value, kind, end = plain_twins.parse_any(data, i)
    return value, end if kind == NUMBER and data[end] == end_byte else 0


long_number = number


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


def read_detections(text: bytes, image_positions: Any, class_positions: Any) -> tuple[Any, ...] | None:
    """What the tokens of all lines come to, where every line is right; else None."""
    values, kinds, _, line_starts, longest, _ = plain_twins.tokenise_window(text, len(text))
    columns = plain_twins.detection_columns(values, kinds, line_starts, image_positions, class_positions, [], [])
    return (*columns, longest) if set(columns[0]) == {OK} else None
