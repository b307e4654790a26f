"""`validate`, `score` and `round kit`: without a server, exact in what they write and how they end."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from server.cli.main import main
from tests.server.making import predictions, write_round


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HELDOUT_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def round_folder(tmp_path: Path) -> Path:
    return write_round(tmp_path / "round")


@pytest.fixture
def good(tmp_path: Path) -> Path:
    file = tmp_path / "good.txt"
    file.write_bytes(predictions(right=3))
    return file


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    file = tmp_path / "bad.txt"
    file.write_bytes(b"1 2 3\nnot a class\n99\n")
    return file


def test_score_writes_one_json_document_and_nothing_else(
    round_folder: Path, good: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["score", str(round_folder), str(good), "--format", "json"]) == 0
    written = capsys.readouterr()
    document = json.loads(written.out)
    assert set(document) == {
        "task", "round", "scores", "counts", "per_class", "findings", "predictions", "truth", "scorer",
    }  # fmt: skip
    assert document["scores"]["top1_error"] == 0.5
    assert len(document["per_class"]) == 7
    assert written.err == ""


def test_score_shows_a_person_the_metrics_with_their_direction(
    round_folder: Path, good: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["score", str(round_folder), str(good)]) == 0
    out = capsys.readouterr().out
    assert "top-1 error" in out
    assert "0.500000" in out
    assert "lower is better" in out


@pytest.mark.parametrize("command", ["validate", "score"])
def test_invalid_predictions_end_with_3_and_the_same_findings(
    command: str, round_folder: Path, bad: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([command, str(round_folder), str(bad), "--format", "json"]) == 3
    findings = json.loads(capsys.readouterr().out)["findings"]
    assert {finding["line"] for finding in findings} >= {2, 3}
    assert main([command, str(round_folder), str(bad)]) == 3
    shown = capsys.readouterr().out
    for finding in findings:
        assert finding["message"] in shown
        assert finding["advice"] in shown


def test_notices_alone_end_with_0(round_folder: Path, good: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good.write_bytes(good.read_bytes().replace(b" ", b"\t"))
    assert main(["validate", str(round_folder), str(good), "--format", "json"]) == 0
    findings = json.loads(capsys.readouterr().out)["findings"]
    assert [finding["severity"] for finding in findings] == ["notice"]


def test_a_kit_validates_like_its_round_and_cannot_score(
    round_folder: Path, good: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kit = tmp_path / "kit.zip"
    assert main(["round", "kit", str(round_folder), "-o", str(kit)]) == 0
    assert main(["validate", str(round_folder), str(good), "--format", "json"]) == 0
    of_round = capsys.readouterr().out.partition("{")[2]
    assert main(["validate", str(kit), str(good), "--format", "json"]) == 0
    assert capsys.readouterr().out.partition("{")[2] == of_round
    assert main(["score", str(kit), str(good)]) == 2


def test_a_faulty_round_ends_with_2_and_all_its_faults(
    round_folder: Path, good: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (round_folder / "round.toml").read_text()
    (round_folder / "round.toml").write_text(text.replace('task = "cls"', 'task = "clz"').replace("count = 6", ""))
    assert main(["score", str(round_folder), str(good), "--format", "json"]) == 2
    written = capsys.readouterr()
    error = json.loads(written.out)["error"]
    assert error["code"] == "faulty-round"
    assert len(error["details"]["faults"]) >= 2
    for fault in error["details"]["faults"]:
        assert fault["file"] in written.err
        assert fault["message"] in written.err


@pytest.mark.parametrize(
    "arguments",
    [
        ["score"],
        ["score", "nowhere", "nothing.txt"],
        ["nonsense"],
        ["score", ".", "nothing.txt"],
        ["validate", "--format", "xml"],
        ["serve", "--port", "99999999"],
    ],
)
def test_wrong_arguments_end_with_2(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    assert "Usage" in capsys.readouterr().err


def test_a_disk_that_refuses_is_told_without_a_traceback(
    round_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["round", "kit", str(round_folder), "-o", str(tmp_path / "no" / "folder" / "kit.zip")]) == 2
    assert "kit.zip" in capsys.readouterr().err


def test_every_command_explains_itself(capsys: pytest.CaptureFixture[str]) -> None:
    commands = ["serve", "demo", "validate", "score", "login", "submit", "submissions", "board", "quota", "warmup"]
    for arguments in ([], *([command] for command in commands), ["round"], ["round", "open"], ["round", "kit"]):
        assert main([*arguments, "--help"]) == 0
        assert "--help" in capsys.readouterr().out
    main(["--help"])
    listed = capsys.readouterr().out
    assert all(command in listed for command in (*commands, "round"))


def test_warmup_makes_the_kernels_ready(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["warmup"]) == 0
    assert "Ready" in capsys.readouterr().out


def test_score_of_one_split_needs_the_seed_and_both_halves_make_the_whole(
    tmp_path: Path, good: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write_round(tmp_path / "split", public_share=0.5)
    given = ["score", str(folder), str(good), "--format", "json"]
    assert main([*given, "--split", "private"]) == 2
    assert "split_seed" in capsys.readouterr().err
    toml = folder / "round.toml"
    toml.write_text(toml.read_text().replace("[truth]", '[truth]\nsplit_seed = "5f1c"'))
    counts = {}
    for split in ("all", "public", "private"):
        assert main([*given, "--split", split]) == 0
        document = json.loads(capsys.readouterr().out)
        assert document.get("split", "all") == split
        counts[split] = document["counts"]
    assert counts["public"]["images"] + counts["private"]["images"] == counts["all"]["images"] == 6
    assert counts["public"]["top1_wrong"] + counts["private"]["top1_wrong"] == counts["all"]["top1_wrong"] == 3


def test_a_split_is_that_of_the_truth_it_was_drawn_from(
    tmp_path: Path, good: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    opened = write_round(tmp_path / "opened", public_share=0.5)
    corrected = write_round(tmp_path / "corrected", public_share=0.5, labels=(1, 2, 3, 4, 5, 1))
    for folder in (opened, corrected):
        toml = folder / "round.toml"
        toml.write_text(toml.read_text().replace("[truth]", '[truth]\nsplit_seed = "5f1c"'))
    asked = [str(good), "--format", "json", "--split", "public"]
    images = []
    for given in ([str(opened)], [str(corrected), "--drawn-from", str(opened)], [str(corrected)]):
        assert main(["score", *given, *asked]) == 0
        images.append([row["images"] for row in json.loads(capsys.readouterr().out)["per_class"]])
    assert images[1] == [images[0][0] + images[0][5], *images[0][1:5], 0, 0] != images[2]
    other = write_round(tmp_path / "other", public_share=0.5)
    (other / "round.toml").write_text((opened / "round.toml").read_text().replace("count = 6", "count = 5"))
    (other / "truth.txt").write_text("1\n2\n3\n4\n5\n")
    assert main(["score", str(corrected), *asked, "--drawn-from", str(other)]) == 2
    assert "other images" in capsys.readouterr().err
