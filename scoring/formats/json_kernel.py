"""JSON records that differ in their numbers alone, as tokens; compiled. The plain twin is in the tests."""

from __future__ import annotations

import numpy as np
from numba import njit

from scoring.formats.token_kernel import scaled

_NUMBER, _HARD = 0, 3
_POWERS = np.array([float(10**k) for k in range(16)])


@njit(nogil=True, cache=True)
def alike_records(data, size, pieces, piece_starts, ranks, columns, most):
    """One pass over records that are spelled alike.

    Args:
        data: from the first byte of a record; behind `size` stand more bytes than a piece has, and no digits.
        pieces: what stands between two records, before a record's first number, between its numbers and behind its
            last one, all joined; piece_starts: (pieces + 1,) where each begins.
        ranks: (numbers,) the column of each number of a record, -1 where it has none; columns: how many there are.
        most: records at the most.

    Returns:
        values, kinds and offsets, (records * columns,) as in Tokens; how many bytes from the start are those records.
    """
    one, ten, nine, zero = np.uint64(1), np.uint64(10), np.uint32(9), np.uint32(48)
    values = np.empty(most * columns, np.float64)
    kinds = np.empty(most * columns, np.uint8)
    offsets = np.empty(most * columns, np.int32)
    numbers = len(ranks)
    i, end, row, taken = np.uint64(0), np.uint64(size), 0, np.uint64(0)
    for _ in range(most):
        for k in range(row == 0, numbers + 2):
            difference = np.uint8(0)
            for piece in range(piece_starts[k], piece_starts[k + 1]):
                difference |= pieces[piece] ^ data[i]
                i += one
            if difference or i > end:
                return values[:row], kinds[:row], offsets[:row], np.int64(taken)
            if k == 0 or k > numbers:
                continue
            start = i
            i += np.uint64(data[i] == 45)
            first, digits, places = i, np.uint64(0), np.int64(0)
            d = np.uint32(data[i]) - zero
            while d <= nine:
                digits = digits * ten + np.uint64(d)
                i += one
                d = np.uint32(data[i]) - zero
            behind_digits = i
            if data[i] == 46:
                i += one
                d = np.uint32(data[i]) - zero
                while d <= nine:
                    digits = digits * ten + np.uint64(d)
                    i += one
                    d = np.uint32(data[i]) - zero
                places = np.int64(i - behind_digits) - 1
            # No digit first, a 0 before another digit, or none behind the point: JSON has no such numbers.
            is_odd = behind_digits == first or behind_digits + one == i
            is_odd |= data[first] == 48 and behind_digits - first > one
            width = np.int64(behind_digits - first) + places
            if data[i] | 32 == 101:
                i += one
                is_small = data[i] == 45
                i += np.uint64(is_small or data[i] == 43)
                is_odd |= np.uint32(data[i]) - zero > nine
                exponent = np.int64(0)
                while np.uint32(data[i]) - zero <= nine:
                    exponent = min(exponent * np.int64(10) + np.int64(data[i]) - np.int64(48), np.int64(100_000))
                    i += one
                places += exponent if is_small else -exponent
            if is_odd:
                return values[:row], kinds[:row], offsets[:row], np.int64(taken)
            if ranks[k - 1] >= 0:
                is_proved = True
                if width <= 15 and 0 <= places <= 15:
                    value = float(digits) / _POWERS[places]
                else:
                    value, is_proved = scaled(digits, places)
                    while data[first] == 48 or data[first] == 46:  # zeros in front do not count
                        width -= np.int64(data[first] == 48)
                        first += one
                place = row + ranks[k - 1]
                values[place] = -value if data[start] == 45 else value
                kinds[place] = _NUMBER if is_proved and width <= 19 else _HARD
                offsets[place] = start
        row += columns
        taken = i
    return values[:row], kinds[:row], offsets[:row], np.int64(taken)
