from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from scoring.findings import FindingLog
from scoring.formats.detection_lines import DetectionColumns, DetectionLines
from scoring.formats.object_lines import CROWD
from scoring.formats.unreadable import UnreadableFile
from scoring.formats.windows import SPARE_BYTES, Window
from tests.scoring.making import checked, classes_of, errors, findings, public_round

PUBLIC = public_round("det", images=[1, 4, 9], classes=classes_of((2, 3, 5)))
GOOD = "4 3 0.5 1 2 30 40\n"


def window_of(text: str) -> Window:
    raw = text.encode()
    return Window(data=np.frombuffer(raw + b"\n" * SPARE_BYTES, dtype=np.uint8), size=len(raw))


def columns_of(text: str) -> DetectionColumns:
    reader, log = DetectionLines(PUBLIC), FindingLog()
    columns = reader.accept(reader.parse(window_of(text)), log)
    reader.finish(log)
    assert not log.has_errors
    return columns


def test_a_line_is_one_detection_by_positions_of_image_and_class() -> None:
    columns = columns_of("9 5 0.25 1 2 3.5 4e1\n1 2 -7 0 0 9 9\n")
    assert len(columns) == 2
    assert columns.images.tolist() == [2, 0]
    assert columns.classes.tolist() == [2, 0]
    assert columns.confidences.tolist() == [0.25, -7]
    assert columns.boxes.tolist() == [[1, 2, 3.5, 40], [0, 0, 9, 9]]


def test_indices_may_be_decimals_and_classes_wnids_and_blank_lines_are_skipped(tmp_path: Path) -> None:
    text = "9.0 n00008995 0.25 1 2 3 4\n\n\n1 n00008998 1 0 0 9 9\n"
    columns = columns_of(text)
    assert (columns.images.tolist(), columns.classes.tolist()) == ([2, 0], [2, 0])
    result = checked(PUBLIC, text, tmp_path)
    assert result.lines == 2
    assert {n.code: n.count for n in result.report.notices} == {"blank-lines": 2, "wnids": 2}


def test_minus_zero_is_the_confidence_zero() -> None:
    (confidence,) = columns_of("1 2 -0.0 0 0 9 9\n").confidences
    assert not np.signbit(confidence)


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("1 2 0.5 1 2 3", [("column-count", "1 2 0.5 1 2 3")]),
        ("1 2 0.5 1 2 3 4 5", [("column-count", "1 2 0.5 1 2 3 4 5")]),
        (" 1\t2\r", [("column-count", "1\\t2")]),
        ("1 2 x 1 2 3 4", [("not-numeric", "x")]),
        ("1 2 nan 1 2 3 4", [("not-a-number", "nan")]),
        ("1 2 +Inf 1 2 3 4", [("infinite", "+Inf")]),
        ("1 2 1e400 1 2 3 4", [("infinite", "1e400")]),
        ("x y z 1 2 3 4", [("not-numeric", "x"), ("not-numeric", "y"), ("not-numeric", "z")]),
        ("n00008998 2 0.5 1 2 3 4", [("not-numeric", "n00008998")]),
        ("1 2 0.5 1 2 3 n00008998", [("not-numeric", "n00008998")]),
        ("2 2 0.5 1 2 3 4", [("unknown-image", "2")]),
        ("0 2 0.5 1 2 3 4", [("unknown-image", "0")]),
        ("1.5 2 0.5 1 2 3 4", [("unknown-image", "1.5")]),
        ("-1 2 0.5 1 2 3 4", [("unknown-image", "-1")]),
        ("1e300 2 0.5 1 2 3 4", [("unknown-image", "1e300")]),
        ("1 4 0.5 1 2 3 4", [("unknown-class", "4")]),
        ("1 0 0.5 1 2 3 4", [("unknown-class", "0")]),
        ("1 n00000001 0.5 1 2 3 4", [("unknown-class", "n00000001")]),
        ("1 2 0.5 1 2 3 10000001", [("coordinate-range", "10000001")]),
        ("1 2 0.5 -1e8 2 1e9 4", [("coordinate-range", "-1e8"), ("coordinate-range", "1e9")]),
        ("7 8 nan 1e9 2 3 4", [("unknown-image", "7"), ("unknown-class", "8"), ("not-a-number", "nan"),
                              ("coordinate-range", "1e9")]),
    ],
)  # fmt: skip
def test_a_faulty_line_is_told_with_its_number_and_the_text(
    line: str, found: list[tuple[str, str]], tmp_path: Path
) -> None:
    told = errors(PUBLIC, f"{GOOD}\n{line}\n{GOOD}", tmp_path)
    assert [entry for entry in told if entry[0] != "mixed-names"] == sorted((code, 3, value) for code, value in found)


