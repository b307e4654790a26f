"""What the child that looks for doubtful images is asked for, and what it answers."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

# The child's task, by name: no process that answers requests loads it.
SUSPICION_TASK = "server.jobs.suspicion_task:find_doubtful"


@dataclass(frozen=True, kw_only=True, slots=True)
class SuspicionOrder:
    """Find the images where strong entries agree against the truth, and draft an erratum of them."""

    public_half: Path
    truth_file: Path
    files: tuple[Path, ...]  # the predictions of the strong entries
    outcomes: tuple[Path, ...]  # what became of them, in the same order
    public_digest: str
    split_truth_file: Path  # the round's first: what both halves are drawn from
    split_seed: str | None
    reported: tuple[int, ...]  # images that teams have reported: they go into the draft, too
    result_file: Path


@dataclass(frozen=True, kw_only=True, slots=True)
class DoubtfulImage:
    """An image where strong entries agree against the truth."""

    image: int  # its index
    split: str  # "all" where the round has no halves
    present: str  # what the truth says: ids of classes
    suggested: str  # what the entries say: the id of a class
    agreeing: int  # entries


@dataclass(frozen=True, kw_only=True, slots=True)
class Suspicions:
    """What was found, those that most entries agree about first."""

    is_known_kind: bool  # whether this can be told for the round's task
    images: list[DoubtfulImage]
    draft: str  # CSV, for the organizer to edit and to send as a correction

    def write(self, path: Path) -> None:
        """Hand the answer to the parent."""
        path.write_text(json.dumps(asdict(self)), "utf-8")

    @classmethod
    def read(cls, path: Path) -> Suspicions:
        """Take the answer from the child."""
        answer = json.loads(path.read_text("utf-8"))
        return cls(**{**answer, "images": [DoubtfulImage(**image) for image in answer["images"]]})
