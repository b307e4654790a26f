"""What a scoring child answers of one file."""

from __future__ import annotations

from pathlib import Path

import pytest

from leaderboard.score_intervals import LEVELS
from scoring.opening import open_round
from scoring.samples import sample_file
from scoring.tasks import TASKS
from scoring.truth import save_truth
from server.jobs.orders import ScoredFile, ScoringOrder
from server.jobs.scoring_task import score
from tests.scoring.making import write_round

TOP = {f"top{k}_error" for k in range(1, 6)}
KNOWN = {"cls": TOP, "scene": TOP, "cls-loc": TOP | {f"loc{k}_error" for k in range(1, 6)}, "det": {"mean_ap"},
         "vid": {"mean_ap"}}  # fmt: skip


@pytest.mark.parametrize("task", TASKS)
def test_intervals_are_of_every_metric_that_can_come_to_decide(task: str, tmp_path: Path) -> None:
    found = scored(tmp_path, task).splits["all"]
    assert set(found.intervals) == KNOWN.get(task, set())
    assert all(list(by_level) == [str(level) for level in LEVELS] for by_level in found.intervals.values())
    for metric, by_level in found.intervals.items():
        assert by_level["0.95"][0] <= (found.scores[metric] or 0) <= by_level["0.95"][1]


def scored(folder: Path, task: str) -> ScoredFile:
    """The sample file of the small round of `task`, scored."""
    public, truth = open_round(write_round(folder / "round", task), cache=folder / "cache")
    save_truth(truth, folder / "truth.npz")
    file = folder / "sample"
    file.write_bytes(b"".join(sample_file(public).pieces))
    order = ScoringOrder(
        public_half=folder / "round", public_digest="1", file=file, result_file=folder / "result.json",
        truth_file=folder / "truth.npz", outcomes_file=folder / "outcomes.npz",
    )  # fmt: skip
    score(order)
    return ScoredFile.read(order.result_file)