def test_the_advice_for_an_unknown_image_and_class_says_what_there_is(tmp_path: Path) -> None:
    found = findings(PUBLIC, "2 4 0.5 1 2 3 4\n", tmp_path)
    assert "up to 9" in found["unknown-image"].advice
    assert "2 to 5" in found["unknown-class"].advice


def lines_of(*indices: float, label: int = 2) -> str:
    return "".join(f"{index:.17g} {label} 0.5 1 2 3 4\n" for index in indices)


@pytest.mark.parametrize("task", ["det", "vid"])
def test_a_file_of_another_published_set_is_told_which_it_is(task: str, tmp_path: Path) -> None:
    public = public_round(task, images=20_121)
    found = findings(public, lines_of(1, 40_152, 30_000), tmp_path)["other-split"]
    assert (found.severity, found.value) == ("error", "40152")
    assert "run up to 40,152, those of the round up to 20,121" in found.message
    assert "the test set of ILSVRC DET 2013 and 2014" in found.advice
    assert "VID" in findings(public, lines_of(176_126), tmp_path)["other-split"].advice


def test_an_index_that_no_published_set_ends_with_tells_nothing(tmp_path: Path) -> None:
    public = public_round("det", images=20_121)
    for index in (40_151, 40_153, 40_152.5, -1, 1e300):
        assert "other-split" not in findings(public, lines_of(1, index), tmp_path)
    assert "other-split" not in findings(public_round("det", images=40_152), lines_of(0, 40_152), tmp_path)
    assert "other-split" not in findings(public_round("det", images=60_000), lines_of(0, 20_121), tmp_path)
    assert "other-split" not in findings(public, lines_of(1, label=9), tmp_path)


def test_the_largest_index_is_that_of_any_line_whose_index_can_be_read(tmp_path: Path) -> None:
    public, last = public_round("det", images=20_121), "40152 9 0.5 1 2 3 4\n"
    assert "other-split" in findings(public, last, tmp_path)  # its class is unknown, too
    assert "other-split" not in findings(public, lines_of(30_000) + last.replace("0.5", "x"), tmp_path)


@pytest.mark.parametrize("task", ["det", "vid", "vid-track"])
def test_images_counted_from_0_are_told_to_look_so(task: str, tmp_path: Path) -> None:
    public = public_round(task, images=3)

    def told(*indices: int, labels: tuple[int, ...] = (1, 1)) -> list[str]:
        track = "7 " if task == "vid-track" else ""
        text = "".join(f"{index} {label} {track}0.5 1 2 3 4\n" for index, label in zip(indices, labels, strict=False))
        return [finding.code for finding in checked(public, text, tmp_path).report.errors]

    assert told(0, 2) == ["unknown-image", "zero-based-images"]
    assert told(2, 0) == ["unknown-image", "zero-based-images"]
    assert "zero-based-images" in told(2, 0, labels=(9, 1))  # the line of the last image has another fault
    assert told(0, 1) == told(0, 3) == ["unknown-image"]
    assert told(-1, 2) == ["unknown-image"]
    assert told(1, 2) == []


