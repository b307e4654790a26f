from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.findings import FindingLog
from scoring.formats.label_lines import LabelLines
from scoring.formats.windows import SPARE_BYTES, WINDOW_LINES, Window
from tests.scoring.making import checked, classes_of, errors, findings, public_round

CLASSES = (2, 3, 5, 7)


def guesses_of(text: str) -> list[list[int]]:
    """The guessed class ids of each image, without those that are none."""
    classes = classes_of(CLASSES)
    reader = LabelLines(public_round("cls", images=text.count("\n"), classes=classes))
    log = FindingLog()
    raw = text.encode()
    window = Window(data=np.frombuffer(raw + b"\n" * SPARE_BYTES, dtype=np.uint8), size=len(raw))
    labels = reader.accept(reader.parse(window), log).labels
    reader.finish(log)
    assert not log.has_errors
    return [[CLASSES[label] for label in row if label >= 0] for row in labels.tolist()]


def test_each_line_gives_the_guesses_of_one_image_in_its_order() -> None:
    assert guesses_of("7 2\n3\n5 5 5\n") == [[7, 2], [3], [5, 5, 5]]


def test_guesses_beyond_the_fifth_are_ignored() -> None:
    assert guesses_of("7 2 3 5 7 2 3\n2 2 2 2 2 99\n") == [[7, 2, 3, 5, 7], [2] * 5]


def test_zeros_fill_up_the_end_of_a_line() -> None:
    assert guesses_of("7 0 0 0 0\n2 3 0\n") == [[7], [2, 3]]


def test_ids_may_be_written_as_decimals_and_classes_as_wnids() -> None:
    assert guesses_of("7.0 2.00 3e0\n+5\n") == [[7, 2, 3], [5]]
    assert guesses_of("n00008993 n00008998\nn00008997\n") == [[7, 2], [3]]


@given(st.lists(st.lists(st.sampled_from(CLASSES), min_size=1, max_size=7), min_size=1, max_size=20))
def test_what_was_written_is_read(lines: list[list[int]]) -> None:
    text = "".join(" ".join(map(str, line)) + "\n" for line in lines)
    assert guesses_of(text) == [line[:5] for line in lines]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("9", [("unknown-class", "9")]),
        ("4 1", [("unknown-class", "4"), ("unknown-class", "1")]),
        ("2.5", [("unknown-class", "2.5")]),
        ("-2", [("unknown-class", "-2")]),
        ("1e300", [("unknown-class", "1e300")]),
        ("n00000001", [("unknown-class", "n00000001")]),
        ("0", [("unknown-class", "0")]),
        ("0 2", [("unknown-class", "0")]),
        ("2 0 3", [("unknown-class", "0")]),
        ("x", [("not-numeric", "x")]),
        ("2 x 9", [("not-numeric", "x"), ("unknown-class", "9")]),
        ("2 2 2 2 2 x", [("not-numeric", "x")]),
        ("1_000", [("not-numeric", "1_000")]),
        ("cat", [("not-numeric", "cat")]),
        ("nan", [("not-a-number", "nan")]),
        ("-Infinity", [("infinite", "-Infinity")]),
        ("1e400", [("infinite", "1e400")]),
        ("9" * 5000, [("infinite", "9" * 79 + "…")]),
        ("٣", [("not-ascii", "٣")]),
        ("３", [("not-ascii", "３")]),
        ("2\x003", [("nul-byte", "2\\x003")]),
        (b"caf\xe9", [("not-utf8", "caf\\xe9")]),
    ],
)
def test_a_faulty_line_is_told_with_its_number_and_the_text(
    line: str | bytes, found: list[tuple[str, str]], tmp_path: Path
) -> None:
    raw = line if isinstance(line, bytes) else line.encode()
    public = public_round("cls", images=4, classes=classes_of(CLASSES))
    told = [(code, value, number) for code, number, value in errors(public, b"2\n\n3\n" + raw + b"\n", tmp_path)]
    assert ("blank-line", None, 2) in told
    told.remove(("blank-line", None, 2))
    # wnids and ids side by side are a fault of their own
    assert [entry for entry in told if entry[0] != "mixed-names"] == [(code, value, 4) for code, value in found]


