"""The public half of round.toml, written anew from what was parsed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


def public_round_toml(table: Mapping[str, Any]) -> str:
    """The parsed round.toml of a faultless round without [truth], in the order it has.

    It is written anew, because comments may speak of the truth.
    """
    return round_toml({name: value for name, value in table.items() if name != "truth"})


def round_toml(table: Mapping[str, Any]) -> str:
    """The parsed round.toml of a faultless round, in the order it has."""

    def lines(values: Mapping[str, Any], name: str) -> Iterator[str]:
        if name and (not values or not all(isinstance(value, dict) for value in values.values())):
            yield f"\n[{name}]"
        yield from (f"{_key(key)} = {_toml(value)}" for key, value in values.items() if not isinstance(value, dict))
        for key, value in values.items():
            if isinstance(value, dict):
                yield from lines(value, f"{name}.{_key(key)}" if name else _key(key))

    return "".join(f"{line}\n" for line in lines(table, ""))


def _key(name: str) -> str:
    return name if _BARE_KEY.fullmatch(name) else json.dumps(name, ensure_ascii=False)


def _toml(value: str | bool | float | datetime | list[str]) -> str:
    """A value that a faultless round.toml can have."""
    if isinstance(value, list):
        return f"[{', '.join(_toml(item) for item in value)}]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return str(value)
