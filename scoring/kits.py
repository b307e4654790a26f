"""The public half of a round, to hand out: all that `heldout validate` needs, and nothing of the truth."""

from __future__ import annotations

import re
import tomllib
import zipfile
from pathlib import Path

from scoring.opening import round_files
from scoring.rounds import ROUND_FILE, load_public_round

# A table header at the start of a line: [truth], [truth.more] and [[truth]] alike.
_HEADER = re.compile(r"^\s*\[{1,2}\s*([^\]]+?)\s*\]{1,2}\s*(?:#.*)?$")


def write_kit(folder: Path, target: Path) -> None:
    """Write the zip of the public half; the same folder gives the same bytes.

    Raises:
        FaultyRound: when the public half is faulty.
    """
    load_public_round(folder)
    with zipfile.ZipFile(target, "w", compression=zipfile.ZIP_DEFLATED) as archive:
        for name, content in _public_files(folder):
            archive.writestr(zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)


def copy_public_half(folder: Path, target: Path) -> None:
    """Copy the public half into the folder `target`, which `load_public_round` then reads."""
    for name, content in _public_files(folder):
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def public_round_toml(text: str) -> str:
    """round.toml without its [truth] and without comments, which may speak of it; the order is kept.

    Raises:
        ValueError: when the truth cannot be cut out cleanly (written inline, for example).
    """
    kept = []
    is_truth = False
    for line in text.splitlines(keepends=True):
        header = _HEADER.match(line)
        if header:
            is_truth = header[1].split(".")[0].strip().strip("\"'") == "truth"
        if not is_truth and not line.lstrip().startswith("#"):
            kept.append(line)
    public = "".join(kept)
    expected = {key: value for key, value in tomllib.loads(text).items() if key != "truth"}
    if tomllib.loads(public) != expected:
        raise ValueError("write the truth as a table of its own, under a line [truth]")
    return public


def _public_files(folder: Path) -> list[tuple[str, bytes]]:
    text = (folder / ROUND_FILE).read_text("utf-8-sig")
    table = tomllib.loads(text)
    files = [(ROUND_FILE, public_round_toml(text).encode())]
    files += [(name, path.read_bytes()) for name, path in round_files(folder, table, ("images", "classes", "policy"))]
    return files
