"""The small rounds, written and opened once."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from scoring.evaluation import Checked, Evaluation, evaluate, validate
from scoring.opening import open_round
from scoring.rounds import PublicRound
from scoring.truth import Truth
from tests.hostile.bad_file import BadFile
from tests.hostile.samples import EVERY_TASK, slug_of, write_small_round

# Beyond what any test sends, so that it shows what was spent and never refuses.
QUOTA = 10_000


@dataclass(frozen=True, kw_only=True)
class Rounds:
    """Rounds of every task, roomy and tight, each with two truths."""

    root: Path
    opened: dict[tuple[str, bool], tuple[PublicRound, Truth, Truth]]
    checked: dict[tuple[str, str], Checked] = field(default_factory=dict)

    def folder(self, task: str, *, is_tight: bool = False) -> Path:
        return self.root / slug_of(task, is_tight=is_tight)

    def file(self, content: bytes) -> Path:
        path = self.root / "sent"
        path.write_bytes(content)
        return path

    def validate(self, task: str, content: bytes, *, is_tight: bool = False) -> Checked:
        return validate(self.opened[task, is_tight][0], self.file(content))

    def evaluate(self, task: str, content: bytes, *, is_tight: bool = False) -> Evaluation:
        public, truth, _ = self.opened[task, is_tight]
        return evaluate(public, truth, self.file(content))

    def evaluate_otherwise(self, task: str, content: bytes, *, is_tight: bool = False) -> Evaluation:
        """Against the other truth."""
        public, _, other = self.opened[task, is_tight]
        return evaluate(public, other, self.file(content))

    def validate_bad(self, task: str, bad: BadFile) -> Checked:
        """What `validate` says about a file of the table; read once, as many tests ask."""
        key = task, str(bad)
        if key not in self.checked:
            self.checked[key] = self.validate(task, bad.make(task), is_tight=bad.is_for_tight_round)
        return self.checked[key]


@pytest.fixture(scope="session")
def rounds(tmp_path_factory: pytest.TempPathFactory) -> Rounds:
    root = tmp_path_factory.mktemp("rounds")
    opened = {}
    for task in EVERY_TASK:
        for is_tight in (False, True):
            folder = root / slug_of(task, is_tight=is_tight)
            write_small_round(folder, task, is_tight=is_tight, policy=f"submissions_total = {QUOTA}\n")
            other = write_small_round(
                root / f"other-{slug_of(task, is_tight=is_tight)}", task, is_tight=is_tight, is_other=True
            )
            public, truth = open_round(folder, cache=root / "cache")
            opened[task, is_tight] = public, truth, open_round(other, cache=root / "cache")[1]
    return Rounds(root=root, opened=opened)
