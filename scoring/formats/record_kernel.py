"""Bytes of records that are spelled alike to columns at once, compiled; scoring/machine_code.py loads it.

It takes the lines and JSON records that nearly all files are made of, and gives up on a window that holds any other:
slower ways read that one, and explain. Two places of the window are read in turns, because the length of one number
must be known before the next can be looked at, and the processor would wait.
"""

# mypy: disable-error-code="no-untyped-def,no-untyped-call,untyped-decorator,call-arg,unreachable"
# Numba ships no types, so its decorator leaves compiled functions untyped.

from __future__ import annotations

import numpy as np
from llvmlite import ir  # type: ignore[import-untyped]  # it ships no types
from numba import njit, types
from numba.extending import intrinsic

from scoring.formats.detection_counts import IDS, INVERTED, NEGATIVE, NORMALISED, ONE_PIXEL, TINY, UNUSUAL
from scoring.formats.token_kernel import POWERS, scaled

_ONE, _BYTE, _WORD = np.uint64(1), np.uint64(8), np.uint64(64)  # lengths in bits, but for _ONE
_ZEROS = np.uint64(0x3030303030303030)
_LOW_BITS, _TO_HIGH, _HIGH_BITS = np.uint64(0x7F7F7F7F7F7F7F7F), np.uint64(0x7676767676767676), np.uint64(1 << 63)
_HIGHS = np.uint64(0x8080808080808080)
_LOWEST_BYTE, _POINT = np.uint64(0xFF), np.uint64(0x2E ^ 0x30)
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
    """As `number`, of any number that JSON knows and whose value is proved."""
    start = i + np.uint64(data[i] == 45)
    word = word_at(data, start) ^ _ZEROS
    width = trailing_zeros(non_digits(word)) & np.uint64(0x78)
    end = start + width // _BYTE
    if data[end] == 46 and 0 < width < 64 and (width == _BYTE or word & _LOWEST_BYTE):
        rest = word_at(data, end + _ONE) ^ _ZEROS
        behind = trailing_zeros(non_digits(rest)) & np.uint64(0x78)
        end += _ONE + behind // _BYTE
        if behind and data[end] == end_byte:  # up to 7 digits and 8 places: both below 2^53 together
            power = POWERS[behind // _BYTE]
            value = float(eight_digits(word << (_WORD - width))) * power
            value = (value + float(eight_digits(rest << (_WORD - behind)))) / power
            return (-value if start > i else value), end
    end, tail, digits, significant = start, np.uint64(0), np.uint64(0), np.int64(0)  # the tail stands behind the point
    while 48 <= data[end] <= 57 or (data[end] == 46 and tail == 0):
        if data[end] == 46:
            tail = end + _ONE
        else:
            digits = digits * np.uint64(10) + np.uint64(data[end] - 48)
            significant += (significant > 0) | (data[end] != 48)
        end += _ONE
    whole = np.int64((tail - _ONE if tail else end) - start)
    is_odd = whole == 0 or (whole > 1 and data[start] == 48) or tail == end
    places = np.int64(end - tail) if tail else 0
    if data[end] | 32 == 101:
        end += _ONE
        is_small = data[end] == 45
        end += np.uint64(is_small or data[end] == 43)
        is_odd |= not 48 <= data[end] <= 57
        exponent = 0
        while 48 <= data[end] <= 57:
            exponent = min(exponent * 10 + (data[end] - 48), 100_000)
            end += _ONE
        places += exponent if is_small else -exponent
    value, is_proved = scaled(digits, places)
    is_plain = is_proved and significant <= 19 and not is_odd and data[end] == end_byte
    return (-value if start > i else value), (end if is_plain else np.uint64(0))


@njit(nogil=True, inline="always", error_model="numpy")
def number(data, i, end_byte):
    """The value of the number at `i` and the place of `end_byte` behind it; place 0 where it is not plain."""
    start = i + np.uint64(data[i] == 45)
    word = word_at(data, start) ^ _ZEROS
    others = non_digits(word)
    digits = trailing_zeros(others) & np.uint64(0x78)  # in bits, as all lengths here
    length = trailing_zeros(others & (others - _ONE)) & np.uint64(0x78)
    places = np.uint64(0)
    is_odd = (digits == 0) | ((digits > _BYTE) & (word & _LOWEST_BYTE == 0))  # JSON has no 007
    if digits < 64 and (word >> digits) & _LOWEST_BYTE == _POINT:
        below = (_ONE << digits) - _ONE
        word = (word & below) | ((word >> _BYTE) & ~below)
        places = length - digits - _BYTE
        is_odd |= places == 0
        digits = length - _BYTE
    else:
        length = digits
    end = start + length // _BYTE
    if is_odd or data[end] != end_byte:
        return long_number(data, i, end_byte)
    value = float(eight_digits(word << (_WORD - digits))) / POWERS[places // _BYTE]
    return (-value if start > i else value), end


@njit(nogil=True, inline="always")
def stands_at(data, i, words, masks, first, last):
    """Whether a piece, words[first:last] where `masks` has bits, stands at `i`."""
    difference = np.uint64(0)
    for k in range(first, last):
        difference |= (word_at(data, i + np.uint64(8 * (k - first))) ^ words[k]) & masks[k]
    return difference == 0


def read_records(
    data, size, last_byte, words, masks, edges, lengths, end_bytes, slots, numbers, width, room,
    values, places, has_places, longest,
):  # fmt: skip
    """Records of some numbers, with the same pieces of text around them.

    Args:
        data: (size + 64,) bytes, from the first byte of a record; a record ends with `last_byte`, which stands nowhere
            else in it, and the last of the first `size` is one.
        words, masks: the pieces: one before each number, one behind the last, and one between two records;
            edges: (pieces + 1,) of each among the words, none for a piece of one byte that ends a number;
            lengths: (pieces,) in bytes, 32 at most.
        end_bytes: (numbers,) what stands behind each number; slots: (numbers,) its column; width: of a row.
        room: rows there is room for.
        values: (room * width,), to be filled; places: the same if `has_places`, where each number begins.
        longest: (1,) to be filled: the longest record, in bytes.

    Returns:
        how many records there are; -1 where any is not plain, and then what was filled means nothing.
    """
    half = max(size // 2, 1)
    while half < size and data[half - 1] != last_byte:
        half += 1
    first_rows = 0
    for i in range(half):
        first_rows += data[i] == last_byte
    second_rows = 0
    for i in range(half, size):
        second_rows += data[i] == last_byte
    if first_rows + second_rows > room:  # most of these bytes end no record
        return -1
    between = numbers + 1
    a, b, most = np.uint64(0), np.uint64(half), np.uint64(0)
    for row in range(max(first_rows, second_rows)):
        row_a, row_b = row, first_rows + row
        if row >= second_rows:  # the other half is done: read this record twice
            b, row_b = a, row_a
        if row >= first_rows:
            a, row_a = b, row_b
        if a > 0 and not stands_at(data, a, words, masks, edges[between], edges[between + 1]):
            return -1
        if b > 0 and not stands_at(data, b, words, masks, edges[between], edges[between + 1]):
            return -1
        a += np.uint64(lengths[between]) if a > 0 else np.uint64(0)
        b += np.uint64(lengths[between]) if b > 0 else np.uint64(0)
        start_a, start_b = a, b
        for k in range(numbers):
            if not stands_at(data, a, words, masks, edges[k], edges[k + 1]):
                return -1
            if not stands_at(data, b, words, masks, edges[k], edges[k + 1]):
                return -1
            a += np.uint64(lengths[k])
            b += np.uint64(lengths[k])
            cell_a, cell_b = row_a * width + slots[k], row_b * width + slots[k]
            if has_places:
                places[cell_a], places[cell_b] = a, b
            values[cell_a], a = number(data, a, end_bytes[k])
            values[cell_b], b = number(data, b, end_bytes[k])
            if a == 0 or b == 0:
                return -1
        if not stands_at(data, a, words, masks, edges[numbers], edges[between]):
            return -1
        if not stands_at(data, b, words, masks, edges[numbers], edges[between]):
            return -1
        a += np.uint64(lengths[numbers])
        b += np.uint64(lengths[numbers])
        most = max(most, a - start_a, b - start_b)
    longest[0] = most
    return first_rows + second_rows if b <= size else -1


def take_objects(
    rows, values, width, is_sized, image_positions, image_count, class_positions, class_count,
    images, classes, confidences, boxes, counts, extremes,
):  # fmt: skip
    """Rows of image index, class id, confidence and box as columns.

    Args:
        values: (rows * width,); is_sized: whether boxes are to be made corners of x, y, width and height.
        image_positions: (image_count,), class_positions: (class_count,) dense tables, -1 where there is none.
        images, classes, confidences, boxes: (rows,) and (4 * rows,), to be filled.
        counts, extremes: as detection_columns gives them, to be filled.

    Returns:
        how many rows there are; -1 where any is not right, and then what was filled means nothing.
    """
    ids, least, greatest = 0, np.inf, -np.inf
    for row in range(rows):
        image, label = values[row * width], values[row * width + 1]
        if not (0 <= image < image_count and 0 <= label < class_count):
            return -1
        index, of_class = np.int64(image), np.int64(label)
        if index != image or of_class != label:
            return -1
        images[row], classes[row] = image_positions[index], class_positions[of_class]
        if images[row] < 0 or classes[row] < 0:
            return -1
        ids += of_class != 0
        least, greatest = min(least, label), max(greatest, label)
        confidences[row] = values[row * width + 2]
        for k in range(4):
            boxes[4 * row + k] = values[row * width + 3 + k]
        if is_sized:
            boxes[4 * row + 2] = boxes[4 * row + 2] + boxes[4 * row] - 1
            boxes[4 * row + 3] = boxes[4 * row + 3] + boxes[4 * row + 1] - 1
    counts[IDS], extremes[2], extremes[3] = ids, least, greatest
    return rows if take_stock(rows, confidences, boxes, counts, extremes) else -1


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
