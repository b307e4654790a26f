"""A round's folder out of what a form says and the files that came with it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from scoring.round_text import round_toml
from scoring.rounds import ROUND_FILE
from server.jobs.draft_orders import SentFile

_RULES = "RULES.md"
_SAFE_ENDING = re.compile(r"(?:\.[A-Za-z0-9]{1,8}){0,2}\Z")


def write_form_folder(folder: Path, *, texts: Mapping[str, str], files: Mapping[str, SentFile]) -> None:
    """Make `folder` with round.toml and the files it names; the files are moved.

    Args:
        folder: is made.
        texts: by key of round.toml; blank ones stand for none, and `policy.rules` is the text itself.
        files: by key of round.toml.
    """
    folder.mkdir(mode=0o700)
    table: dict[str, Any] = {"images": {}, "classes": {}, "policy": {}, "truth": {}}
    for key, text in texts.items():
        if text.strip():
            _set(table, key, _value(key, text))
    if "rules" in table["policy"]:
        (folder / _RULES).write_text(table["policy"]["rules"], "utf-8")
        table["policy"]["rules"] = _RULES
    for key, sent in files.items():
        name = f"{key.replace('.', '-')}{_ending(sent.name)}"
        sent.path.rename(folder / name)
        _set(table, key, name)
    told = {key: value for key, value in table.items() if value != {} or key == "truth"}
    (folder / ROUND_FILE).write_text(round_toml(told), "utf-8")


def _set(table: dict[str, Any], key: str, value: Any) -> None:
    section, _, name = key.rpartition(".")
    (table[section] if section else table)[name] = value


def _value(key: str, text: str) -> str | int:
    """What stands there; what is no count stays a text, which the round's reader then explains."""
    stripped = text.strip()
    if key == "images.count" and stripped.isascii() and stripped.isdigit() and len(stripped) < 20:
        return int(stripped)
    return text.replace("\r\n", "\n") if key == "policy.rules" else stripped


def _ending(name: str) -> str:
    """The ending of a sender's file name: it tells archives from tables."""
    found = _SAFE_ENDING.search(name)
    return found[0].lower() if found else ""
