"""The compiled tokeniser. Bytes in, arrays out; its plain twin is tokens.tokenise_plainly.

One flat loop: helper functions that take arrays cost atomic reference counts, four fifths of the speed.
"""

from __future__ import annotations

import numpy as np
from numba import njit

# 10^k as the nearest double and what it misses, for every k that a decimal of 19 digits may be divided by.
_MOST_PLACES = 200
_POWERS = np.array([float(10**k) for k in range(_MOST_PLACES + 1)])
_POWER_RESTS = np.array([float(10**k - int(float(10**k))) for k in range(_MOST_PLACES + 1)])

_NUMBER, _WNID, _BAD, _HARD = 0, 1, 2, 3
_TABS, _COMMAS, _RUNS = 1, 2, 4


@njit(nogil=True, cache=True, inline="always")
def _split_product_error(a, b, product):
    """a * b - product, exactly (Dekker 1971)."""
    t = a * 134217729.0
    a_high = t - (t - a)
    a_low = a - a_high
    t = b * 134217729.0
    b_high = t - (t - b)
    b_low = b - b_high
    return ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low


@njit(nogil=True, cache=True)
def tokenise_window(data, size):
    """Tokens of data[:size], whose last byte is a line feed.

    Returns:
        values (t,) float64, kinds (t,) uint8, offsets (t,) int32, line_starts (lines + 1,) int32,
        the longest line in bytes, and the separators seen.
    """
    most = size // 2 + 1
    values = np.empty(most, np.float64)
    kinds = np.empty(most, np.uint8)
    offsets = np.empty(most, np.int32)
    line_starts = np.empty(size + 1, np.int32)
    line_starts[0] = 0
    lines = 0
    count = 0
    longest = 0
    line_offset = 0
    seen = 0
    gap = 1  # separators since the last token; a line starts as if behind one
    i = 0
    while i < size:
        c = data[i]
        if c == 10:
            lines += 1
            line_starts[lines] = count
            if i - line_offset > longest:
                longest = i - line_offset
            line_offset = i + 1
            gap = 1
            i += 1
            continue
        if c == 32 or c == 9 or c == 44 or c == 13:
            if c != 13:
                gap += 1
                if gap > 1:
                    seen |= _RUNS
                if c == 9:
                    seen |= _TABS
                elif c == 44:
                    seen |= _COMMAS
            i += 1
            continue
        gap = 0
        start = i
        is_negative = c == 45
        if c == 45 or c == 43:
            i += 1
        digits = np.uint64(0)
        significant = 0  # digits behind leading zeros
        all_digits = 0
        places = 0
        c = data[i]
        while 48 <= c <= 57:
            all_digits += 1
            if significant < 19:
                digits = digits * np.uint64(10) + np.uint64(c - 48)
            if significant > 0 or c != 48:
                significant += 1
            i += 1
            c = data[i]
        if c == 46:
            i += 1
            c = data[i]
            while 48 <= c <= 57:
                all_digits += 1
                places += 1
                if significant < 19:
                    digits = digits * np.uint64(10) + np.uint64(c - 48)
                if significant > 0 or c != 48:
                    significant += 1
                i += 1
                c = data[i]
        kind = _NUMBER
        if all_digits == 0:
            kind = _HARD
        elif c == 101 or c == 69:
            i += 1
            c = data[i]
            is_small = c == 45
            if c == 45 or c == 43:
                i += 1
                c = data[i]
            exponent = 0
            if not 48 <= c <= 57:
                kind = _HARD
            while 48 <= c <= 57:
                if exponent < 100000:
                    exponent = exponent * 10 + (c - 48)
                i += 1
                c = data[i]
            places += exponent if is_small else -exponent
        if not (c == 32 or c == 10 or c == 9 or c == 44 or c == 13):
            kind = _HARD
            while not (c == 32 or c == 10 or c == 9 or c == 44 or c == 13):
                i += 1
                c = data[i]
        value = 0.0
        if kind == _HARD:
            if i - start == 9 and data[start] == 110:  # nDDDDDDDD
                number = 0
                kind = _WNID
                for k in range(start + 1, i):
                    if 48 <= data[k] <= 57:
                        number = number * 10 + (data[k] - 48)
                    else:
                        kind = _HARD
                value = float(number) if kind == _WNID else 0.0
        elif significant > 19 or places > _MOST_PLACES or places < -22:
            kind = _HARD
        elif digits == 0:
            value = 0.0
        elif digits <= np.uint64(9007199254740992) and places <= 22:
            # Clinger 1990: both operands are exact, so one rounding is all there is.
            if places >= 0:
                value = float(digits) / _POWERS[places]
            else:
                value = float(digits) * _POWERS[-places]
                if digits > np.uint64(9007199254740992):
                    kind = _HARD
        elif places < 0:
            kind = _HARD
        else:
            # Up to 19 digits over 10^places in twice the precision; taken only where the last rounding is beyond doubt.
            high = float(digits)
            if high >= 18446744073709549568.0:
                kind = _HARD
            else:
                rest = float(np.int64(digits - np.uint64(high)))
                power = _POWERS[places]
                quotient = high / power
                product = quotient * power
                remainder = ((high - product) - _split_product_error(quotient, power, product)) + rest
                remainder -= quotient * _POWER_RESTS[places]
                correction = remainder / power
                margin = abs(quotient) * 1e-29 + abs(correction) * 1e-13
                value = quotient + (correction - margin)
                if value != quotient + (correction + margin):
                    kind = _HARD
        if is_negative and kind == _NUMBER:
            value = -value
        values[count] = value
        kinds[count] = kind
        offsets[count] = start
        count += 1
    return (
        values[:count].copy(), kinds[:count].copy(), offsets[:count].copy(), line_starts[: lines + 1].copy(),
        longest, seen,
    )  # fmt: skip
