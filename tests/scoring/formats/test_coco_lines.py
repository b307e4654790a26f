from __future__ import annotations

import json
from pathlib import Path

import pytest

from scoring.formats.image_lines import EXPLAINED_TOKENS
from scoring.rounds import PublicRound
from scoring.synsets import MAX_CATEGORY_ID
from tests.scoring.making import checked, errors, findings, public_round

PUBLIC = public_round("coco-det", images=[1, 2, 5])
TRACKS = public_round("vid-track", images=[1, 2, 5])


def results(*boxes: tuple[int, list[float]]) -> str:
    return json.dumps([{"image_id": 2, "category_id": label, "bbox": box, "score": 0.5} for label, box in boxes])


@pytest.mark.parametrize("label", [0, 18, MAX_CATEGORY_ID])
def test_any_category_that_can_be_is_taken(label: int, tmp_path: Path) -> None:
    assert errors(PUBLIC, results((label, [0, 0, 9, 9]), (1, [0, 0, 9, 9])), tmp_path) == []


@pytest.mark.parametrize("label", [MAX_CATEGORY_ID + 1, 2**31, -1])
def test_a_category_that_cannot_be_is_told_with_its_line(label: int, tmp_path: Path) -> None:
    text = results((1, [0, 0, 9, 9]), (label, [0, 0, 9, 9]))
    assert errors(PUBLIC, text, tmp_path) == [("unknown-class", 2, str(label))]


def test_boxes_without_an_area_are_noticed_once(tmp_path: Path) -> None:
    text = results((1, [0, 0, 0, 9]), (1, [0, 0, 9, -1]), (1, [0, 0, 1, 1]))
    assert findings(PUBLIC, text, tmp_path)["box-empty"].count == 2
    assert "box-empty" not in findings(PUBLIC, results((1, [0, 0, 1, 1])), tmp_path)


# So many that not all are explained.
MANY = EXPLAINED_TOKENS // 7 + 10


@pytest.mark.parametrize(
    ("public", "text"),
    [(PUBLIC, results(*[(1, [1e8, 0, 9, 9])] * MANY)), (TRACKS, "2 1 7 0.5 1e8 0 9 9\n" * MANY)],
    ids=["coco-det", "vid-track"],
)
def test_far_coordinates_are_counted_under_one_code_however_many_there_are(
    public: PublicRound, text: str, tmp_path: Path
) -> None:
    found = checked(public, text, tmp_path).report.errors
    assert {(finding.code, finding.count) for finding in found} == {("coordinate-range", MANY)}
