"""What a benchmark is: a case makes its data and names the commands that compete on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.benchmarks.environments import Environment


@dataclass(frozen=True, kw_only=True)
class Competitor:
    """One command, run as a whole process; it prints JSON, or nothing."""

    name: str
    command: tuple[str, ...]
    reads: str  # the format of its input, and how large
    includes: str  # what its time is spent on
    is_peer: bool = False  # ratios are against the fastest peer
    environment: Mapping[str, str] = field(default_factory=dict)
    # Environment variables that name a new, empty folder in every run: caches that are to be cold.
    fresh_folders: tuple[str, ...] = ()
    figure: tuple[str, ...] = ()  # where in the printed JSON the score is: the competitors should agree


@dataclass(frozen=True, kw_only=True)
class Contest:
    """A case that is ready to run."""

    competitors: tuple[Competitor, ...]
    data: str  # what was made, in a sentence
    peers: Mapping[str, str]  # distribution -> version, in the peers' environment


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What the caller chose."""

    cache: Path
    environment: Environment  # where `heldout` is installed
    scale: float  # 1: the true size


@dataclass(frozen=True, kw_only=True)
class Case:
    """A question that a benchmark answers."""

    name: str
    title: str
    remarks: tuple[str, ...]  # what a reader must know to judge the figures
    prepare: Callable[[Settings], Contest]


def score_command(settings: Settings, round_folder: Path, predictions: Path) -> tuple[str, ...]:
    """`heldout score` as a script would call it."""
    return (str(settings.environment.heldout), "score", str(round_folder), str(predictions), "--format", "json")


def warm_caches(settings: Settings) -> dict[str, str]:
    """Caches of the benchmark's own, kept from run to run, so that the user's stay as they are."""
    folder = str(settings.cache / "heldout-cache")
    return {"HELDOUT_CACHE": folder, "NUMBA_CACHE_DIR": folder + "/numba"}


COLD_CACHES = ("HELDOUT_CACHE", "NUMBA_CACHE_DIR")
