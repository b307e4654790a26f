"""The table of bad files through `validate`, in process and as a command."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from scoring.findings import Report
from server.cli.exits import Exit
from server.cli.main import main
from tests.hostile.bad_file import BadFile
from tests.hostile.bad_files import BAD_FILES, representatives
from tests.hostile.conftest import Rounds
from tests.hostile.left_out import KINDS, LEFT_OUT, ROWS, covered, left_out
from tests.hostile.mutations.trial import assert_readable
from tests.hostile.samples import EVERY_TASK

EVERY_FILE = [pytest.param(task, bad, id=f"{task}, {bad}") for bad in BAD_FILES for task in bad.tasks]
SOME_FILES = [pytest.param(task, bad, id=f"{task}, {bad}") for task, bad in representatives()]


def test_every_row_is_one_of_the_table() -> None:
    assert {bad.row for bad in BAD_FILES} == {0, *ROWS}


@pytest.mark.parametrize("row", ROWS)
def test_a_row_has_a_file_for_every_task_in_every_format_that_is_not_left_out_with_a_reason(row: int) -> None:
    assert sorted(KINDS - covered(row, BAD_FILES) - left_out(row)) == []


@pytest.mark.parametrize("row", ROWS)
def test_what_is_left_out_of_a_row_has_no_file(row: int) -> None:
    assert sorted(left_out(row) & covered(row, BAD_FILES)) == []


@pytest.mark.parametrize(("row", "number"), [(row, number) for row in LEFT_OUT for number in range(len(LEFT_OUT[row]))])
def test_every_reason_to_leave_out_is_of_something(row: int, number: int) -> None:
    one = LEFT_OUT[row][number]
    others = [other.kinds() for place, other in enumerate(LEFT_OUT[row]) if place != number]
    assert one.kinds() - frozenset[tuple[str, str]]().union(*others)
    assert one.reason


def test_every_files_task_takes_its_format() -> None:
    assert {kind for row in (0, *ROWS) for kind in covered(row, BAD_FILES)} == KINDS


def test_a_row_without_its_files_of_one_format_is_a_hole() -> None:
    files = [bad for bad in BAD_FILES if (bad.row, bad.encoding) != (42, "kaggle")]
    assert KINDS - covered(42, files) - left_out(42) == {("cls", "kaggle"), ("cls-loc", "kaggle")}


@pytest.mark.parametrize(("task", "bad"), EVERY_FILE)
def test_a_bad_file_is_answered_with_what_is_wrong_where_and_how_to_mend_it(
    task: str, bad: BadFile, rounds: Rounds
) -> None:
    assert_is_as_expected(bad, rounds.validate_bad(task, bad).report)


@pytest.mark.parametrize(("task", "bad"), SOME_FILES)
def test_the_command_says_what_the_library_says(
    task: str, bad: BadFile, rounds: Rounds, capsys: pytest.CaptureFixture[str]
) -> None:
    checked = rounds.validate_bad(task, bad)

    exit_code, document = run_command(rounds, task, bad, capsys)
    assert exit_code == (Exit.DONE if bad.outcome == "noticed" else Exit.INVALID)
    assert document["findings"] == checked.report.as_json()
    assert document["predictions"] == checked.as_json()


@pytest.mark.parametrize("task", EVERY_TASK)
def test_the_installed_command_refuses_a_bad_file_with_exit_code_3(task: str, rounds: Rounds) -> None:
    file = rounds.file(b"1_000\n\xe9\n")
    command = [sys.executable, "-m", "server.cli.main"]

    done = subprocess.run([*command, "validate", str(rounds.folder(task)), str(file)], capture_output=True, check=False)

    assert done.returncode == Exit.INVALID
    assert done.stderr == b""
    assert b"not valid" in done.stdout


def assert_is_as_expected(bad: BadFile, report: Report) -> None:
    found = report.notices if bad.outcome == "noticed" else report.errors
    assert report.is_valid == (bad.outcome == "noticed")
    assert {finding.code for finding in found} == bad.codes
    assert_readable(report.findings)
    if found:
        first = found[0]
        assert bad.line is None or first.line == bad.line
        assert bad.value in (first.value or "")
        assert bad.message in first.message
        assert bad.advice in first.advice


def run_command(
    rounds: Rounds, task: str, bad: BadFile, capsys: pytest.CaptureFixture[str]
) -> tuple[int, dict[str, object]]:
    """Exit code and output of `heldout validate --format json`."""
    folder = rounds.folder(task, is_tight=bad.is_for_tight_round)
    rounds.file(bad.make(task))
    exit_code = main(["validate", str(folder), str(rounds.root / "sent"), "--format", "json"])
    captured = capsys.readouterr()
    assert "Traceback" not in captured.err
    return exit_code, json.loads(captured.out)
