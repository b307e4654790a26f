"""`heldout round selftest`: a table, a document, and exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from server.cli.main import main
from tests.scoring.making import write_round

BASELINE = '[[baselines]]\nfile = "ants.txt"\nmethod = "All ants"\nscores = {{ top1_error = {0} }}\n'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HELDOUT_CACHE", str(tmp_path / "cache"))
    return write_round(tmp_path / "round", "cls", {"baselines.toml": BASELINE.format(0.667), "ants.txt": "1\n1\n1\n"})


def test_a_round_that_scores_as_it_must_is_said_to(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["round", "selftest", str(folder)]) == 0
    told = capsys.readouterr().out
    assert "All ants" in told and "0.00000" in told and "Every file scores as it must." in told


def test_what_does_not_ends_with_2_and_says_why(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "baselines.toml").write_text(BASELINE.format(0.5))
    assert main(["round", "selftest", str(folder), "--format", "json"]) == 2
    document = json.loads(capsys.readouterr().out)
    assert (document["round"], document["task"], document["is_right"]) == ("small", "cls", False)
    assert [one["name"] for one in document["files"] if one["faults"]] == ["All ants"]
    assert main(["round", "selftest", str(folder)]) == 2


def test_a_faulty_folder_is_told_as_ever(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "ants.txt").unlink()
    assert main(["round", "selftest", str(folder)]) == 2
    assert "baselines.1.file" in "".join(capsys.readouterr())
