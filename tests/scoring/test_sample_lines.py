"""The sample file of a round: made from the public half, and valid, for every registered task."""

from __future__ import annotations

from pathlib import Path

import pytest

from scoring.evaluation import validate
from scoring.rounds import load_public_round
from scoring.samples import sample_lines
from scoring.tasks import TASKS


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("class_count", [1, 3, 12])
def test_the_sample_of_every_task_is_valid_without_an_odd_line(tmp_path: Path, task: str, class_count: int) -> None:
    (tmp_path / "round.toml").write_text(
        f'slug = "s"\ntitle = "s"\ntask = "{task}"\n[images]\ncount = 40\n[classes]\ntable = "classes.csv"\n'
    )
    rows = "".join(f"{7 * n},,class {n}\n" for n in range(1, class_count + 1))
    (tmp_path / "classes.csv").write_text("id,wnid,name\n" + rows)
    public = load_public_round(tmp_path)
    file = tmp_path / "sample.txt"
    file.write_text("".join(sample_lines(public)))
    report = validate(public, file).report
    assert report.is_valid, report
    assert {finding.code for finding in report.notices} <= {"fewer-guesses"}
