"""TOML as people write it: whatever is wrong with a text is one error, with Python's reader too."""

from __future__ import annotations

import tomllib
from typing import Any

# TOML's whole numbers have 64 bits. Larger ones Python takes in, but cannot always show, or make a float of.
_WHOLE_NUMBERS = range(-(2**63), 2**63)


def read_toml(text: str) -> dict[str, Any]:
    """What a text says.

    Raises:
        ValueError: it is no TOML, nested beyond reading, or holds a whole number of more than 64 bits.
    """
    try:
        table = tomllib.loads(text)
        is_too_large = _has_too_large(table)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    if is_too_large:
        raise ValueError("a whole number has more than 64 bits")
    return table


def _has_too_large(value: object) -> bool:
    if isinstance(value, dict):
        return any(_has_too_large(one) for one in value.values())
    if isinstance(value, list):
        return any(_has_too_large(one) for one in value)
    return isinstance(value, int) and value not in _WHOLE_NUMBERS
