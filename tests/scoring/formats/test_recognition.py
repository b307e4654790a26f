from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from scoring.formats.archives import HashedFile
from scoring.formats.layouts import COCO_DETECTIONS, DETECTIONS, LABELS, LOCATED_LABELS, Layout
from scoring.formats.recognition import encoding_of, recognise
from scoring.formats.unreadable import UnreadableFile
from scoring.policies import Policy
from scoring.tasks import TASKS, Encoding
from tests.scoring.making import checked, classes_of, gzip_of, public_round, zip_of

TABLE_TASKS = [slug for slug, task in TASKS.items() if any(form.encoding == "csv" for form in task.formats)]


@pytest.mark.parametrize(("start", "layout", "encoding"), [
    (b"771 778 794", LABELS, "text"),
    (b"771,778,794", LABELS, "text"),
    (b"n02119789 n02119789", LABELS, "text"),
    (b"image,label1", LABELS, "csv"),
    (b"label1\n", LABELS, "csv"),
    (b'"image","label1"\r\n', LABELS, "csv"),
    (b"\xef\xbb\xbfimage\tlabel1", LABELS, "csv"),
    (b"\r\n\r\nimage,label1", LABELS, "csv"),
    (b"ImageId,PredictionString", LOCATED_LABELS, "kaggle"),
    (b"\xef\xbb\xbfimageid,predictionstring\r\n", LABELS, "kaggle"),
    (b"score,xmin", DETECTIONS, "csv"),
    (b"x,y,w,h", COCO_DETECTIONS, "csv"),
    (b"x,y,w,h", DETECTIONS, "text"),
    (b"hello, world", DETECTIONS, "text"),
    (b'"an open quote, image', LABELS, "text"),
    (b"\xff\xfe\xfd", LABELS, "text"),
    (b"[", DETECTIONS, "json"),
    (b'\xef\xbb\xbf\n {"image": 1}', DETECTIONS, "json"),
    (b"PAR1\x15", DETECTIONS, "parquet"),
    (b"PARE\x15", DETECTIONS, "parquet"),
    (b" PAR1", DETECTIONS, "text"),
    (b"", LABELS, "text"),
])  # fmt: skip
def test_the_start_of_a_file_tells_its_encoding(start: bytes, layout: Layout, encoding: Encoding) -> None:
    assert encoding_of(start, layout) == encoding


@pytest.mark.parametrize("slug", TABLE_TASKS)
def test_every_example_of_the_registry_is_taken_for_what_it_is(slug: str) -> None:
    task = TASKS[slug]
    for form in task.formats:
        if form.example:
            assert encoding_of(form.example.encode(), task.layout) == form.encoding


@pytest.mark.parametrize("wrap", [bytes, gzip_of, lambda content: zip_of({"predictions": content})])
@pytest.mark.parametrize(("content", "name"), [
    (b"1\n2\n3\n", "labels"),
    (b"image,label1\n1,1\n2,2\n3,3\n", "CSV"),
    (b'[{"image": 1, "label": 1}, {"image": 2, "label": 2}, {"image": 3, "label": 3}]', "JSON"),
    (b"ImageId,PredictionString\n1,1\n2,2\n3,3\n", "Kaggle CSV"),
])  # fmt: skip
def test_what_a_file_was_taken_for_is_told_however_it_is_packed(
    content: bytes, name: str, wrap: type[bytes], tmp_path: Path
) -> None:
    result = checked(public_round("cls"), wrap(content), tmp_path)
    assert (result.format, result.lines, result.report.is_valid) == (name, 3, True)


def test_a_format_that_the_task_does_not_take_is_refused_with_those_it_does(tmp_path: Path) -> None:
    task = replace(TASKS["det"], formats=TASKS["det"].formats[:2])
    path = tmp_path / "sent"
    path.write_bytes(b"[{}]")
    with path.open("rb") as stream, pytest.raises(UnreadableFile) as caught:
        recognise(HashedFile(stream), path, task=task, policy=Policy(best_by="mean_ap"))
    assert caught.value.finding.code == "format"
    assert caught.value.finding.advice == "send it as text, csv"


def test_kaggles_header_is_no_format_of_detections(tmp_path: Path) -> None:
    result = checked(public_round("det", classes=classes_of()), "ImageId,PredictionString\n1,1 2\n", tmp_path)
    assert [finding.code for finding in result.report.errors] == ["format"]
