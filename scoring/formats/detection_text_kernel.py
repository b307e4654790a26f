"""Bytes of plain detection lines to columns at once, compiled; scoring/machine_code.py loads it.

It takes the lines that nearly all files are made of, and gives up on a window that holds any other: the tokeniser and
detection_columns read that one, and explain. Two places of the window are read in turns, because the length of one
number must be known before the next can be looked at, and the processor would wait.
"""

# mypy: disable-error-code="no-untyped-def,no-untyped-call,untyped-decorator,call-arg,unreachable"
# Numba ships no types, so its decorator leaves compiled functions untyped.

from __future__ import annotations

import numpy as np
from llvmlite import ir  # type: ignore[import-untyped]  # it ships no types
from numba import njit, types
from numba.extending import intrinsic

from scoring.formats.detection_counts import COUNTS, IDS, INVERTED, NEGATIVE, NORMALISED, ONE_PIXEL, TINY, UNUSUAL
from scoring.formats.token_kernel import _POWERS, parse_any

_ONE, _BYTE, _WORD = np.uint64(1), np.uint64(8), np.uint64(64)  # lengths in bits, but for _ONE
_ZEROS = np.uint64(0x3030303030303030)
_LOW_BITS, _TO_HIGH, _HIGH_BITS = np.uint64(0x7F7F7F7F7F7F7F7F), np.uint64(0x7676767676767676), np.uint64(1 << 63)
_HIGHS = np.uint64(0x8080808080808080)
_POINT = np.uint64(0x2E ^ 0x30)
_SMALLEST_NORMAL = float(np.finfo(np.float64).smallest_normal)


@intrinsic
def trailing_zeros(typingctx, word):  # noqa: ARG001  # as numba calls it
    """How many of the lowest bits are 0; 64 for 0."""

    def code(context, builder, signature, arguments):  # noqa: ARG001
        return builder.cttz(arguments[0], ir.IntType(1)(0))

    return types.uint64(types.uint64), code


@njit(nogil=True, inline="always")
def word_at(data, i):
    """Eight bytes, the first one lowest; one instruction, once compiled."""
    word = np.uint64(0)
    for k in range(8):
        word |= np.uint64(data[i + np.uint64(k)]) << np.uint64(8 * k)
    return word


@njit(nogil=True, inline="always")
def non_digits(word):
    """The highest bit of each byte that is none of 0..9; a word of digits less "0"."""
    return (((word & _LOW_BITS) + _TO_HIGH) | word) & _HIGHS


@njit(nogil=True, inline="always")
def eight_digits(word):
    """The number that eight digits make, the first one lowest (Lemire 2021, section 3)."""
    word = (word * np.uint64(10) + (word >> np.uint64(8))) & np.uint64(0x00FF00FF00FF00FF)
    word = (word * np.uint64(100) + (word >> np.uint64(16))) & np.uint64(0x0000FFFF0000FFFF)
    return (word * np.uint64(10000) + (word >> np.uint64(32))) & np.uint64(0xFFFFFFFF)


