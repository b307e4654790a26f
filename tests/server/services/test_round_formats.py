"""The examples that a round's page gives are valid in that round."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from scoring.rounds import PublicRound
from scoring.tasks import TASKS
from server.services.round_formats import formats_for
from tests.scoring.making import checked, classes_of, public_round

WITH_EXAMPLES = [slug for slug, task in TASKS.items() if task.formats[0].example]


def _round(task: str, *, name: str = "", classes: int = 10) -> PublicRound:
    public = public_round(task, images=1 if name else [4], classes=classes_of([7 * k + 2 for k in range(classes)]))
    return replace(public, images=replace(public.images, names=(name,))) if name else public


@pytest.mark.parametrize("task", WITH_EXAMPLES)
@pytest.mark.parametrize("name", ["", "val/1.JPEG"])
@pytest.mark.parametrize("classes", [3, 10])
def test_every_example_is_a_valid_file_of_a_round_of_one_image(
    task: str, name: str, classes: int, tmp_path: Path
) -> None:
    public = _round(task, name=name, classes=classes)
    for form in formats_for(public):
        if form.encoding == "parquet":
            continue
        report = checked(public, f"{form.example}\n", tmp_path).report
        assert report.is_valid, (form.name, form.example, report.findings)


def test_the_examples_of_a_format_say_the_same_in_every_spelling() -> None:
    assert {form.name: form.example for form in formats_for(_round("cls"))} == {
        "labels": "2 9 16 23 30",
        "CSV": "image,label1,label2,label3,label4,label5\n4,2,9,16,23,30",
        "JSON": '[{"image": 4, "labels": [2, 9, 16, 23, 30]}]',
        "Parquet": "",
        "Kaggle CSV": "ImageId,PredictionString\n4,2 9 16 23 30",
    }


def test_a_name_that_needs_quotes_has_them(tmp_path: Path) -> None:
    public = _round("cls", name='a,"b"')
    examples = {form.name: form.example for form in formats_for(public)}
    assert examples["Kaggle CSV"] == 'ImageId,PredictionString\n"a,""b""",2 9 16 23 30'
    assert examples["JSON"] == '[{"image": "a,\\"b\\"", "labels": [2, 9, 16, 23, 30]}]'
    assert all(
        checked(public, f"{examples[name]}\n", tmp_path).report.is_valid for name in ("CSV", "JSON", "Kaggle CSV")
    )


def test_a_task_without_examples_has_its_formats_as_they_are() -> None:
    assert formats_for(_round("scene-parsing")) == TASKS["scene-parsing"].formats
