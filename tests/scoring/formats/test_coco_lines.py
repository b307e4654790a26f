from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from scoring.findings import FindingLog
from scoring.formats.archives import HashedFile
from scoring.formats.coco_lines import CocoLines
from scoring.formats.image_lines import EXPLAINED_TOKENS
from scoring.formats.recognition import recognise
from scoring.rounds import PublicRound
from scoring.synsets import MAX_CATEGORY_ID
from scoring.tasks import find_task
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


IDS = (0, 3, 2**40, 2**53)
SPARSE = public_round("coco-det", images=IDS)


def rows_of(images: Sequence[int | str], *, score: str = "0.5") -> tuple[bytes, bytes]:
    """JSON, whose numbers the kernel reads, and a CSV."""
    records = [f'{{"image_id": {i}, "category_id": 1, "bbox": [1, 2, 3, 4], "score": {score}}}' for i in images]
    rows = "".join(f"{i},1,{score},1,2,3,4\n" for i in images)
    return f"[{', '.join(records)}]".encode(), f"image,class,confidence,x,y,width,height\n{rows}".encode()


@pytest.mark.parametrize("public", [SPARSE, public_round("coco-det", images=[0, 3, 7])], ids=["sparse", "dense"])
@pytest.mark.parametrize("encoding", [0, 1])
@pytest.mark.parametrize("score", ["0.5", "5e-1", "0.50000000000000000000000000"])
def test_images_are_found_by_ids_from_0_and_of_any_size(
    public: PublicRound, encoding: int, score: str, tmp_path: Path
) -> None:
    order = [2, 0, 1, 0]
    content = rows_of(public.images.indices[order].tolist(), score=score)[encoding]
    (file := tmp_path / "file").write_bytes(content)
    reader, log, found = CocoLines(public), FindingLog(), []
    with file.open("rb") as stream:
        recognised = recognise(HashedFile(stream), file, task=find_task("coco-det"), policy=public.policy)
        for window in recognised.windows():
            found += reader.accept(reader.parse(window), log).images.tolist()
    assert (found, log.has_errors) == (order, False)


@pytest.mark.parametrize("encoding", [0, 1])
@pytest.mark.parametrize("index", ["1", "2", "4", "9007199254740991", "1099511627775", "0.5", "-1", "1e300"])
def test_ids_between_those_of_the_round_are_no_images(encoding: int, index: str, tmp_path: Path) -> None:
    content = rows_of([0, index, 2**53])[encoding]
    assert errors(SPARSE, content, tmp_path) == [("unknown-image", 2 + encoding, index)]
    assert "up to 9,007,199,254,740,992" in findings(SPARSE, content, tmp_path)["unknown-image"].advice


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
