"""A truth written as files and read again is the same truth, of whatever task."""

from __future__ import annotations

import shutil
import tomllib
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.evaluation import evaluate
from scoring.opening import open_round
from scoring.round_text import round_toml
from scoring.rounds import PublicRound
from scoring.tasks import TASKS, find_task
from scoring.truth import Truth
from scoring.truth_writer import TruthNotWritten
from tests.parity.strategies import cases
from tests.scoring.making import png_of, write_round

SAMPLES = Path(__file__).parents[2] / "data"

# Every example opens three rounds; a few will do.
few = settings(max_examples=settings().max_examples // 8)


def written_again(folder: Path, target: Path) -> tuple[PublicRound, Truth]:
    """The round opened from its public half and the files that its truth is written as; both truths have one digest."""
    public, truth = open_round(folder, cache=target.parent / "cache")
    shutil.copytree(folder, target)
    table = tomllib.loads((folder / "round.toml").read_text())
    for name in [name for key, name in table["truth"].items() if key != "ids"]:
        path = target / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    files = find_task(public.task).truth_files(truth, public)
    for file in files:
        (target / file.name).write_bytes(b"".join(file.pieces))
    table["truth"] = {file.key: file.name for file in files}
    (target / "round.toml").write_text(round_toml(table))
    again = open_round(target, cache=target.parent / "another cache")
    assert again[1].digest == truth.digest
    return again


@pytest.mark.parametrize("task", TASKS)
@few
@given(data=st.data())
def test_a_round_of_any_task_is_the_same_and_scores_the_same(task: str, data: st.DataObject) -> None:
    case = data.draw(cases(task))
    with TemporaryDirectory() as name:
        folder, target = Path(name) / "round", Path(name) / "again"
        folder.mkdir()
        file = case.write(folder)
        first = evaluate(*open_round(folder, cache=Path(name) / "cache"), file)
        second = evaluate(*written_again(folder, target), file)
        assert first.scorecard is not None
        assert second.scorecard == first.scorecard


@pytest.mark.parametrize("sample", ["digits-cls", "digits-loc", "digits-det"])
def test_sample_rounds_keep_their_digest(sample: str, tmp_path: Path) -> None:
    written_again(SAMPLES / sample, tmp_path / "again")


@pytest.mark.parametrize("labels", ["1 3\n\n2\n", "\n\n\n", "3\n1 2 3\n\n", "[[3, 1], [], [2]]"])
def test_several_labels_an_image_and_none_are_kept(labels: str, tmp_path: Path) -> None:
    _, before = open_round(write_round(tmp_path / "round", "cls", {"labels.txt": labels}), cache=tmp_path / "cache")
    _, after = written_again(tmp_path / "round", tmp_path / "again")
    assert before.label_sets is not None
    assert after.label_sets is not None
    assert np.array_equal(after.label_sets.starts, before.label_sets.starts)


@pytest.mark.parametrize(
    ("naming", "task", "labels"),
    [
        ("wnid", "cls", "n00000003\nn00000001\nn00000002\n"),
        ("sorted-wnid", "cls", "2\n0\n1\n"),
        ("wnid", "cls-loc", "n00000003\nn00000001\nn00000002\n"),
        ("sorted-wnid", "scene", "val/b 0\nval/c 1\nval/a 2\n"),
    ],
)
def test_labels_that_were_no_ids_of_the_table_are_written_as_such(
    naming: str, task: str, labels: str, tmp_path: Path
) -> None:
    name = "scenes.txt" if task == "scene" else "labels.txt"
    folder = write_round(tmp_path / "round", task, {name: labels})
    toml = folder / "round.toml"
    toml.write_text(toml.read_text().replace("[truth]\n", f'[truth]\nids = "{naming}"\n'))
    public, truth = written_again(folder, tmp_path / "again")
    assert public.classes.ids[truth.label_column].tolist() == [1, 2, 3]


def test_names_with_blanks_points_and_digits_alone_stay_names(tmp_path: Path) -> None:
    images = "2 1\nval/a b.png 2\n1.5 5\n"
    scenes = "1.5 3\n2 1\nval/a b.png 2\n"
    written_again(write_round(tmp_path / "s", "scene", {"images.txt": images, "scenes.txt": scenes}), tmp_path / "s2")
    folder = write_round(tmp_path / "m", "scene-parsing", {"images.txt": images, "masks.zip": None})
    toml = folder / "round.toml"
    toml.write_text(toml.read_text().replace("masks.zip", "masks"))
    for name, value in (("2", 1), ("val/a b.png", 2), ("1.5", 3)):
        path = folder / "masks" / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(png_of([[value]]))
    written_again(folder, tmp_path / "m2")


def test_a_truth_that_only_its_own_task_can_read_is_not_written(tmp_path: Path) -> None:
    public, truth = open_round(SAMPLES / "digits-cls", cache=tmp_path / "cache")
    own = replace(truth, labels=None, own={"centres": np.zeros((1, 2))})
    with pytest.raises(TruthNotWritten, match="copy the organizer's folder"):
        find_task(public.task).truth_files(own, public)
