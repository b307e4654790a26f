"""The self-test of a round, for every task that ships."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from scoring.errors import FaultyRound
from scoring.tasks import TASKS, Metric, find_task
from server.jobs.staging import read_round
from server.selftest.selftest import Tried, run_selftest
from server.selftest.trials import Expectation, greatest_of
from tests.scoring.making import Files, round_toml, write_round

HIERARCHY = Path(__file__).parents[3] / "data" / "imagenet-hierarchy.json"
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


def ilsvrc_round(task: str) -> dict[str, str | bytes | None]:
    """Sixty images of the classes of ILSVRC, with the hierarchy that ships."""
    nodes = json.loads(HIERARCHY.read_text())
    classes = [node for node in nodes if node["id"] <= 1000]
    labels = [(17 * image) % 1000 + 1 for image in range(60)]
    files: dict[str, str | bytes | None] = {
        "round.toml": round_toml(task).replace('"classes.txt"\n', '"classes.txt"\nhierarchy = "hierarchy.json"\n'),
        "hierarchy.json": HIERARCHY.read_text(),
        "classes.txt": "".join(f"{one['wnid']} {one['id']} {one['words']}\n" for one in classes),
        "images.txt": "".join(f"val/{image:02} {image + 1}\n" for image in range(60)),
    }
    if task == "scene":
        return files | {"scenes.txt": "".join(f"val/{image:02} {label}\n" for image, label in enumerate(labels))}
    return files | {
        "labels.txt": "".join(f"{label}\n" for label in labels),
        "boxes.csv": "".join(f"{image + 1},{label},0,0,9,9\n" for image, label in enumerate(labels)),
    }


@pytest.mark.parametrize("task", [task for task in TASKS if find_task(task).hierarchy_metrics])
def test_errors_in_the_hierarchy_that_ships_are_what_they_may_be(task: str, tmp_path: Path) -> None:
    tried = tried_in(tmp_path, task, ilsvrc_round(task))
    assert [one.faults for one in tried.values()] == [(), (), ()]
    assert tried["perfect"].scores["hier_dist5"] == 0 and tried["perfect"].scores["mistake_severity"] is None
    # two classes drawn at random are 13.56 levels apart, and the next one in the table mostly nearer
    near, far = (tried[name].scores["hierarchical1_error"] or 0 for name in ("empty", "random"))
    assert 1 < near < far < 19


@pytest.mark.parametrize(
    ("unit", "told"), [("fraction", "within 0 and 1"), ("levels of the hierarchy", "within 0 and 19")]
)
def test_a_figure_outside_of_its_unit_is_found(unit: str, told: str, tmp_path: Path) -> None:
    public = read_round(write_round(tmp_path / "round", "cls", ilsvrc_round("cls")), cache=tmp_path / "cache").public
    metric = Metric(name="odd", label="odd", is_lower_better=True, unit=unit)
    expected = Expectation(metric="odd", low=0.0, high=greatest_of(metric, public))
    assert list(expected.faults({"odd": 19.5})) == [f"odd is 19.5, must be {told}"]
    assert list(expected.faults({"odd": 0.5})) == []


def test_localization_is_undefined_where_every_image_is_blacklisted(tmp_path: Path) -> None:
    tried = tried_in(tmp_path, "cls-loc", {"blacklist.txt": "1\n2\n3\n"})
    assert [one.faults for one in tried.values()] == [(), (), ()]
    assert tried["perfect"].scores["loc5_error"] is None and tried["perfect"].scores["top5_error"] == 0


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
    [
        (0.667, ()),
        (0.66667, ()),
        (0.5, ("top1_error is 0.666667, must be within 0.4995 and 0.5005",)),
        (0.0, ("top1_error is 0.666667, must be within 0 and 0.0005",)),
    ],
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


@pytest.mark.parametrize(
    "text", ["[[baselines]", "baselines = 3", "[other]", "a = " + "[" * 5_000, BASELINE.format(10**400)]
)
def test_a_list_of_baselines_that_is_none_is_told(text: str, tmp_path: Path) -> None:
    with pytest.raises(FaultyRound):
        tried_in(tmp_path, "cls", {"baselines.toml": text})
