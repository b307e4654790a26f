"""Big files, and files that unpack to big ones: refused, or read, within little memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.hostile.bad_file import valid
from tests.hostile.bad_files import BAD_FILES
from tests.hostile.bad_packing import bomb_bytes
from tests.hostile.big_files import BIG_FILES
from tests.hostile.big_tables import BIG_TABLES
from tests.hostile.conftest import Rounds
from tests.hostile.packed import PACKERS
from tests.hostile.samples import EVERY_TASK

MAX_GROWN_BYTES = 512 << 20
REPOSITORY = Path(__file__).parents[2]


@pytest.mark.parametrize("task", ["cls", "cls-loc", "det", "scene-parsing"])
def test_big_files_are_read_in_less_than_512_mebibytes(task: str, rounds: Rounds, tmp_path: Path) -> None:
    chosen = {name: big for name, big in (BIG_FILES | BIG_TABLES).items() if task in big.codes}
    (tmp_path / "files").mkdir()
    (tmp_path / "small").write_bytes(valid(task))
    for name, big in chosen.items():
        big.write(task, tmp_path / "files" / name)

    answers = peaks([(rounds.folder(task), tmp_path / "small", files_of(tmp_path / "files"))])

    assert {Path(answer["file"]).name: set(answer["codes"]) for answer in answers} == {
        name: big.codes[task] for name, big in chosen.items()
    }
    assert all(answer["grown_bytes"] < MAX_GROWN_BYTES for answer in answers), answers


def test_no_file_of_the_table_takes_512_mebibytes(rounds: Rounds, tmp_path: Path) -> None:
    jobs = []
    for task in EVERY_TASK:
        for is_tight in (False, True):
            folder = tmp_path / f"{task}-{is_tight}"
            folder.mkdir()
            chosen = [bad for bad in BAD_FILES if task in bad.tasks and bad.is_for_tight_round == is_tight]
            for number, bad in enumerate(chosen):
                (folder / str(number)).write_bytes(bad.make(task))
            (tmp_path / f"small-{task}").write_bytes(valid(task))
            jobs.append((rounds.folder(task, is_tight=is_tight), tmp_path / f"small-{task}", files_of(folder)))

    answers = peaks(jobs)

    assert len(answers) == sum(len(bad.tasks) for bad in BAD_FILES)
    assert all(answer["grown_bytes"] < MAX_GROWN_BYTES for answer in answers), answers


def peaks(jobs: Sequence[tuple[Path, Path, Sequence[str]]]) -> list[dict[str, Any]]:
    """What a process of its own says of files: (round, small file, files)."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.hostile.peaks"], input=json.dumps([[str(a), str(b), c] for a, b, c in jobs]),
        capture_output=True, text=True, check=False, cwd=REPOSITORY, env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize("is_tight", [False, True])
@pytest.mark.parametrize("kind", PACKERS)
def test_a_bomb_is_never_unpacked_to_its_end(kind: str, is_tight: bool, rounds: Rounds) -> None:
    checked = rounds.validate("det", damaged_at_its_end(kind), is_tight=is_tight)

    assert [finding.code for finding in checked.report.errors] == ["too-large"]


@pytest.mark.parametrize("kind", PACKERS)
def test_what_stands_at_the_end_is_seen_where_the_caps_allow_it(kind: str, rounds: Rounds) -> None:
    checked = rounds.validate("det", damaged_at_its_end(kind, PACKERS[kind](valid("det"))))

    assert {finding.code for finding in checked.report.errors} <= {"archive-broken", "trailing-data"}
    assert not checked.report.is_valid


def damaged_at_its_end(kind: str, content: bytes | None = None) -> bytes:
    """A bomb, unless another content is given, whose damage shows only to those who unpack all of it."""
    packed = bomb_bytes(kind) if content is None else content
    if kind != "zip":
        return packed + b"garbage"
    end = packed.rindex(b"PK\x01\x02")
    return packed[: end - 5] + bytes([packed[end - 5] ^ 0xFF]) + packed[end - 4 :]


def files_of(folder: Path) -> list[str]:
    return [str(path) for path in sorted(folder.iterdir())]
