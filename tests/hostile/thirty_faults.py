"""A detection file of 90 lines that is wrong in thirty ways, on every third line."""

from __future__ import annotations

_GOOD = b"1 3 0.5 10 10 109 59"

FAULTY_LINES: tuple[bytes, ...] = (
    b"0 3 0.5 10 10 109 59",
    b"7 3 0.5 10 10 109 59",
    b"-1 3 0.5 10 10 109 59",
    b"1.5 3 0.5 10 10 109 59",
    b"1 0 0.5 10 10 109 59",
    b"1 13 0.5 10 10 109 59",
    b"1 -3 0.5 10 10 109 59",
    b"1 3.25 0.5 10 10 109 59",
    b"1 3 0.5 10 10 109",
    b"1 3 0.5 10 10 109 59 1",
    b"1",
    b"image 3 0.5 10 10 109 59",
    b"1 dog 0.5 10 10 109 59",
    b"1 3 nan 10 10 109 59",
    b"1 3 0.5 10 NaN 109 59",
    b"1 3 inf 10 10 109 59",
    b"1 3 -inf 10 10 109 59",
    b"1 3 1e400 10 10 109 59",
    b"1 3 0.5 10 10 1e999 59",
    b"1 3 0.5 10 10 10000001 59",
    b"1 3 0.5 -1e8 10 109 59",
    b"1_000 3 0.5 10 10 109 59",
    b"1 3 0.5 10 10 0x6d 59",
    b"1 3 0,5 10 10 109 59",  # a decimal comma
    b"1 3 0.5.5 10 10 109 59",
    "1 3 0.5 10 10 １０９ 59".encode(),
    "1 3 0.5 ٣ 10 109 59".encode(),
    b"1 3 0.5 10 10 109 5\xe9",
    b"1 3 0.5 10 10\0 109 59",
    b"1 3 0.5 10 10 109 " + b"9" * 5_000,
)

LINES = tuple(range(3, 91, 3))

CONTENT = b"".join(_GOOD + b"\n" + _GOOD + b"\n" + faulty + b"\n" for faulty in FAULTY_LINES)
