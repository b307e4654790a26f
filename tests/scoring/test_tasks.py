from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from scoring.errors import UnknownTask
from scoring.evaluation import evaluate
from scoring.formats.reader import Reader
from scoring.opening import open_round
from scoring.samples import sample_file
from scoring.tasks import TASKS, Task, find_task
from tests.scoring.making import checked, classes_of, public_round, write_round

EACH_TASK = pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)


def test_a_task_is_found_by_its_slug() -> None:
    assert [find_task(slug).slug for slug in ("cls", "cls-loc", "det", "vid")] == ["cls", "cls-loc", "det", "vid"]


def test_an_unknown_task_is_answered_with_those_there_are() -> None:
    with pytest.raises(UnknownTask, match="no task is called 'clsloc'; there are cls, cls-loc, det, vid, vid-track"):
        find_task("clsloc")


@EACH_TASK
def test_a_task_says_what_people_need_to_know(task: Task) -> None:
    assert task.title
    assert task.sentence.endswith(".")
    assert all(form.line and form.note for form in task.formats)
    names = [metric.name for metric in task.metrics]
    assert len(set(names)) == len(names)
    assert task.main_metric in names
    assert all(metric.label and metric.unit == "fraction" for metric in task.metrics)
    assert all(metric.label and metric.unit for metric in task.hierarchy_metrics)
    assert len({form.encoding for form in task.formats}) == len(task.formats)


@EACH_TASK
def test_errors_are_better_low_and_precisions_high(task: Task) -> None:
    for metric in task.metrics:
        assert metric.is_lower_better == metric.name.endswith("_error")
        assert metric.direction == ("lower is better" if metric.is_lower_better else "higher is better")
        assert task.metric(metric.name) is metric
    with pytest.raises(KeyError):
        task.metric("nothing")


@EACH_TASK
def test_the_example_of_a_format_is_a_line_that_is_valid(task: Task, tmp_path: Path) -> None:
    ids = sorted({1, 18, 27, 159, 387, 650, 771, 778, 794})
    public = public_round(task.slug, images=1, classes=classes_of(ids))
    for form in task.formats:
        if form.encoding in ("parquet", "label maps"):  # no text
            assert not form.example
            continue
        assert checked(public, form.example + "\n", tmp_path).report.is_valid


@EACH_TASK
def test_the_metrics_of_a_task_are_those_of_its_scorecards(task: Task, tmp_path: Path) -> None:
    public, truth = open_round(write_round(tmp_path / "round", task.slug), cache=tmp_path / "cache")
    file = tmp_path / "predictions.txt"
    file.write_bytes(b"".join(sample_file(public).pieces))
    evaluation = evaluate(public, truth, file)
    assert evaluation.scorecard is not None
    assert {metric.name for metric in task.metrics} == evaluation.scorecard.scores.keys()


@EACH_TASK
def test_every_reader_offers_what_all_readers_do(task: Task) -> None:
    reader: Reader = task.reader(public_round(task.slug))
    assert reader.line_count == 0
    assert callable(reader.parse)


def test_tasks_without_kernels_never_load_the_compiler(tmp_path: Path) -> None:
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from scoring.evaluation import evaluate\n"
        "from scoring.opening import open_round\n"
        "for folder in map(Path, sys.argv[1:]):\n"
        "    public, truth = open_round(folder, cache=folder / 'cache')\n"
        "    assert evaluate(public, truth, folder / 'predictions').scorecard is not None\n"
        "    assert not {'numba', 'llvmlite'} & set(sys.modules), public.task\n"
    )
    folders = [tmp_path / task.slug for task in TASKS.values() if not task.has_kernels]
    assert "cls" in {folder.name for folder in folders}
    for folder in folders:
        public, _ = open_round(write_round(folder, folder.name), cache=tmp_path / "cache")
        (folder / "predictions").write_bytes(b"".join(sample_file(public).pieces))
    subprocess.run([sys.executable, "-c", program, *map(str, folders)], check=True, timeout=60)
