"""A truth written as files and read again is the same truth."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from scoring.opening import open_round
from scoring.round_text import round_toml
from scoring.truth import Truth
from scoring.truth_writer import TruthNotWritten, truth_files

SAMPLES = Path(__file__).parents[2] / "data"


@pytest.mark.parametrize("sample", ["digits-cls", "digits-loc", "digits-det"])
def test_sample_rounds_keep_their_digest(sample: str, tmp_path: Path) -> None:
    public, truth = open_round(SAMPLES / sample, cache=tmp_path / "cache")
    section, files = truth_files(truth, images=public.images, classes=public.classes)
    folder = tmp_path / "folder"
    folder.mkdir()
    for path in (SAMPLES / sample).iterdir():
        if path.is_file():
            (folder / path.name).write_bytes(path.read_bytes())
    for name, text in files.items():
        (folder / name).write_text(text)
    table = tomllib.loads((folder / "round.toml").read_text())
    (folder / "round.toml").write_text(round_toml({**table, "truth": section}))
    assert open_round(folder, cache=tmp_path / "other")[1].digest == truth.digest


def test_a_truth_of_another_kind_is_not_written(tmp_path: Path) -> None:
    public, _ = open_round(SAMPLES / "digits-cls", cache=tmp_path / "cache")
    with pytest.raises(TruthNotWritten, match="copy the organizer's folder"):
        truth_files(Truth(task="coco-det", digest=""), images=public.images, classes=public.classes)
