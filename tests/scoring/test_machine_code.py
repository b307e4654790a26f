from __future__ import annotations

import ctypes
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from scoring.machine_code import MachineCode

SIGNATURES = {"twice": "int64(int64, CPointer(float64), CPointer(float64))"}
MODULE = "tests.scoring.machine_code_kernel"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where compiled code is kept during a test; nothing is there yet."""
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "code"))
    return tmp_path / "code"


def doubled(code: MachineCode) -> list[float]:
    result = np.zeros(3)
    assert code["twice"](3, np.array([1.0, 2.0, 4.5]), result) == 3
    return result.tolist()


def test_a_routine_is_compiled_once_and_kept_for_its_owner_alone(folder: Path) -> None:
    code = MachineCode(MODULE, SIGNATURES)
    assert not code.is_loaded
    assert doubled(code) == [2, 4, 9]
    assert code.is_loaded
    (kept,) = folder.iterdir()
    assert kept.stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700
    before = kept.stat().st_mtime_ns
    assert doubled(MachineCode(MODULE, SIGNATURES)) == [2, 4, 9]
    assert kept.stat().st_mtime_ns == before


def test_kept_code_is_loaded_without_the_compiler(folder: Path) -> None:
    doubled(MachineCode(MODULE, SIGNATURES))
    script = (
        "import sys, numpy; from scoring.machine_code import MachineCode\n"
        f"numbers = numpy.ones(1); MachineCode({MODULE!r}, {SIGNATURES!r})['twice'](1, numbers, numbers)\n"
        "assert numbers[0] == 2 and 'numba' not in sys.modules"
    )
    root = str(Path(__file__).parents[2])
    subprocess.run([sys.executable, "-c", script], check=True, cwd=root, env={**os.environ, "PYTHONPATH": root})


@pytest.mark.parametrize("damage", [b"", b"\x7fELF", b"x" * 5000])
def test_damaged_code_is_made_anew(folder: Path, damage: bytes) -> None:
    doubled(MachineCode(MODULE, SIGNATURES))
    (kept,) = folder.iterdir()
    kept.write_bytes(damage)
    assert doubled(MachineCode(MODULE, SIGNATURES)) == [2, 4, 9]
    assert len(kept.read_bytes()) > 100


def test_code_that_others_may_write_is_not_trusted(folder: Path) -> None:
    doubled(MachineCode(MODULE, SIGNATURES))
    (kept,) = folder.iterdir()
    kept.chmod(0o666)
    assert doubled(MachineCode(MODULE, SIGNATURES)) == [2, 4, 9]
    assert kept.stat().st_mode & 0o777 == 0o600


def test_where_nothing_can_be_kept_routines_work_all_the_same(folder: Path) -> None:
    folder.write_text("a file stands where the folder should")
    assert doubled(MachineCode(MODULE, SIGNATURES)) == [2, 4, 9]


def test_arrays_of_other_numbers_or_with_gaps_are_refused(folder: Path) -> None:
    code = MachineCode(MODULE, SIGNATURES)
    result = np.zeros(3)
    for wrong in (np.zeros(3, np.float32), np.zeros(6)[::2]):
        with pytest.raises(ctypes.ArgumentError):
            code["twice"](3, wrong, result)
