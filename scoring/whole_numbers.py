"""Whole numbers as an organizer's files write them: plain digits, of any length."""

from __future__ import annotations


def whole_number(text: str, *, most: int) -> int | None:
    """The number that `text` writes in the digits 0 to 9, if it is at most `most`.

    int() alone refuses more than some 4,000 digits, and takes underscores and the digits of other scripts.

    >>> whole_number("0012", most=20), whole_number("21", most=20), whole_number("1_0", most=20)
    (12, None, None)
    """
    if not text.isascii() or not text.isdigit() or len(text.lstrip("0")) > len(str(most)):
        return None
    number = int(text.lstrip("0") or "0")
    return number if number <= most else None
