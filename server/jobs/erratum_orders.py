"""What the child that reads a corrected truth is asked for, and what it answers."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

# The child's task, by name: no process that answers requests loads it.
ERRATUM_TASK = "server.jobs.erratum_task:read_correction"

# What a file may be, beside a part of the truth by its key in [truth].
WHOLE = "folder"  # an archive of a round's folder, or of files of its truth
CHANGES = "changes"  # a list of what to change, as the draft of an erratum has it

# What such a list has of each box, by whether boxes have tracks.
BOX_COLUMNS = {
    False: ("image", "class", "xmin", "ymin", "xmax", "ymax"),
    True: ("image", "class", "track", "xmin", "ymin", "xmax", "ymax"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class ErratumOrder:
    """Read one file as a corrected truth of a round."""

    public_half: Path
    shown_truth: Path  # the version that is corrected
    truth_folder: Path  # where the new one is kept, under its digest
    work: Path  # a folder of its own, which does not exist yet
    cache: Path
    file: Path
    file_name: str  # as sent: its ending tells of which kind a file is
    part: str  # WHOLE, CHANGES, or a key of [truth]
    result_file: Path


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadCorrection:
    """What came of it."""

    faults: list[dict[str, Any]]  # of the files, as scoring/findings.py has them
    digest: str  # of the truth; "" where it has faults
    changed: list[int]  # indices of the images that it changes

    def write(self, path: Path) -> None:
        """Hand the answer to the parent."""
        path.write_text(json.dumps(asdict(self)), "utf-8")

    @classmethod
    def read(cls, path: Path) -> ReadCorrection:
        """Take the answer from the child."""
        return cls(**json.loads(path.read_text("utf-8")))
