"""What must hold of any file whatsoever: it ends in findings, or in a score."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from scoring.evaluation import Checked, Evaluation, evaluate, validate
from scoring.findings import SHOWN_VALUE_CHARACTERS, Finding
from scoring.opening import open_round
from scoring.rounds import PublicRound
from scoring.tasks import TASKS
from scoring.truth import Truth
from tests.hostile.mutations.mutation import Mutation
from tests.hostile.mutations.valid_files import maps_of
from tests.scoring.making import Files, write_round, zip_of

Outcome = Literal["scored", "refused"]


@dataclass(frozen=True, kw_only=True)
class Arena:
    """The smallest round of every task, opened once, and a place for the file that is tried."""

    folder: Path
    rounds: dict[str, tuple[PublicRound, Truth]]

    @classmethod
    def at(cls, folder: Path) -> Arena:
        """Write the rounds below `folder`."""
        rounds = {}
        for task in TASKS:
            changes: Files = {"masks.zip": zip_of(maps_of(random.Random(1)))} if task == "scene-parsing" else {}
            rounds[task] = open_round(write_round(folder / task, task, changes), cache=folder / "cache")
        return cls(folder=folder, rounds=rounds)

    def outcome(self, mutation: Mutation) -> Outcome:
        """What `validate` and `evaluate` make of a mutation; AssertionError, or whatever they raise, is a failure."""
        public, truth = self.rounds[mutation.kind.task]
        file = self.folder / "sent"
        file.write_bytes(mutation.content)
        checked = validate(public, file)
        evaluation = evaluate(public, truth, file)
        assert_findings_or_score(checked, evaluation)
        if evaluation.scorecard is None:
            return "refused"
        json.dumps(evaluation.as_json(public), allow_nan=False)
        return "scored"


def assert_findings_or_score(checked: Checked, evaluation: Evaluation) -> None:
    """What `validate` says is what `evaluate` says, and either there are errors or there are scores."""
    assert_readable(evaluation.checked.report.findings)
    assert evaluation.checked.sha256 == checked.sha256
    if evaluation.scorecard is not None:
        assert checked == evaluation.checked
        assert checked.report.is_valid
        assert evaluation.outcomes is not None
        for name, score in evaluation.scorecard.scores.items():
            assert score is None or (math.isfinite(score) and 0 <= score <= 1), (name, score)
        return
    assert not evaluation.checked.report.is_valid
    assert evaluation.outcomes is None
    # What only the truth can tell is told beside what `validate` says: maps of another size than their images.
    assert set(checked.report.findings) <= set(evaluation.checked.report.findings)
    assert checked.report.is_valid <= (len(evaluation.checked.report.errors) > len(checked.report.errors))


def assert_readable(findings: Sequence[Finding]) -> None:
    """What holds of any finding, whatever the file."""
    for finding in findings:
        assert finding.message
        assert finding.advice
        assert finding.count >= 1
        assert finding.line is None or finding.line >= 1
        if finding.value is not None:
            assert finding.value.isprintable()
            assert len(finding.value) <= SHOWN_VALUE_CHARACTERS
