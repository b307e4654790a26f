"""What a benchmark is: a case makes its data and names the commands that compete on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.benchmarks.environments import Environment

# The fastest yardstick that is run as a whole process, whoever that is.
FASTEST = "the fastest"


class LeftOut(Exception):
    """The case cannot run here; the message says why."""


@dataclass(frozen=True, kw_only=True)
class Competitor:
    """One command; it prints JSON, or nothing.

    Either it is run as a whole process in each of its turns, or it is warm: started once, and in each of its turns it
    reads a line, does its work and prints a line.
    """

    name: str
    command: tuple[str, ...]
    reads: str  # the format of its input, and how large
    includes: str  # what its time is spent on
    is_warm: bool = False
    is_yardstick: bool = False  # ratios are to the fastest of these, whole to whole and warm to warm
    environment: Mapping[str, str] = field(default_factory=dict)
    # Environment variables that name a new, empty folder in every run: caches that are to be cold.
    fresh_folders: tuple[str, ...] = ()
    figure: str | None = None  # which of the printed scores stands in the table
    # Those compared as the same thing must print the same scores; None: it is not compared.
    compared_as: str | None = None
    most_rounds: int | None = None  # so many counted runs at the most, and none that is not counted: it is slow
    lines: int | None = None  # of its input, where the table is to show the time per million


@dataclass(frozen=True, kw_only=True)
class Goal:
    """A ratio, a size or a time that a competitor is to stay below."""

    competitor: str
    figure: str  # "time", "memory", or a step that the competitor times itself
    most: float  # bytes or seconds, or a share of what `of` took
    of: str | None = FASTEST  # the name of a competitor; None: `most` is a number of bytes or seconds


@dataclass(frozen=True, kw_only=True)
class Contest:
    """A case that is ready to run."""

    competitors: tuple[Competitor, ...]
    data: str  # what was made, in a sentence
    yardstick: str = "fastest peer"  # what the ratios are to, as the table's head says it
    peers: Mapping[str, str] = field(default_factory=dict)  # distribution -> version, in the peers' environment
    goals: tuple[Goal, ...] = ()
    left_out: tuple[str, ...] = ()  # who does not compete, and why


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What the caller chose."""

    cache: Path
    environment: Environment  # where `heldout` is installed
    scale: float  # 1: the true size
    has_peers: bool = True  # whether peers compete, in environments made for them
    ilsvrc: Path | None = None  # the folder of real ILSVRC data, if there is one
    own_caches: Mapping[str, str] | None = None  # environment variables; None: caches of the benchmark's own


@dataclass(frozen=True, kw_only=True)
class Case:
    """A question that a benchmark answers."""

    name: str
    title: str
    remarks: tuple[str, ...]  # what a reader must know to judge the figures
    prepare: Callable[[Settings], Contest]  # raises LeftOut
    is_long: bool = False  # run only when asked for by name, or with --long
