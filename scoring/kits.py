"""The public half of a round, to hand out: all that `heldout validate` needs, and nothing of the truth."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from scoring.errors import FaultyRound
from scoring.faults import FaultLog
from scoring.opening import PUBLIC_SECTIONS, SECTIONS, refuse_shared_files, round_files
from scoring.rounds import ROUND_FILE, FolderSource, read_public_half

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


def write_kit(folder: Path, target: Path) -> None:
    """Write the zip of the public half; the same folder gives the same bytes.

    Raises:
        FaultyRound: when the public half is faulty, or holds a file of the truth; or `target` is one of its files.
    """
    table = _faultless_table(folder)
    _refuse_to_overwrite(folder, table, target)
    files = _public_files(folder, table)
    with zipfile.ZipFile(target, "w", compression=zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)


def _refuse_to_overwrite(folder: Path, table: dict[str, Any], target: Path) -> None:
    own = [folder / ROUND_FILE, *(path for _, path in round_files(folder, table, SECTIONS))]
    if target.exists() and any(target.samefile(path) for path in own):
        faults = FaultLog()
        faults.add(
            "kit-target", "the kit would overwrite this file of the round", advice="write the kit to another file",
            file=target.name,
        )  # fmt: skip
        raise FaultyRound(folder, faults.faults)


def copy_public_half(folder: Path, target: Path) -> None:
    """Copy the public half into the folder `target`, which `load_public_round` then reads.

    Raises:
        FaultyRound: as `write_kit`.
    """
    for name, content in _public_files(folder, _faultless_table(folder)).items():
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def public_round_toml(table: Mapping[str, Any]) -> str:
    """The parsed round.toml of a faultless round without [truth], in the order it has.

    It is written anew, because comments may speak of the truth.
    """

    def lines(values: Mapping[str, Any], name: str) -> Iterator[str]:
        if name and (not values or not all(isinstance(value, dict) for value in values.values())):
            yield f"\n[{name}]"
        yield from (f"{_key(key)} = {_toml(value)}" for key, value in values.items() if not isinstance(value, dict))
        for key, value in values.items():
            if isinstance(value, dict):
                yield from lines(value, f"{name}.{_key(key)}" if name else _key(key))

    return "".join(f"{line}\n" for line in lines({n: value for n, value in table.items() if n != "truth"}, ""))


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


def _faultless_table(folder: Path) -> dict[str, Any]:
    """The parsed round.toml of a folder whose public half can be handed out."""
    faults = FaultLog()
    table = read_public_half(FolderSource(folder), faults).table
    refuse_shared_files(folder, table, faults)
    if faults:
        raise FaultyRound(folder, faults.faults)
    return table


def _public_files(folder: Path, table: dict[str, Any]) -> dict[str, bytes]:
    """Content by name, round.toml first."""
    named = round_files(folder, table, PUBLIC_SECTIONS)
    return {ROUND_FILE: public_round_toml(table).encode()} | {name: path.read_bytes() for name, path in named}
