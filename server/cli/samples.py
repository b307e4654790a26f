"""The sample rounds that ship: where they lie, and who sent what to them."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

import server


@dataclass(frozen=True, kw_only=True, slots=True)
class SampleEntry:
    """One entry of a sample round."""

    team: str
    method: str
    file: Path


@dataclass(frozen=True, kw_only=True, slots=True)
class SampleRound:
    """One sample round."""

    folder: Path
    slug: str
    title: str
    entries: tuple[SampleEntry, ...]


def sample_rounds() -> tuple[SampleRound, ...]:
    """Every sample round, by the name of its folder."""
    return tuple(_read(path.parent) for path in sorted(_samples_folder().glob("*/round.toml")))


def _samples_folder() -> Path:
    """In an installation the samples lie within the package; in a checkout, beside it."""
    package = Path(server.__file__).parent
    installed = package / "samples"
    return installed if installed.is_dir() else package.parent / "data"


def _read(folder: Path) -> SampleRound:
    table = tomllib.loads((folder / "round.toml").read_text("utf-8"))
    entries = tomllib.loads((folder / "entries.toml").read_text("utf-8"))["entries"]
    return SampleRound(
        folder=folder,
        slug=table["slug"],
        title=table["title"],
        entries=tuple(
            SampleEntry(team=entry["team"], method=entry["method"], file=folder / entry["file"]) for entry in entries
        ),
    )
