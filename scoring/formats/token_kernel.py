"""The compiled tokeniser. Bytes in, arrays out; its plain twin is tokens.tokenise_plainly.

Nine tokens of ten are short decimals, which one flat loop takes. Every other token is looked at a second time, from
its start, by `parse_any`: a helper that takes an array costs an atomic reference count, too much for every token.
"""

from __future__ import annotations

import numpy as np
from numba import njit

# 10^k as the nearest double and what it misses, for every k that a decimal of 19 digits may be divided by.
MOST_PLACES = 200
POWERS = np.array([float(10**k) for k in range(MOST_PLACES + 1)])
_POWER_RESTS = np.array([float(10**k - int(float(10**k))) for k in range(MOST_PLACES + 1)])

# Up to 2^53 an integer is exact in a double, and so is a power of ten up to 10^22.
_EXACT_DIGITS = 15
_EXACT_INTEGER = np.uint64(1 << 53)
_EXACT_POWER = 22

_NUMBER, _WNID, _BAD, _HARD = 0, 1, 2, 3
_TABS, _COMMAS, _RUNS = 1, 2, 4


@njit(nogil=True, cache=True, error_model="numpy")
def split_product_error(a, b, product):
    """a * b - product, exactly (Dekker 1971)."""
    t = a * 134217729.0
    a_high = t - (t - a)
    a_low = a - a_high
    t = b * 134217729.0
    b_high = t - (t - b)
    b_low = b - b_high
    return ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low


@njit(nogil=True, cache=True, error_model="numpy")
def scaled(digits, places):
    """digits / 10^places correctly rounded, and whether that is proved; `digits` has at most 19 digits."""
    if digits == 0:
        return 0.0, True
    if digits <= _EXACT_INTEGER and -_EXACT_POWER <= places <= _EXACT_POWER:
        # Both operands are exact, so the one rounding is the right one (Clinger 1990).
        return (float(digits) / POWERS[places] if places >= 0 else float(digits) * POWERS[-places]), True
    if places < 0 or places > MOST_PLACES or digits >= np.uint64(18446744073709549568):
        return 0.0, False
    # In twice the precision, taken only where the last rounding is beyond doubt.
    high = float(digits)
    rest = float(np.int64(digits - np.uint64(high)))
    power = POWERS[places]
    quotient = high / power
    product = quotient * power
    remainder = ((high - product) - split_product_error(quotient, power, product)) + rest
    correction = (remainder - quotient * _POWER_RESTS[places]) / power
    margin = abs(quotient) * 1e-29 + abs(correction) * 1e-13
    value = quotient + (correction - margin)
    return value, value == quotient + (correction + margin)


@njit(nogil=True, cache=True, error_model="numpy")
def is_separator(c):
    """Whether a byte stands between tokens."""
    return c == 32 or c == 10 or c == 9 or c == 44 or c == 13


@njit(nogil=True, cache=True, error_model="numpy")
def parse_any(data, start):
    """The token at `start`: value, kind, and the place behind it."""
    end = start
    while not is_separator(data[end]):
        end += 1
    if end - start == 9 and data[start] == 110:  # nDDDDDDDD
        number = 0
        for k in range(start + 1, end):
            if not 48 <= data[k] <= 57:
                return 0.0, _BAD, end
            number = number * 10 + (data[k] - 48)
        return float(number), _WNID, end
    i = start + 1 if data[start] == 45 or data[start] == 43 else start
    digits = np.uint64(0)
    significant, width, places, has_point = 0, 0, 0, False
    while 48 <= data[i] <= 57 or (data[i] == 46 and not has_point):
        if data[i] == 46:
            has_point = True
        else:
            width += 1
            places += has_point
            if significant or data[i] != 48:
                significant += 1
                if significant <= 19:
                    digits = digits * np.uint64(10) + np.uint64(data[i] - 48)
        i += 1
    if width == 0:
        return 0.0, _BAD, end
    if data[i] == 101 or data[i] == 69:
        i += 1
        is_small = data[i] == 45
        if data[i] == 45 or data[i] == 43:
            i += 1
        if i == end:
            return 0.0, _BAD, end
        exponent = 0
        while 48 <= data[i] <= 57:
            exponent = min(exponent * 10 + (data[i] - 48), 100_000)
            i += 1
        places += exponent if is_small else -exponent
    if i != end:
        return 0.0, _BAD, end
    if significant > 19:
        return 0.0, _HARD, end
    value, is_proved = scaled(digits, places)
    return (-value if data[start] == 45 else value), (_NUMBER if is_proved else _HARD), end


@njit(nogil=True, cache=True)
def tokenise_window(data, size):
    """Tokens of data[:size], whose last byte is a line feed.

    Returns:
        values (t,) float64, kinds (t,) uint8, offsets (t,) int32, line_starts (lines + 1,) int32,
        the longest line in bytes, and the separators seen.
    """
    # Unsigned places spare the check for negative ones; each array is a view of what is touched of it.
    one, ten, nine, zero, point = np.uint64(1), np.uint64(10), np.uint32(9), np.uint32(48), np.uint32(46)
    most = size // 2 + 1
    values = np.empty(most, np.float64)
    kinds = np.empty(most, np.uint8)
    offsets = np.empty(most, np.int32)
    line_starts = np.empty(size + 1, np.int32)
    line_starts[0] = 0
    lines, count, longest, line_offset, i, end = (
        np.uint64(0), np.uint64(0), np.uint64(0), np.uint64(0), np.uint64(0), np.uint64(size),
    )  # fmt: skip
    seen = 0
    gap = 1  # separators since the last token; a line starts as if behind one
    while i < end:
        c = np.uint32(data[i])
        if c <= 44 and is_separator(c):
            if c == 10:
                lines += one
                line_starts[lines] = count
                longest = max(longest, i - line_offset)
                line_offset = i + one
                gap = 1
            elif c != 13:
                gap += 1
                if gap > 1:
                    seen |= _RUNS
                if c != 32:
                    seen |= _TABS if c == 9 else _COMMAS
            i += one
            continue
        gap = 0
        start = i
        is_negative = c == 45
        if is_negative:
            i += one
        first_digit = i
        digits = np.uint64(0)
        d = np.uint32(data[i]) - zero
        while d <= nine:
            digits = digits * ten + np.uint64(d)
            i += one
            d = np.uint32(data[i]) - zero
        places = np.int64(0)
        width = np.int64(i - first_digit)
        if np.uint32(data[i]) == point:
            i += one
            first_place = i
            d = np.uint32(data[i]) - zero
            while d <= nine:
                digits = digits * ten + np.uint64(d)
                i += one
                d = np.uint32(data[i]) - zero
            places = np.int64(i - first_place)
            width += places
        if 0 < width <= _EXACT_DIGITS and is_separator(np.uint32(data[i])):
            value = float(digits) / POWERS[places]
            values[count] = -value if is_negative else value
            kinds[count] = _NUMBER
        else:
            value, kind, behind = parse_any(data, np.int64(start))
            values[count] = value
            kinds[count] = kind
            i = np.uint64(behind)
        offsets[count] = start
        count += one
    return values[:count], kinds[:count], offsets[:count], line_starts[: lines + one], np.int64(longest), seen
