from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from scoring.findings import FindingLog
from scoring.formats.label_lines import GuessColumns
from scoring.formats.located_lines import LocatedLines
from scoring.formats.windows import SPARE_BYTES, Window
from tests.scoring.making import classes_of, errors, findings, public_round

PUBLIC = public_round("cls-loc", images=2, classes=classes_of((2, 3, 5)))


def columns_of(text: str) -> GuessColumns:
    reader, log, raw = LocatedLines(PUBLIC), FindingLog(), text.encode()
    window = Window(data=np.frombuffer(raw + b"\n" * SPARE_BYTES, dtype=np.uint8), size=len(raw))
    columns = reader.accept(reader.parse(window), log)
    reader.finish(log)
    assert not log.has_errors
    assert reader.line_count == 2
    return columns


def guesses_of(text: str) -> list[list[tuple[int, list[float]]]]:
    columns = columns_of(text)
    assert columns.boxes is not None
    return [
        [((2, 3, 5)[label], box) for label, box in zip(labels, boxes, strict=True) if label >= 0]
        for labels, boxes in zip(columns.labels.tolist(), columns.boxes.tolist(), strict=True)
    ]


def test_each_group_is_a_label_and_four_corners() -> None:
    assert guesses_of("5 1 2 3 4\n2 10 20.5 30 4e1 3 -1 -2 8 9\n") == [
        [(5, [1, 2, 3, 4])],
        [(2, [10, 20.5, 30, 40]), (3, [-1, -2, 8, 9])],
    ]


def test_the_first_five_groups_count() -> None:
    line = " ".join(f"2 {k} {k} 9 9" for k in range(7))
    assert guesses_of(f"{line}\n3 1 1 2 2\n")[0] == [(2, [k, k, 9, 9]) for k in range(5)]


def test_what_lies_behind_the_fifth_group_need_not_make_sense_as_a_class() -> None:
    line = "2 1 1 9 9 " * 5 + "99 1 1 1e9 1"
    assert guesses_of(f"{line}\n3 1 1 2 2\n")[0] == [(2, [1, 1, 9, 9])] * 5


def test_groups_of_zeros_fill_up_a_line() -> None:
    assert guesses_of("5 1 2 3 4 0 0 0 0 0 0 0 0 0 0\n2 1 1 2 2\n")[0] == [(5, [1, 2, 3, 4])]


def test_wnids_stand_for_classes_but_not_for_corners(tmp_path: Path) -> None:
    assert guesses_of("n00008995 1 2 3 4\nn00008998 1 1 2 2\n") == [[(5, [1, 2, 3, 4])], [(2, [1, 1, 2, 2])]]
    told = errors(PUBLIC, "2 1 2 3 n00008998\n2 1 1 2 2\n", tmp_path)
    assert told == [("not-numeric", 1, "n00008998")]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("5 1 2 3", [("column-count", "4 numbers")]),
        ("5", [("column-count", "1 numbers")]),
        ("5 1 2 3 4 2", [("column-count", "6 numbers")]),
        ("5 1 2 3 x 9", [("column-count", "6 numbers"), ("not-numeric", "x"), ("unknown-class", "9")]),
        ("x 1 2 3 4", [("not-numeric", "x")]),
        ("5 1 nan 3 4", [("not-a-number", "nan")]),
        ("5 1 2 3 1e999", [("infinite", "1e999")]),
        ("4 1 2 3 4", [("unknown-class", "4")]),
        ("0 1 2 3 4", [("unknown-class", "0")]),
        ("0 0 0 0 0", [("unknown-class", "0")]),
        ("2 1 2 3 4 0 0 0 0 0 3 1 2 3 4", [("unknown-class", "0")]),
        ("5 1 2 3 10000001", [("coordinate-range", "10000001")]),
        ("5 -1e8 2 3 4", [("coordinate-range", "-1e8")]),
        ("2 1 2 3 4 " * 5 + "2 1 2 3 x", [("not-numeric", "x")]),
    ],
)
def test_a_faulty_line_is_told_with_its_number_and_the_text(
    line: str, found: list[tuple[str, str]], tmp_path: Path
) -> None:
    assert errors(PUBLIC, f"2 1 1 9 9\n{line}\n", tmp_path) == [(code, 2, value) for code, value in found]


@pytest.mark.parametrize("corner", ["1e7", "-1e7", "9999999.5"])
def test_corners_up_to_ten_million_are_allowed(corner: str, tmp_path: Path) -> None:
    assert errors(PUBLIC, f"2 1 1 {corner} 9\n2 1 1 2 2\n", tmp_path) == []


def test_odd_boxes_are_noticed_and_kept(tmp_path: Path) -> None:
    text = "2 9 9 1 1 3 5 5 5 5 2 -3 1 9 9\n2 3 3 -0.0 4 0 0 0 0 0\n"
    found = findings(PUBLIC, text, tmp_path)
    assert {code: finding.count for code, finding in found.items()} == {
        "box-inverted": 2, "box-one-pixel": 1, "coordinate-negative": 1, "tiny-numbers": 1, "fewer-guesses": 2,
        "label-twice": 1, "zero-padding": 1,
    }  # fmt: skip


def test_boxes_that_are_mostly_inverted_look_like_x_y_w_h(tmp_path: Path) -> None:
    assert "x y w h" in findings(PUBLIC, "2 90 90 10 10\n2 50 50 20 20\n", tmp_path)["box-inverted"].advice
    assert "smaller corner" in findings(PUBLIC, "2 90 90 10 10\n2 1 1 2 2\n", tmp_path)["box-inverted"].advice


def test_boxes_within_0_and_1_look_normalised(tmp_path: Path) -> None:
    assert findings(PUBLIC, "2 0.1 0.2 0.5 1\n3 0 0 1 1\n", tmp_path)["coordinates-normalised"].count == 2
    assert "coordinates-normalised" not in findings(PUBLIC, "2 0.1 0.2 0.5 1\n3 0 0 2 1\n", tmp_path)
