"""What a scoring child is asked for, and what it answers: paths in, one small file out."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

# The tasks of a scoring child, by name: the parent never imports them.
SCORE_TASK = "server.jobs.scoring_task:score"
CHECK_TASK = "server.jobs.scoring_task:check"
COMPARE_TASK = "server.jobs.comparing_task:compare"
CURVE_TASK = "server.jobs.comparing_task:curve"
RANK_TASK = "server.jobs.comparing_task:rank"
WARM_UP_TASK = "server.jobs.scoring_task:warm_up"


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckOrder:
    """Validate one file with the public half of a round."""

    public_half: Path
    public_digest: str  # which version of it, for the child's cache
    file: Path
    result_file: Path


@dataclass(frozen=True, kw_only=True, slots=True)
class ScoringOrder(CheckOrder):
    """Validate and score one file."""

    truth_file: Path
    outcomes_file: Path
    split_seed: str | None = None  # where the round has a public and a private half
    split_truth_file: Path | None = None  # the truth both halves were drawn from: no correction moves an image


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckedFile:
    """What reading the file told."""

    findings: list[dict[str, Any]]
    is_valid: bool
    lines: int
    sha256: str
    format: str

    def write(self, path: Path) -> None:
        """Hand the answer to the parent."""
        path.write_text(json.dumps(self, default=_by_name), "utf-8")

    @classmethod
    def read(cls, path: Path) -> CheckedFile:
        """Take the answer from the child."""
        return cls(**json.loads(path.read_text("utf-8")))


@dataclass(frozen=True, kw_only=True, slots=True)
class SplitScore:
    """The numbers over the images of one split."""

    scores: dict[str, float | None]
    counts: dict[str, int]
    per_class: list[dict[str, Any]]
    intervals: dict[str, dict[str, list[float]]]  # by metric, by level


@dataclass(frozen=True, kw_only=True, slots=True)
class ScoredFile(CheckedFile):
    """What scoring the file told; without any split when it is not valid."""

    truth_digest: str
    scorer_version: str
    splits: dict[str, SplitScore]

    @classmethod
    def read(cls, path: Path) -> ScoredFile:
        """Take the answer from the child."""
        answer = json.loads(path.read_text("utf-8"))
        return cls(**{**answer, "splits": {name: SplitScore(**score) for name, score in answer["splits"].items()}})


@dataclass(frozen=True, kw_only=True, slots=True)
class ComparingOrder:
    """Compare what became of several files, by the outcomes that were kept of each."""

    public_half: Path
    public_digest: str
    truth_file: Path
    split: str
    split_seed: str | None
    split_truth_file: Path  # the round's first: what both halves are drawn from
    metric: str
    scores: tuple[float, ...]  # of each file, by the metric
    outcomes_files: tuple[Path, ...]
    result_file: Path


def _by_name(answer: CheckedFile | SplitScore) -> dict[str, Any]:
    """What an answer holds; `asdict` would copy every row of every class first."""
    return {field.name: getattr(answer, field.name) for field in fields(answer)}
