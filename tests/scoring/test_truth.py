from __future__ import annotations

import stat
from pathlib import Path

import numpy as np
import pytest

from scoring.opening import open_round
from scoring.tasks import TASKS
from scoring.truth import Truth, TruthBoxes, load_truth, save_truth
from tests.scoring.making import write_round


def columns_of(truth: Truth) -> dict[str, object]:
    """Every column of a truth, of its parts too."""
    columns: dict[str, object] = {}
    for name, value in vars(truth).items():
        if isinstance(value, TruthBoxes):
            columns |= {f"{name}.{column}": values for column, values in vars(value).items()}
        elif name not in dict(truth.parts()):
            columns[name] = value
    for name, part in truth.parts():
        columns |= {f"{name}.{column}": values for column, values in part.columns().items()}
    return {
        name: (value.tolist(), value.dtype) if isinstance(value, np.ndarray) else value
        for name, value in columns.items()
    }


@pytest.mark.parametrize("task", TASKS)
def test_a_truth_comes_back_as_it_was_saved(task: str, tmp_path: Path) -> None:
    _, truth = open_round(write_round(tmp_path / "round", task), cache=tmp_path / "cache")
    save_truth(truth, tmp_path / "deep" / "truth.npz")
    assert len(columns_of(truth)) > 2
    assert columns_of(load_truth(tmp_path / "deep" / "truth.npz")) == columns_of(truth)


def test_a_saved_truth_is_its_owners_alone_and_replaces_what_was_there(tmp_path: Path) -> None:
    target = tmp_path / "truths" / "a.npz"
    for digest in ("first", "second"):
        save_truth(Truth(task="cls", digest=digest, labels=np.zeros(1, np.int32)), target)
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert stat.S_IMODE(target.parent.stat().st_mode) == 0o700
    assert load_truth(target).digest == "second"
    assert [path.name for path in target.parent.iterdir()] == ["a.npz"]


def test_a_truth_that_cannot_be_put_in_place_leaves_nothing_behind(tmp_path: Path) -> None:
    target = tmp_path / "truth.npz"
    target.mkdir()
    with pytest.raises(OSError):
        save_truth(Truth(task="cls", digest="", labels=np.zeros(1, np.int32)), target)
    assert [path.name for path in tmp_path.iterdir()] == ["truth.npz"]


def test_boxes_are_grouped_by_image_and_keep_the_order_of_the_file_within_one() -> None:
    corners = np.arange(16, dtype=np.float64).reshape(4, 4)
    boxes = TruthBoxes.grouped(
        images=np.array([2, 0, 2, 0], np.int32), classes=np.array([5, 6, 7, 8], np.int32), corners=corners
    )
    assert boxes.images.tolist() == [0, 0, 2, 2]
    assert boxes.classes.tolist() == [6, 8, 5, 7]
    assert boxes.corners[:, 0].tolist() == [4, 12, 0, 8]
    assert boxes.starts(4).tolist() == [0, 2, 2, 4, 4]
    assert len(boxes) == 4


def test_a_truth_without_labels_or_boxes_says_so_when_asked_for_them() -> None:
    truth = Truth(task="det", digest="")
    with pytest.raises(TypeError, match="a det truth has no labels"):
        _ = truth.label_column
    with pytest.raises(TypeError, match="a det truth has no boxes"):
        _ = truth.box_columns
