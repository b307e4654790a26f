"""The benchmarks' own foundations: what they write, and what they measure."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from scoring.opening import open_round
from tests.benchmarks import measured
from tests.benchmarks.classification import GUESSES, make_classification_data
from tests.benchmarks.detection_data import DetectionData, DetectionFiles, make_detection_data
from tests.benchmarks.detection_sampling import Look, Part, Truth, class_shares, sampled_lines, sampled_truth
from tests.benchmarks.detection_shapes import COCO_VAL, ILSVRC_DET, ILSVRC_VID
from tests.benchmarks.machine import Bystanders
from tests.benchmarks.text_columns import Number, joined, render

# The sizes and the numbers of a case, a thousandth as large.
_SMALL = DetectionData(shape=ILSVRC_DET, scale=0.001)


@pytest.fixture(scope="module")
def detection(tmp_path_factory: pytest.TempPathFactory) -> DetectionFiles:
    return make_detection_data(tmp_path_factory.mktemp("detection") / "data", _SMALL)


def test_columns_are_written_as_python_formats_numbers() -> None:
    units = np.array([0, 5, 70, 100, 12_345, 99_999])
    line = [*joined((Number(units=units, decimals=d) for d in (0, 2, 5)), b" "), b"\n"]
    assert render(line).decode().splitlines() == [f"{u} {u / 100:.2f} {u / 100_000:.5f}" for u in units]


def test_each_row_may_show_fewer_decimals() -> None:
    number = Number(units=np.array([500_000, 123_456]), decimals=6, shown=np.array([4, 6]))
    assert render([number, b";"]) == b"0.5000;0.123456;"


def test_a_negative_number_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        render([Number(units=np.array([-1])), b"\n"])


def test_the_kit_and_the_coco_file_hold_the_same_detections(detection: DetectionFiles) -> None:
    kit = np.loadtxt(detection.predictions)
    coco = json.loads(detection.coco_results.read_text())
    assert len(kit) == len(coco) == 4000
    boxes = np.array([row["bbox"] for row in coco])
    names = ("image_id", "category_id", "score")
    assert np.array_equal(kit[:, :3], [[row[name] for name in names] for row in coco])
    assert np.array_equal(kit[:, 3:5], boxes[:, :2])
    assert np.allclose(kit[:, 5:] - kit[:, 3:5] + 1, boxes[:, 2:], rtol=0, atol=1e-9)


def test_confidences_tie_in_part_and_have_four_to_six_decimals(detection: DetectionFiles) -> None:
    texts = [line.split()[2] for line in detection.predictions.read_text().splitlines()]
    assert {len(text) - len("0.") for text in texts} == {4, 5, 6}
    assert 0.5 < len(set(texts)) / len(texts) < 1


def test_the_round_and_the_coco_truth_hold_the_same_boxes(detection: DetectionFiles, tmp_path: Path) -> None:
    public, truth = open_round(detection.round_folder, cache=tmp_path)
    annotations = json.loads(detection.coco_truth.read_text())["annotations"]
    assert len(public.images) == 40
    assert len(public.classes) == 200
    assert truth.boxes is not None
    assert len(truth.boxes.corners) == len(annotations) > 40


def test_the_same_seed_makes_the_same_bytes(detection: DetectionFiles, tmp_path: Path) -> None:
    again = make_detection_data(tmp_path / "again", _SMALL)
    for name in ("predictions", "coco_truth", "coco_results"):
        assert getattr(again, name).read_bytes() == getattr(detection, name).read_bytes()


def test_another_entry_predicts_something_else_for_the_same_truth(detection: DetectionFiles, tmp_path: Path) -> None:
    other = make_detection_data(tmp_path / "other", replace(_SMALL, entry=2))
    assert other.coco_truth.read_bytes() == detection.coco_truth.read_bytes()
    assert other.predictions.read_bytes() != detection.predictions.read_bytes()


def test_parts_share_out_all_images_and_lines() -> None:
    data = DetectionData(shape=ILSVRC_VID, scale=0.999)
    assert len(data.parts) == 5
    assert sum(part.lines for part in data.parts) == data.lines
    assert sum(part.images for part in data.parts) == data.images
    ends = [part.first_image + part.images for part in data.parts]
    assert [1, *ends] == [*(part.first_image for part in data.parts), data.images + 1]


def test_a_part_predicts_for_its_own_images_alone() -> None:
    parts = (
        Part(number=0, first_image=1, images=30, lines=500),
        Part(number=1, first_image=31, images=20, lines=300),
    )
    shares = class_shares(ILSVRC_DET)
    truth = Truth.joined([sampled_truth(ILSVRC_DET, part, shares=shares) for part in parts])
    look = Look(shares=shares, decimals=2, entry=1)
    for part in parts:
        images = sampled_lines(ILSVRC_DET, part, truth=truth, look=look).boxes.images
        assert len(images) == part.lines
        assert (np.diff(images) >= 0).all()
        assert part.first_image <= images[0] <= images[-1] < part.first_image + part.images


def test_crowds_and_areas_of_outlines_are_in_the_coco_truth(tmp_path: Path) -> None:
    files = make_detection_data(tmp_path / "data", DetectionData(shape=COCO_VAL, scale=0.02))
    annotations = json.loads(files.coco_truth.read_text())["annotations"]
    filled = [row["area"] / (row["bbox"][2] * row["bbox"][3]) for row in annotations]
    assert 0.29 < min(filled) < max(filled) < 0.91
    assert 0 < sum(row["iscrowd"] for row in annotations) < len(annotations) / 20
    small = sum(row["area"] < 32**2 for row in annotations) / len(annotations)
    assert 0.3 < small < 0.6


def test_a_line_of_guesses_never_names_a_class_twice(tmp_path: Path) -> None:
    make_classification_data(tmp_path / "data", scale=0.01, seed=3)
    guesses = np.loadtxt(tmp_path / "data" / "predictions.txt", dtype=int)
    assert guesses.shape == (1000, GUESSES)
    assert (np.diff(np.sort(guesses, axis=1), axis=1) > 0).all()
    assert len(open_round(tmp_path / "data" / "round", cache=tmp_path)[0].images) == 1000


@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
def test_the_memory_of_everything_a_command_starts_counts(tmp_path: Path) -> None:
    hold = "import sys; held = bytearray(b'x') * 150_000_000; print(len(held), flush=True); sys.stdin.read(1)"
    start_two = (
        "import subprocess, sys; run = [sys.executable, '-c', sys.argv[1]];"
        "two = [subprocess.Popen(run, stdin=subprocess.PIPE, stdout=subprocess.PIPE) for _ in range(2)];"
        "[each.stdout.readline() for each in two];"  # both hold their memory
        "sys.stdin.read(1); [each.communicate(b'.') for each in two]; sys.exit(7)"
    )
    report = tmp_path / "report.json"
    command = [sys.executable, "-I", "-S", measured.__file__, str(report), sys.executable, "-c", start_two, hold]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        while sum(map(measured.resident_bytes, measured.tree(process.pid))) < 300_000_000:
            assert process.poll() is None
        process.stdin.write(b".")
    assert process.returncode == 7
    figures = json.loads(report.read_text())
    assert figures["peak_bytes"] > 150_000_000  # the larger of the two at least, without any look at the tree
    assert figures["seconds"] > 0


@pytest.mark.skipif(sys.platform != "linux", reason="processor time is read from /proc")
def test_the_share_of_bystanders_is_a_share() -> None:
    assert 0 <= Bystanders().share() <= 1
