"""What the child that reads an organizer's files is asked for, and what it answers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from server.jobs.staged_rounds import StagedRound

# The tasks by name: the parent never imports them.
PREPARE_TASK = "server.jobs.draft_task:prepare"
REMOVE_TASK = "server.jobs.draft_task:remove"

# What a form calls the parts that round.toml has in tables of their own, or not at all.
SYNSET_GROUPS = "subgroups.under"  # a text: a name and a WNID a line
IMAGE_GROUPS = "subgroups.images"  # files, each called as the subgroup is
BASELINES = "baselines"  # files, each called as its method is


@dataclass(frozen=True, kw_only=True, slots=True)
class SentFile:
    """A file of a form, or an archive."""

    path: Path  # where its bytes lie
    name: str  # as the sender calls it


@dataclass(frozen=True, kw_only=True, slots=True)
class PrepareOrder:
    """Read a round, try it, and lay it out."""

    archive: SentFile | None  # the whole folder; else what follows
    texts: Mapping[str, str]  # what the form says, by key of round.toml: "images.count"
    files: Mapping[str, tuple[SentFile, ...]]  # and which files it names: "truth.labels"
    work: Path  # a folder of this order's own
    staged: Path  # to be made, of a faultless round
    cache: Path
    result_file: Path


@dataclass(frozen=True, kw_only=True, slots=True)
class PreparedRound:
    """The answer: what is wrong, or what was laid out and how its self-test went."""

    faults: list[dict[str, Any]]  # RoundFaults
    round: StagedRound | None
    selftest: list[dict[str, Any]]  # name, scores, faults

    def write(self, path: Path) -> None:
        """Hand the answer to the parent."""
        path.write_text(json.dumps(asdict(self)), "utf-8")

    @classmethod
    def read(cls, path: Path) -> PreparedRound:
        """Take the answer from the child."""
        answer = json.loads(path.read_text("utf-8"))
        staged = answer["round"]
        return cls(
            faults=answer["faults"],
            round=None if staged is None else StagedRound(**staged),
            selftest=answer["selftest"],
        )
