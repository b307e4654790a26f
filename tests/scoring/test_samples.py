from __future__ import annotations

from pathlib import Path

import pytest

from scoring.samples import sample_lines
from scoring.tasks import TASKS
from tests.scoring.making import checked, classes_of, public_round


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("images", [1, 7, [3, 9, 40]])
@pytest.mark.parametrize("classes", [1, 3, 8])
def test_a_sample_file_is_valid_for_its_round(task: str, images: int | list[int], classes: int, tmp_path: Path) -> None:
    public = public_round(task, images=images, classes=classes_of([7 * k + 2 for k in range(classes)]))
    report = checked(public, "".join(sample_lines(public)), tmp_path).report
    assert report.is_valid
    assert {finding.code for finding in report.notices} <= {"fewer-guesses"}