def test_all_faults_of_a_file_are_told_together(tmp_path: Path) -> None:
    public = public_round("cls", images=5, classes=classes_of(CLASSES))
    assert errors(public, "x 9\n\n2\n٣\n", tmp_path) == [
        ("not-numeric", 1, "x"), ("unknown-class", 1, "9"), ("blank-line", 2, None), ("line-count", 4, "4 lines"),
        ("not-ascii", 4, "٣"),
    ]  # fmt: skip


def test_the_advice_for_an_unknown_class_names_the_ids_there_are(tmp_path: Path) -> None:
    public = public_round("cls", images=1, classes=classes_of(CLASSES))
    assert "2 to 7" in findings(public, "1\n", tmp_path)["unknown-class"].advice


@pytest.mark.parametrize("text", ["0\n1\n2\n", "0 1\n2 1\n1 2\n"])
def test_ids_that_run_from_0_are_told_to_look_so(text: str, tmp_path: Path) -> None:
    found = findings(public_round("cls"), text, tmp_path)
    assert "from 0 to 2" in found["zero-based"].advice


def test_ids_that_may_run_from_0_are_noticed_where_zeros_may_as_well_fill_up_lines(tmp_path: Path) -> None:
    found = findings(public_round("cls"), "1 0\n2 0\n2 1\n", tmp_path)
    assert (found["zero-based"].severity, "from 0 to 2" in found["zero-based"].advice) == ("notice", True)


@pytest.mark.parametrize("text", ["1\n2\n3\n", "1\n4\n2\n", "1 0 0\n3\n2 0\n"])
def test_other_ids_are_not(text: str, tmp_path: Path) -> None:
    assert "zero-based" not in findings(public_round("cls"), text, tmp_path)


def test_wnids_are_noticed_and_a_mix_of_the_two_is_a_fault_with_its_line(tmp_path: Path) -> None:
    public = public_round("cls")
    found = findings(public, "n00008999\nn00008998 0 0\nn00008997 n00008999\n", tmp_path)
    assert (found["wnids"].severity, found["wnids"].count) == ("notice", 4)
    assert errors(public, "n00008999\n0\n2 3\n", tmp_path) == [("unknown-class", 2, "0"), ("mixed-names", 3, "2")]
    assert errors(public, "2\n3 0\n1 n00008999\n", tmp_path) == [("mixed-names", 3, "n00008999")]


def test_a_mix_that_begins_in_the_first_line_is_told_with_the_second_kind(tmp_path: Path) -> None:
    assert errors(public_round("cls"), "2 n00008999\nn00008999\n1\n", tmp_path) == [("mixed-names", 1, "n00008999")]


@pytest.mark.parametrize(("first", "other"), [("1", "n00008999"), ("n00008999", "1")])
def test_a_mix_is_found_where_the_kinds_lie_far_apart(first: str, other: str, tmp_path: Path) -> None:
    lines = 2 * WINDOW_LINES
    text = f"{first}\n" * lines + f"{other}\n"
    public = public_round("cls", images=lines + 1)
    assert errors(public, text, tmp_path) == [("mixed-names", lines + 1, other)]


def test_oddities_are_noticed_and_counted(tmp_path: Path) -> None:
    text = "1\n1 2 3 1 2 3\n1 2 3 2 1\n3 0 0 0 0\n1,2\t3  1 2\n\n\n"
    report = checked(public_round("cls", images=5), text, tmp_path).report
    assert report.is_valid
    counts = {notice.code: notice.count for notice in report.notices}
    assert counts == {
        "fewer-guesses": 1, "more-guesses": 1, "label-twice": 3, "zero-padding": 1, "blank-end": 2,
        "tab-separated": 1, "comma-separated": 1, "many-blanks": 1,
    }  # fmt: skip


def test_lines_are_counted_without_the_blank_ones_at_the_end(tmp_path: Path) -> None:
    assert checked(public_round("cls"), "1\n2\n3\n\n\n", tmp_path).lines == 3
    assert checked(public_round("cls"), "1\n\n3\n4\n\n", tmp_path).lines == 4