def test_images_with_indices_of_their_own_are_not_told_to_look_0_based(tmp_path: Path) -> None:
    for images in ([1, 3], [2, 3]):
        text = "".join(f"{index} 2 0.5 1 2 3 4\n" for index in (0, 2))
        assert "zero-based-images" not in findings(public_round("det", images=images), text, tmp_path)


def test_a_mix_of_ids_and_wnids_is_a_fault_with_its_line(tmp_path: Path) -> None:
    text = GOOD + "1 2\n" + GOOD + "1 n00008998 0.5 1 2 3 4\n"
    assert errors(PUBLIC, text, tmp_path) == [("column-count", 2, "1 2"), ("mixed-names", 4, "n00008998")]


def test_classes_counted_from_0_are_told_to_look_so(tmp_path: Path) -> None:
    public = public_round("det", classes=classes_of((1, 2, 3)))
    text = "".join(f"1 {label} 0.5 1 2 3 4\n" for label in (0, 1, 2))
    assert [code for code, _, _ in errors(public, text, tmp_path)] == ["unknown-class", "zero-based"]
    assert [code for code, _, _ in errors(public, text.replace("1 1 0", "1 3 0"), tmp_path)] == ["unknown-class"]


def test_oddities_are_noticed_counted_and_scored(tmp_path: Path) -> None:
    text = "1 2 0.5 9 9 1 1\n1 2 1.5 5 5 5 5\n4 3 -2 -1 0 8 8\n9 5 5e-324 1 1 2 2\n"
    assert {code: finding.count for code, finding in findings(PUBLIC, text, tmp_path).items()} == {
        "box-inverted": 1, "box-one-pixel": 1, "coordinate-negative": 1, "confidence-range": 2, "tiny-numbers": 1,
    }  # fmt: skip


def test_equal_confidences_are_noticed_where_there_are_several(tmp_path: Path) -> None:
    assert "confidences-equal" in findings(PUBLIC, GOOD * 2, tmp_path)
    assert "confidences-equal" not in findings(PUBLIC, GOOD, tmp_path)
    assert "confidences-equal" not in findings(PUBLIC, GOOD + "1 2 0.75 1 2 3 4\n", tmp_path)


def test_boxes_within_0_and_1_look_normalised_and_mostly_inverted_ones_like_x_y_w_h(tmp_path: Path) -> None:
    assert "normalised" in findings(PUBLIC, "1 2 0.5 0 0.1 0.9 1\n", tmp_path)["coordinates-normalised"].advice
    assert "x y w h" in findings(PUBLIC, "1 2 0.5 90 90 10 10\n", tmp_path)["box-inverted"].advice


def test_an_image_with_very_many_detections_is_noticed(tmp_path: Path) -> None:
    assert "crowded-image" not in findings(PUBLIC, GOOD * CROWD, tmp_path)
    assert findings(PUBLIC, GOOD * (CROWD + 1), tmp_path)["crowded-image"].count == 1


@pytest.mark.parametrize("text", ["\n", "\n \n\n"])
def test_a_file_of_blank_lines_alone_is_empty(text: str, tmp_path: Path) -> None:
    reader = DetectionLines(PUBLIC)
    reader.accept(reader.parse(window_of(text)), FindingLog())
    with pytest.raises(UnreadableFile) as caught:
        reader.finish(FindingLog())
    assert caught.value.finding.code == "empty"
    assert errors(PUBLIC, text, tmp_path) == [("empty", None, None)]


def test_more_lines_than_the_cap_are_refused(tmp_path: Path) -> None:
    public = public_round("det", images=[4], classes=classes_of((3,)), max_lines=5)
    assert errors(public, GOOD * 5, tmp_path) == []
    assert errors(public, GOOD * 6, tmp_path) == [("too-large", None, None)]


def test_a_table_separated_by_semicolons_is_told_so(tmp_path: Path) -> None:
    found = checked(PUBLIC, GOOD.replace(" ", ";"), tmp_path).report.errors
    assert [(finding.code, "semicolons" in finding.advice) for finding in found] == [("column-count", True)]
