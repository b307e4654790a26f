"""A round that is read and laid out, ready to be put in its place: what its rows and its folder need."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

# Beside the two halves, where the folder has baselines.
STAGED_BASELINES = "baselines"
_LIST = "baselines.json"


@dataclass(frozen=True, kw_only=True, slots=True)
class StagedRound:
    """All that the database keeps of a round. Nothing of it tells what the truth says."""

    slug: str
    title: str
    challenge: str | None
    task: str
    policy: dict[str, Any]  # as scoring/policies.py writes it
    rules: str | None
    data: str | None
    image_count: int
    class_count: int
    public_digest: str
    truth_digest: str
    split_truth_digest: str  # of the truth both halves of the images are drawn from: mostly the same
    truth_report: dict[str, Any]
    split_seed: str | None  # where [truth] gives one


@dataclass(frozen=True, kw_only=True, slots=True)
class StagedBaseline:
    """A baseline's file, copied beside the round's halves."""

    file: str  # its name there
    file_name: str  # as the organizer calls it
    method: str
    description: str
    scores: dict[str, float] = field(default_factory=dict)  # what it is known to score, by metric


def write_baseline_list(folder: Path, baselines: list[StagedBaseline]) -> None:
    """Keep what `staged_baselines` reads; none where there are none."""
    if baselines:
        (folder / _LIST).write_text(json.dumps([asdict(baseline) for baseline in baselines]), "utf-8")


def staged_baselines(folder: Path) -> list[StagedBaseline]:
    """The baselines in a round's folder of them."""
    try:
        return [StagedBaseline(**row) for row in json.loads((folder / _LIST).read_text("utf-8"))]
    except FileNotFoundError:
        return []
