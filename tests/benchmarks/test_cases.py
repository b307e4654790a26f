"""Every case at a tiny size: its data, its commands and its report. No time is looked at, and no peer is installed."""

from __future__ import annotations

import json
import os
import sys
import tarfile
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from scoring.evaluation import evaluate
from scoring.opening import open_round
from tests.benchmarks.__main__ import CASES, chosen
from tests.benchmarks.alternation import run_in_alternation, run_once
from tests.benchmarks.cases import FASTEST, Case, Contest, LeftOut, Settings
from tests.benchmarks.competitors import peer
from tests.benchmarks.detection_data import DetectionData
from tests.benchmarks.detection_shapes import COCO_VAL
from tests.benchmarks.environments import Environment
from tests.benchmarks.real_data import make_real_data
from tests.benchmarks.report import Occasion, section
from tests.benchmarks.running.coco_figures import TWELVE

_HERE = Environment(folder=Path(sys.prefix))

needs_proc = pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")


# The smallest set in the layout of the real one: an image without objects, and one with an accordion.
_REAL = {
    "det/val.txt": "a 1\nb 2\n",
    "synsets/map_det.txt": "n02672831 7 accordion\n",
    "det/ILSVRC2014_det_validation_blacklist.txt": "1 n02672831\n",
    "det/demo.val.pred.det.txt": "1 7 0.5 1.500000 2.000000 3.750000 5.000000\n",
    "a.xml": "<annotation><filename>a</filename></annotation>",
    "b.xml": "<annotation><filename>b</filename><object><name>n02672831</name><bndbox><xmin>0</xmin><xmax>9</xmax>"
    "<ymin>0</ymin><ymax>19</ymax></bndbox></object></annotation>",
}


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    cache = tmp_path_factory.mktemp("benchmarks")
    caches = {"HELDOUT_CACHE": str(cache / "heldout")}  # compiled kernels are those of the whole suite
    return Settings(cache=cache, environment=_HERE, scale=0.0005, has_peers=False, own_caches=caches)


def _prepared(case: Case, settings: Settings) -> Contest:
    try:
        return case.prepare(settings)
    except LeftOut as reason:
        pytest.skip(str(reason))


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_commands_of_a_case_name_files_that_are_there(case: Case, settings: Settings) -> None:
    contest = _prepared(case, settings)
    names = [competitor.name for competitor in contest.competitors]
    assert len(set(names)) == len(names) > 0
    assert {goal.of for goal in contest.goals} <= {*names, FASTEST, None}
    for competitor in contest.competitors:
        paths = [argument for argument in competitor.command if argument.startswith(os.sep)]
        assert len(paths) >= 1
        assert [path for path in paths if not Path(path).exists()] == []


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_what_is_left_out_is_said(case: Case, settings: Settings) -> None:
    contest = _prepared(case, settings)
    has_peers = any("running/peer" in part for each in contest.competitors for part in each.command)
    assert not has_peers
    if case.name in {"detection", "coco", "coco-large", "real", "video"}:
        assert contest.left_out


@needs_proc
@pytest.mark.parametrize("name", ["detection", "coco", "resampling"])
def test_a_case_runs_and_reports(name: str, settings: Settings) -> None:
    contest = _prepared(CASES[name], settings)
    running = [each for each in contest.competitors if not each.fresh_folders]  # compiling takes too long here
    results = run_in_alternation(running, rounds=1, has_uncounted=False)
    for each in results:
        assert each.scores[each.competitor.figure or ""] is not None
    occasion = Occasion(moment=datetime.now(tz=UTC), rounds=1, scale=1, own_versions={}, bystanders=0)
    text = section(CASES[name], contest, results, occasion)
    assert all(f"| {each.name} |" in text for each in running)


def test_the_real_data_is_the_same_in_both_formats(settings: Settings, tmp_path: Path) -> None:
    for name, text in _REAL.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    with tarfile.open(tmp_path / "det/ILSVRC2013_DET_bbox_val.tgz", "w:gz") as archive:
        for path in sorted(tmp_path.glob("*.xml")):
            archive.add(path, path.name)
    files = make_real_data(replace(settings, ilsvrc=tmp_path, cache=tmp_path / "cache"))
    truth = json.loads(files.coco_truth.read_bytes())
    assert truth["annotations"] == [
        {"id": 1, "image_id": 2, "category_id": 7, "bbox": [0, 0, 10, 20], "area": 200, "iscrowd": 0}
    ]
    assert json.loads(files.coco_results.read_bytes()) == [
        {"image_id": 1, "category_id": 7, "bbox": [1.5, 2, 3.25, 4], "score": 0.5}
    ]
    public, read = open_round(files.round_folder, cache=tmp_path / "heldout")
    assert evaluate(public, read, files.predictions).checked.lines == 1


@needs_proc
@pytest.mark.parametrize("is_warm", [False, True])
def test_a_peer_computes_the_twelve_figures_and_one_of_them_alone(settings: Settings, is_warm: bool) -> None:
    pytest.importorskip("pycocotools")
    files = DetectionData(shape=COCO_VAL, scale=0.005).made(settings.cache)
    of = partial(peer, truth=files.coco_truth, results=files.coco_results, is_warm=is_warm)
    (twelve,), (one,) = (
        run_in_alternation([of("pycocotools", _HERE, figures=figures)], rounds=1, has_uncounted=False)
        for figures in ("twelve", "one")
    )
    assert tuple(twelve.scores) == TWELVE
    assert one.scores == {"mean_ap": twelve.scores["ap50"]}
    assert set(twelve.steps) >= {"results", "evaluate"}


def test_a_first_run_starts_with_caches_of_its_own(settings: Settings) -> None:
    contest = CASES["classification"].prepare(settings)
    (first,) = (each for each in contest.competitors if each.fresh_folders)
    show = "import json, os, sys; print(json.dumps([os.environ[name] for name in sys.argv[1:]]))"
    command = (sys.executable, "-c", show, *first.fresh_folders)
    folders = [run_once(replace(first, command=command)).printed for _ in range(2)]
    assert len({folder for run in folders for folder in run}) == 2 * len(first.fresh_folders)
    assert not any(Path(folder).exists() for run in folders for folder in run)


def test_cases_that_take_long_run_only_when_asked_for() -> None:
    assert {case.name for case in CASES.values()} - {case.name for case in chosen([], is_long=False)} == {
        case.name for case in CASES.values() if case.is_long
    }
    assert len(chosen([], is_long=True)) == len(CASES)
    assert [case.name for case in chosen(["coco-long"], is_long=False)] == ["coco-long"]


def test_the_readme_names_every_case() -> None:
    readme = Path(__file__).with_name("README.md").read_text(encoding="utf-8")
    assert [name for name in CASES if f"| `{name}` |" not in readme] == []
