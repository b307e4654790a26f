"""A file wrong in thirty ways is answered with thirty findings."""

from __future__ import annotations

import pytest

from tests.hostile.conftest import Rounds
from tests.hostile.samples import BOX_TASKS, IMAGE_TASKS, joined, wnid_of
from tests.hostile.thirty_faults import CONTENT, FAULTY_LINES, LINES

ANY_IMAGE_LINE = {"cls": "1 2", "cls-loc": "1 0 0 9 9"}


@pytest.mark.parametrize("task", BOX_TASKS)
def test_thirty_faulty_lines_are_thirty_findings_with_their_lines(task: str, rounds: Rounds) -> None:
    errors = rounds.validate(task, CONTENT).report.errors

    assert len(FAULTY_LINES) == 30
    assert [finding.line for finding in errors] == list(LINES)
    assert len({finding.code for finding in errors}) >= 10
    assert sum({finding.code: finding.count for finding in errors}.values()) == 30


@pytest.mark.parametrize("task", BOX_TASKS)
def test_one_line_wrong_in_seven_ways_is_seven_findings(task: str, rounds: Rounds) -> None:
    errors = rounds.validate(task, b"1 1 0.5 0 0 9 9\nx 99 nan 1e9 1_0 inf -\n").report.errors

    assert [(finding.line, finding.value) for finding in errors] == [
        (2, value) for value in ("1e9", "inf", "nan", "x", "1_0", "-", "99")
    ]


@pytest.mark.parametrize("task", BOX_TASKS)
def test_twenty_of_a_kind_are_shown_and_all_are_counted(task: str, rounds: Rounds) -> None:
    errors = rounds.validate(task, b"9 1 0.5 0 0 9 9\n1 99 0.5 0 0 9 9\n1 1 0.5 0 0 9 9\n" * 50_000).report.errors

    for code, first in (("unknown-image", 1), ("unknown-class", 2)):
        of_code = [finding for finding in errors if finding.code == code]
        assert [finding.line for finding in of_code] == list(range(first, first + 60, 3))
        assert {finding.count for finding in of_code} == {50_000}


@pytest.mark.parametrize("task", BOX_TASKS)
def test_an_oddity_of_the_whole_file_is_counted_once_however_long_it_is(task: str, rounds: Rounds) -> None:
    notices = rounds.validate(task, b"1\t1\t0.5\t0\t0\t9\t9\r\n" * 400_000).report.notices

    assert {finding.code: finding.count for finding in notices} == {
        "tab-separated": 1, "line-ends": 1, "confidences-equal": 1, "crowded-image": 1,
    }  # fmt: skip


@pytest.mark.parametrize("task", BOX_TASKS)
def test_the_first_class_of_the_other_kind_is_found_in_a_long_file(task: str, rounds: Rounds) -> None:
    ids, wnid = b"1 1 0.5 0 0 9 9\n" * 400_000, f"1 {wnid_of(3)} 0.5 0 0 9 9\n".encode()

    errors = rounds.validate(task, ids + wnid + ids).report.errors

    assert [(finding.code, finding.line, finding.value) for finding in errors] == [("mixed-names", 400_001, wnid_of(3))]


@pytest.mark.parametrize("task", IMAGE_TASKS)
def test_every_faulty_image_line_is_found(task: str, rounds: Rounds) -> None:
    good = ANY_IMAGE_LINE[task]
    lines = [good.replace("1", token, 1) for token in ("13", "x", "1_0", "nan", "1e400", "0.5")]

    errors = rounds.validate(task, joined(lines).encode()).report.errors

    assert [finding.line for finding in errors] == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("task", IMAGE_TASKS)
def test_a_fault_in_the_last_line_of_a_long_file_is_found_behind_many_others(task: str, rounds: Rounds) -> None:
    good = ANY_IMAGE_LINE[task]
    content = joined([good] * 200_000 + [good.replace("1", "13", 1), good.replace("1", "x", 1)]).encode()

    errors = rounds.validate(task, content).report.errors

    assert [(finding.code, finding.line) for finding in errors] == [
        ("unknown-class", 200_001),
        ("line-count", 200_002),
        ("not-numeric", 200_002),
    ]
