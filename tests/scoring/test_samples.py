from __future__ import annotations

from pathlib import Path

import pytest

from scoring.samples import sample_file
from scoring.tasks import TASKS
from tests.scoring.making import checked, classes_of, public_round


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("images", [1, 7, [3, 9, 40]])
@pytest.mark.parametrize("classes", [1, 3, 12])
def test_a_sample_file_is_valid_for_its_round(task: str, images: int | list[int], classes: int, tmp_path: Path) -> None:
    public = public_round(task, images=images, classes=classes_of([7 * k + 2 for k in range(classes)]))
    report = checked(public, b"".join(sample_file(public).pieces), tmp_path).report
    assert report.is_valid
    few_classes = {"fewer-guesses", "label-twice"} if classes < 5 else set()
    assert {finding.code for finding in report.notices} <= few_classes
