"""Rounds of scenes and of scene parsing, from their folders to their scores."""

from __future__ import annotations

from pathlib import Path

import pytest

from scoring.evaluation import Evaluation, evaluate, validate
from scoring.opening import open_round
from tests.scoring.formats.label_map_files import LabelMap, zip_of_maps
from tests.scoring.making import faults_of

TOML = """\
slug = "scenes"
title = "Scenes"
task = "{task}"

[images]
list = "images.txt"

[classes]
table = "classes.csv"

[truth]
{truth}
"""
IMAGES = "val_1.jpg 1\nval_2.jpg 2\nval_3.jpg 3\n"


def write(folder: Path, *, task: str, truth: str, first_id: int) -> Path:
    folder.mkdir()
    (folder / "round.toml").write_text(TOML.format(task=task, truth=truth))
    (folder / "images.txt").write_text(IMAGES)
    rows = [f"{number},,scene {number}\n" for number in range(first_id, first_id + 6)]
    (folder / "classes.csv").write_text("id,wnid,name\n" + "".join(rows))
    return folder


def scene_folder(folder: Path, labels: str = "val_3.jpg 5\nval_1.jpg 0\nval_2.jpg 2\n") -> Path:
    write(folder, task="scene", truth='labels = "val_labels.txt"', first_id=0)
    (folder / "val_labels.txt").write_text(labels)
    return folder


def parsing_folder(folder: Path, masks: dict[str, LabelMap]) -> Path:
    write(folder, task="scene-parsing", truth='masks = "masks.zip"', first_id=1)
    (folder / "masks.zip").write_bytes(zip_of_maps(masks))
    return folder


MASKS: dict[str, LabelMap] = {"val_1.png": [[1, 1, 0, 2]], "val_2.png": [[3], [3]], "val_3.png": [[0, 6]]}


def evaluated(folder: Path, predictions: bytes) -> Evaluation:
    file = folder.parent / "predictions"
    file.write_bytes(predictions)
    public, truth = open_round(folder, cache=folder.parent / "cache")
    kept, again = open_round(folder, cache=folder.parent / "cache")
    evaluation = evaluate(public, truth, file)
    assert evaluate(kept, again, file).as_json(kept) == evaluation.as_json(public)  # the truth from the cache
    return evaluation


def test_scenes_are_scored_by_file_name(tmp_path: Path) -> None:
    predictions = b"val_2.jpg 0 1 2 3 4\nval_1.jpg 0 1 2 3 4\nval_3.jpg 0 1 2 3 4\n"
    evaluation = evaluated(scene_folder(tmp_path / "round"), predictions)
    assert evaluation.scorecard is not None
    scores = evaluation.scorecard.scores
    assert [scores[f"top{k}_error"] for k in range(1, 6)] == [2 / 3, 2 / 3, 1 / 3, 1 / 3, 1 / 3]
    assert evaluation.checked.lines == 3


def test_scene_labels_may_be_wnids(tmp_path: Path) -> None:
    folder = scene_folder(tmp_path / "round", "val_1.jpg n0\nval_2.jpg n2\nval_3.jpg n5\n")
    (folder / "round.toml").write_text((folder / "round.toml").read_text() + 'ids = "wnid"\n')
    (folder / "classes.csv").write_text("id,wnid,name\n" + "".join(f"{k},n{k},scene {k}\n" for k in range(6)))
    _, truth = open_round(folder, cache=tmp_path / "cache")
    assert truth.labels is not None
    assert truth.labels.tolist() == [0, 2, 5]


@pytest.mark.parametrize("naming", ["kit", "sorted-wnid"])
def test_what_maps_hold_cannot_be_named_otherwise(naming: str, tmp_path: Path) -> None:
    folder = parsing_folder(tmp_path / "round", MASKS)
    (folder / "round.toml").write_text((folder / "round.toml").read_text() + f'[predictions]\nids = "{naming}"\n')
    (fault,) = faults_of(folder)
    assert (fault.code, fault.key) == ("predictions-unused", "predictions")


def test_faults_of_scene_labels_are_told_with_their_lines(tmp_path: Path) -> None:
    folder = scene_folder(tmp_path / "round", "val_1.jpg 6\nval_1.jpg 0\n")
    assert [(fault.code, fault.file, fault.line) for fault in faults_of(folder)] == [
        ("unknown-class", "val_labels.txt", 1), ("image-twice", "val_labels.txt", 2),
        ("label-missing", "val_labels.txt", None), ("label-missing", "val_labels.txt", None),
    ]  # fmt: skip


def test_label_maps_are_scored_image_by_image(tmp_path: Path) -> None:
    maps: dict[str, LabelMap] = {"val_1.png": [[1, 2, 3, 2]], "val_3.png": [[6, 6]], "val_2.png": [[3], [0]]}
    evaluation = evaluated(parsing_folder(tmp_path / "round", MASKS), zip_of_maps(maps))
    assert evaluation.scorecard is not None
    # labelled: 1,1 1,2 2,2 3,3 3,0 6,6: four of six; IoU 1/2, 1/2, 1/2, 0, 0, 1/1
    mean = (0.5 + 0.5 + 0.5 + 1) / 6
    assert evaluation.scorecard.scores == {
        "pixel_accuracy": 4 / 6, "mean_iou": mean, "score": (4 / 6 + mean) / 2,
    }  # fmt: skip
    assert (evaluation.checked.lines, evaluation.checked.format) == (3, "label maps")


def test_a_map_of_another_size_is_refused_by_scoring_and_unknown_to_validating(tmp_path: Path) -> None:
    folder = parsing_folder(tmp_path / "round", MASKS)
    evaluation = evaluated(folder, zip_of_maps({**MASKS, "val_2.png": [[3, 3]]}))
    assert (evaluation.scorecard, evaluation.outcomes) == (None, None)
    assert [(found.code, found.value) for found in evaluation.checked.report.errors] == [
        ("map-size", "val_2.jpg: 2 x 1")
    ]
    public, _ = open_round(folder, cache=tmp_path / "cache")
    assert validate(public, tmp_path / "predictions").report.is_valid


@pytest.mark.parametrize("name", ["masks.zip", "masks"])
def test_masks_that_are_not_there_are_a_fault(name: str, tmp_path: Path) -> None:
    folder = parsing_folder(tmp_path / "round", MASKS)
    toml = (folder / "round.toml").read_text()
    (folder / "round.toml").write_text(toml.replace("masks.zip", name))
    (folder / "masks.zip").unlink()
    assert [(fault.code, fault.file, fault.key) for fault in faults_of(folder)] == [
        ("file-missing", name, "truth.masks")
    ]