@njit(nogil=True, error_model="numpy")
def long_number(data, i, end_byte):
    """As `number`, of any number that is exact."""
    start = i + np.uint64(data[i] == 45)
    word = word_at(data, start) ^ _ZEROS
    digits = trailing_zeros(non_digits(word)) & np.uint64(0x78)
    point = start + digits // _BYTE
    if 0 < digits < 64 and data[point] == 46:
        tail = word_at(data, point + _ONE) ^ _ZEROS
        places = trailing_zeros(non_digits(tail)) & np.uint64(0x78)
        end = point + _ONE + places // _BYTE
        if places and data[end] == end_byte:  # up to 7 digits and 8 places: both below 2^53 together
            power = _POWERS[places // _BYTE]
            whole = float(eight_digits(word << (_WORD - digits))) * power
            value = (whole + float(eight_digits(tail << (_WORD - places)))) / power
            return (-value if start > i else value), end
    value, kind, behind = parse_any(data, np.int64(i))
    return value, np.uint64(behind if kind == 0 and data[behind] == end_byte else 0)


@njit(nogil=True, inline="always", error_model="numpy")
def number(data, i, end_byte):
    """The value of the number at `i` and the place of `end_byte` behind it; place 0 where it is not plain."""
    start = i + np.uint64(data[i] == 45)
    word = word_at(data, start) ^ _ZEROS
    others = non_digits(word)
    digits = trailing_zeros(others) & np.uint64(0x78)  # in bits, as all lengths here
    length = trailing_zeros(others & (others - _ONE)) & np.uint64(0x78)
    places = np.uint64(0)
    if digits < 64 and (word >> digits) & np.uint64(0xFF) == _POINT:
        below = (_ONE << digits) - _ONE
        word = (word & below) | ((word >> _BYTE) & ~below)
        places = length - digits - _BYTE
        digits = length - _BYTE
    else:
        length = digits
    end = start + length // _BYTE
    if digits == 0 or data[end] != end_byte:
        return long_number(data, i, end_byte)
    value = float(eight_digits(word << (_WORD - digits))) / _POWERS[places // _BYTE]
    return (-value if start > i else value), end


def read_detections(
    data, size, separator, line_end_bytes, image_positions, image_count, class_positions, class_count,
    images, classes, confidences, boxes, counts, extremes,
):  # fmt: skip
    """Plain lines: seven numbers, a `separator` between them, a line end of one or two bytes.

    Args:
        data: (size + 64,) bytes; the last of the first `size` is a line feed, as are the 64.
        image_positions: (image_count,), class_positions: (class_count,) dense tables, -1 where there is none.
        images, classes, confidences, boxes: (lines + 1,) and (4 * (lines + 1),), to be filled.
        counts, extremes: as in detection_columns, to be filled; behind the counts the longest line, in bytes.

    Returns:
        how many lines there are; -1 where any is not plain or not right, and then what was filled means nothing.
    """
    half = max(size // 2, 1)
    while half < size and data[half - 1] != 10:
        half += 1
    first_lines = 0
    for i in range(half):
        first_lines += data[i] == 10
    second_lines = 0
    for i in range(half, size):
        second_lines += data[i] == 10
    last = 13 if line_end_bytes == 2 else 10
    skip = np.uint64(line_end_bytes)
    a, b = np.uint64(0), np.uint64(half)
    longest = np.uint64(0)
    ids, least, greatest = 0, np.inf, -np.inf
    for line in range(max(first_lines, second_lines)):
        row_a, row_b = line, first_lines + line
        if line >= second_lines:  # the other half is done: read this line twice
            b, row_b = a, row_a
        if line >= first_lines:
            a, row_a = b, row_b
        value_a, end_a = number(data, a, separator)
        value_b, end_b = number(data, b, separator)
        label_a, next_a = number(data, end_a + _ONE, separator)
        label_b, next_b = number(data, end_b + _ONE, separator)
        if end_a == 0 or end_b == 0 or next_a == 0 or next_b == 0:
            return -1
        if not (0 <= value_a < image_count and 0 <= value_b < image_count):
            return -1
        if not (0 <= label_a < class_count and 0 <= label_b < class_count):
            return -1
        image_a, image_b = np.int64(value_a), np.int64(value_b)
        class_a, class_b = np.int64(label_a), np.int64(label_b)
        if image_a != value_a or image_b != value_b or class_a != label_a or class_b != label_b:
            return -1
        images[row_a], images[row_b] = image_positions[image_a], image_positions[image_b]
        classes[row_a], classes[row_b] = class_positions[class_a], class_positions[class_b]
        if images[row_a] < 0 or images[row_b] < 0 or classes[row_a] < 0 or classes[row_b] < 0:
            return -1
        ids += (class_a != 0) + (class_b != 0 and row_a != row_b)
        least, greatest = min(least, label_a, label_b), max(greatest, label_a, label_b)
        confidences[row_a], end_a = number(data, next_a + _ONE, separator)
        confidences[row_b], end_b = number(data, next_b + _ONE, separator)
        is_plain = end_a != 0 and end_b != 0
        for k in range(3):
            boxes[4 * row_a + k], end_a = number(data, end_a + _ONE, separator)
            boxes[4 * row_b + k], end_b = number(data, end_b + _ONE, separator)
            is_plain &= end_a != 0 and end_b != 0
        boxes[4 * row_a + 3], end_a = number(data, end_a + _ONE, last)
        boxes[4 * row_b + 3], end_b = number(data, end_b + _ONE, last)
        is_plain &= end_a != 0 and end_b != 0
        if not is_plain or data[end_a + skip - _ONE] != 10 or data[end_b + skip - _ONE] != 10:
            return -1
        longest = max(longest, end_a + skip - _ONE - a, end_b + skip - _ONE - b)
        a, b = end_a + skip, end_b + skip
    lines = first_lines + second_lines
    counts[IDS], counts[COUNTS] = ids, longest
    extremes[2], extremes[3] = least, greatest
    return lines if take_stock(lines, confidences, boxes, counts, extremes) else -1


@njit(nogil=True, error_model="numpy")
def take_stock(lines, confidences, boxes, counts, extremes):
    """Count the odd boxes and confidences, make -0.0 a 0.0; whether all coordinates are in range."""
    inverted, one_pixel, negative, normalised, unusual, tiny = 0, 0, 0, 0, 0, 0
    low, high, least, greatest = np.inf, -np.inf, np.inf, -np.inf
    for row in range(lines):
        x1, y1, x2, y2 = boxes[4 * row], boxes[4 * row + 1], boxes[4 * row + 2], boxes[4 * row + 3]
        lowest, highest = min(x1, y1, x2, y2), max(x1, y1, x2, y2)
        low, high = min(low, lowest), max(high, highest)
        inverted += (x2 < x1) | (y2 < y1)
        one_pixel += (x2 == x1) & (y2 == y1)
        negative += lowest < 0
        normalised += (lowest >= 0) & (highest <= 1)
        confidence = confidences[row]
        if min(abs(confidence), abs(x1), abs(y1), abs(x2), abs(y2)) < _SMALLEST_NORMAL:
            is_tiny = False
            for value in (confidence, x1, y1, x2, y2):
                is_tiny |= abs(value) < _SMALLEST_NORMAL and (value != 0 or np.signbit(value))
            tiny += is_tiny
        confidence += 0.0  # -0.0 becomes 0.0: they tie
        confidences[row] = confidence
        unusual += (confidence < 0) | (confidence > 1)
        least, greatest = min(least, confidence), max(greatest, confidence)
    counts[INVERTED], counts[ONE_PIXEL], counts[NEGATIVE] = inverted, one_pixel, negative
    counts[NORMALISED], counts[UNUSUAL], counts[TINY] = normalised, unusual, tiny
    extremes[0], extremes[1] = least, greatest
    return low >= -1e7 and high <= 1e7
