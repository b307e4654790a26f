"""What the short way to `score` and `validate` takes for itself, and what it leaves to the parser."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from server.cli.main import main
from server.cli.offline import plain_request
from tests.server.making import predictions, write_round


@pytest.fixture
def round_and_file(tmp_path: Path) -> tuple[str, str]:
    file = tmp_path / "predictions.txt"
    file.write_bytes(predictions())
    return str(write_round(tmp_path / "round")), str(file)


@pytest.mark.parametrize("command", ["score", "validate"])
@pytest.mark.parametrize("options", [[], ["--format", "json"], ["--format=table"]])
def test_a_round_a_file_and_perhaps_a_format_go_the_short_way(
    command: str, options: list[str], round_and_file: tuple[str, str]
) -> None:
    assert plain_request([command, *round_and_file, *options]) is not None


@pytest.mark.parametrize(
    "line",
    [
        "", "--help", "score --help", "score ROUND", "score ROUND FILE FILE", "score ROUND FILEx", "score ROUNDx FILE",
        "score ROUND ROUND", "score ROUND FILE --explain", "score ROUND FILE --format", "score ROUND FILE --format xml",
        "score ROUND FILE --format json --format=json", "board ROUND FILE", "submit ROUND -f FILE",
    ],
)  # fmt: skip
def test_everything_else_is_left_to_the_parser(line: str, round_and_file: tuple[str, str]) -> None:
    where, file = round_and_file
    assert plain_request([part.replace("ROUND", where).replace("FILE", file) for part in line.split()]) is None


@pytest.mark.parametrize("command", ["score", "validate"])
@pytest.mark.parametrize("form", ["json", "table"])
def test_both_ways_write_the_same(
    command: str, form: str, round_and_file: tuple[str, str], capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path,
) -> None:  # fmt: skip
    monkeypatch.setenv("HELDOUT_CACHE", str(tmp_path / "cache"))
    arguments = [command, *round_and_file, "--format", form]
    assert main(arguments) == 0
    short = capsys.readouterr()
    monkeypatch.setattr("server.cli.main.plain_request", lambda _: None)
    assert main(arguments) == 0
    assert capsys.readouterr() == short
    Path(round_and_file[1]).write_text("x\n")
    assert main(arguments) == 3
    monkeypatch.undo()
    monkeypatch.setenv("HELDOUT_CACHE", str(tmp_path / "cache"))
    parsed = capsys.readouterr()
    assert main(arguments) == 3
    assert capsys.readouterr() == parsed


def score_into(output: int, round_and_file: tuple[str, str]) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "server.cli.main", "score", *round_and_file, "--format", "json"]
    return subprocess.run(command, stdout=output, stderr=subprocess.PIPE, check=False)


def test_a_reader_that_goes_away_is_no_fault(round_and_file: tuple[str, str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = score_into(writing, round_and_file)
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_an_output_that_is_full_is_told(round_and_file: tuple[str, str]) -> None:
    with Path("/dev/full").open("wb") as full:
        done = score_into(full.fileno(), round_and_file)
    assert done.returncode == 2
    assert done.stderr.startswith(b"error: No space left on device")
    assert b"Traceback" not in done.stderr
