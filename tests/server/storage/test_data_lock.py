"""One server per data folder."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from server.errors import DataFolderInUse
from server.storage.data_lock import DataLock


def test_a_second_server_is_refused_until_the_first_gives_the_lock_back(tmp_path: Path) -> None:
    first, second = DataLock(tmp_path / "lock"), DataLock(tmp_path / "lock")
    first.acquire()
    with pytest.raises(DataFolderInUse, match=str(tmp_path)):
        second.acquire()
    first.release()
    second.acquire()
    second.release()
    second.release()


def test_a_killed_server_leaves_no_lock_behind(tmp_path: Path) -> None:
    program = (
        "import sys, time; from pathlib import Path; from server.storage.data_lock import DataLock\n"
        "lock = DataLock(Path(sys.argv[1])); lock.acquire(); print('locked', flush=True); time.sleep(600)"
    )
    other = subprocess.Popen([sys.executable, "-c", program, tmp_path / "lock"], stdout=subprocess.PIPE)
    try:
        assert other.stdout is not None
        assert other.stdout.readline() == b"locked\n"
        lock = DataLock(tmp_path / "lock")
        with pytest.raises(DataFolderInUse):
            lock.acquire()
        os.kill(other.pid, signal.SIGKILL)
        other.wait()
        lock.acquire()
        lock.release()
    finally:
        other.kill()
        other.communicate()
