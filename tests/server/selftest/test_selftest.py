"""The self-test of a round, for every task that ships."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from scoring.errors import FaultyRound
from scoring.tasks import TASKS, find_task
from server.jobs.staging import read_round
from server.selftest.selftest import Tried, run_selftest
from tests.scoring.making import Files, round_toml, write_round

SIZES = {"ap_medium", "ap_large", "ar_medium", "ar_large"}  # of objects that the small round of coco-det lacks


def tried_in(folder: Path, task: str, changes: Files | None = None) -> Mapping[str, Tried]:
    read = read_round(write_round(folder / "round", task, changes), cache=folder / "cache")
    return {one.name: one for one in run_selftest(read.public, read.truth, baselines=read.baselines)}


@pytest.mark.parametrize("task", TASKS)
def test_a_small_round_of_every_task_scores_as_it_must(task: str, tmp_path: Path) -> None:
    tried = tried_in(tmp_path, task)
    assert list(tried) == ["perfect", "empty", "random"]
    assert [one.faults for one in tried.values()] == [(), (), ()]
    for metric in find_task(task).metrics:
        if metric.name not in SIZES:
            best, worst = (0.0, 1.0) if metric.is_lower_better else (1.0, 0.0)
            assert tried["perfect"].scores[metric.name] == pytest.approx(best)
            assert tried["empty"].scores[metric.name] == worst


def test_the_same_truth_is_tried_by_the_same_files(tmp_path: Path) -> None:
    first, second = (tried_in(tmp_path / name, "cls-loc") for name in "ab")
    assert first == second


def test_an_image_that_nobody_can_get_right_is_found(tmp_path: Path) -> None:
    tried = tried_in(tmp_path, "cls-loc", {"boxes.csv": "1,2,0,0,9,9\n2,2,10,20,29,39\n5,3,0,0,99,99\n"})
    assert tried["perfect"].faults[0] == "loc1_error is 0.5, must be 0"
    assert tried["empty"].faults == ()


def test_a_cap_that_no_complete_file_passes_is_found(tmp_path: Path) -> None:
    tried = tried_in(tmp_path, "cls", {"round.toml": round_toml("cls", policy="max_lines = 2")})
    assert all(one.faults[0].startswith("refused: ") and not one.scores for one in tried.values())


@pytest.mark.parametrize("naming", ["wnid", "sorted-wnid"])
def test_predictions_are_named_as_the_round_wants_them(naming: str, tmp_path: Path) -> None:
    toml = round_toml("det") + f'[predictions]\nids = "{naming}"\n'
    assert not any(one.faults for one in tried_in(tmp_path, "det", {"round.toml": toml}).values())


def test_images_with_every_label_or_none_are_what_they_are(tmp_path: Path) -> None:
    tried = tried_in(tmp_path, "cls", {"labels.txt": "[[1, 2, 3], [], [2, 3]]"})
    assert [one.faults for one in tried.values()] == [(), (), ()]
    assert tried["empty"].scores["top1_error"] == 0.5


@pytest.mark.parametrize(
    ("task", "changes"),
    [
        ("det", {"boxes.csv": "1,1,0,0,9,9\n", "blacklist.txt": "1 n00000003\n"}),
        ("coco-det", {"instances.json": '{"images": [{"id": 1}, {"id": 2}, {"id": 5}], "annotations": [],'
                                        ' "categories": [{"id": 1, "name": "person"}]}'}),
    ],
)  # fmt: skip
def test_where_there_is_nothing_to_find_nothing_is_defined(task: str, changes: Files, tmp_path: Path) -> None:
    tried = tried_in(tmp_path, task, changes)
    assert [one.faults for one in tried.values()] == [(), (), ()]
    assert set(tried["perfect"].scores.values()) == {None}


BASELINE = '[[baselines]]\nfile = "ants.txt"\nmethod = "All ants"\nscores = {{ top1_error = {0} }}\n'


@pytest.mark.parametrize(
    ("known", "faults"),
    [(0.667, ()), (0.66667, ()), (0.5, ("top1_error is 0.666667, must be within 0.4995 and 0.5005",))],
)
def test_a_baseline_scores_what_it_is_known_to_score(known: float, faults: tuple[str, ...], tmp_path: Path) -> None:
    files = {"baselines.toml": BASELINE.format(known), "ants.txt": "1\n1\n1\n"}
    assert tried_in(tmp_path, "cls", files)["All ants"].faults == faults


def test_all_faults_of_baselines_are_told_at_once(tmp_path: Path) -> None:
    text = (
        BASELINE.format(0.5)
        + BASELINE.format('"low"').replace("ants.txt", "../round.toml")
        + '[[baselines]]\nfile = "none.txt"\nmethod = ""\nscores = { ap = 1 }\nteam = "x"\n'
    )
    with pytest.raises(FaultyRound) as caught:
        tried_in(tmp_path, "cls", {"baselines.toml": text, "ants.txt": "1\n1\n1\n", "../round.toml": ""})
    assert [(fault.file, fault.key) for fault in caught.value.faults] == [
        ("baselines.toml", key)
        for key in (
            "baselines.2.file", "baselines.2.scores", "baselines.3.team", "baselines.3", "baselines.3.file",
            "baselines.3.scores.ap", "baselines",
        )
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["[[baselines]", "baselines = 3", "[other]"])
def test_a_list_of_baselines_that_is_none_is_told(text: str, tmp_path: Path) -> None:
    with pytest.raises(FaultyRound):
        tried_in(tmp_path, "cls", {"baselines.toml": text})
