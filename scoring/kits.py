"""The public half of a round, to hand out: all that `heldout validate` needs, and nothing of the truth."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

from scoring.errors import FaultyRound
from scoring.faults import FaultLog
from scoring.opening import PUBLIC_SECTIONS, SECTIONS, refuse_shared_files, round_files
from scoring.round_text import public_round_toml
from scoring.rounds import ROUND_FILE, FolderSource, read_public_half


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
