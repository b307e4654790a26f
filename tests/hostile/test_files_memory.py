"""Big files, and files that unpack to big ones: refused, or read, within little memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from scoring.formats.archives import BOMB_BYTES, HashedFile, UnreadableFile, unpacked_chunks
from tests.hostile.bad_packing import bomb_bytes
from tests.hostile.big_files import BIG_FILES
from tests.hostile.conftest import Rounds
from tests.hostile.packed import PACKERS
from tests.hostile.samples import TIGHT_UNPACKED_BYTES, valid_text

MAX_GROWN_BYTES = 512 << 20
REPOSITORY = Path(__file__).parents[2]

# A reader takes a megabyte at a time, and a packer's block may come on top.
SLACK_BYTES = 3 << 20


@pytest.mark.parametrize("task", ["cls", "cls-loc", "det"])
def test_big_files_are_read_in_less_than_512_mebibytes(task: str, rounds: Rounds, tmp_path: Path) -> None:
    chosen = {name: big for name, big in BIG_FILES.items() if task in big.codes}
    for name, big in chosen.items():
        big.write(task, tmp_path / name)
    small = rounds.file(valid_text(task).encode())

    done = subprocess.run(
        [sys.executable, "-m", "tests.hostile.peaks", str(rounds.folder(task)), str(small), *map(str, _files(tmp_path))],
        capture_output=True, text=True, check=False, cwd=REPOSITORY, env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert {answer["file"]: set(answer["codes"]) for answer in answers} == {
        name: big.codes[task] for name, big in chosen.items()
    }
    assert all(answer["grown_bytes"] < MAX_GROWN_BYTES for answer in answers), answers


@pytest.mark.parametrize("kind", PACKERS)
@pytest.mark.parametrize(("is_tight", "most_bytes"), [(False, BOMB_BYTES), (True, TIGHT_UNPACKED_BYTES)])
def test_a_bomb_is_unpacked_no_further_than_its_cap(kind: str, is_tight: bool, most_bytes: int, rounds: Rounds) -> None:
    content = bomb_bytes(kind)
    path = rounds.file(content)
    policy = rounds.opened["det", is_tight][0].policy
    unpacked = 0

    with path.open("rb") as stream, pytest.raises(UnreadableFile) as refusal:
        for chunk in unpacked_chunks(HashedFile(stream), path, policy):
            unpacked += len(chunk)

    assert refusal.value.finding.code == "too-large"
    assert unpacked <= most_bytes + SLACK_BYTES


def _files(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())
