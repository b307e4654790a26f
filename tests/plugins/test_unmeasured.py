"""Where coverage pauses, on a small project: nothing is measured there, however the tests are run."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.plugins import unmeasured

_PYPROJECT = """\
[tool.pytest.ini_options]
testpaths = ["tests"]
addopts = ["--import-mode=importlib", "--cov", "--cov-report=json", "-p", "pytest_cov", "-p", "xdist.plugin",
    "-p", "pauses", "--numprocesses=2", "--dist=loadfile"]
[tool.coverage.run]
source = ["steps"]
patch = ["subprocess", "_exit"]
parallel = true
"""

# One function for each place.
_STEPS = "".join(f"def step_{number}():\n    return {number}\n" for number in range(1, 10))

# Each calls a step in its thread, one in another, and one in another process.
_TEST = """\
import subprocess, sys, threading
from coverage import Coverage
import steps

def test_{name}():
    steps.step_{0}()
    thread = threading.Thread(target=steps.step_{1})
    thread.start()
    thread.join()
    subprocess.run([sys.executable, "-c", "import steps; steps.step_{2}()"], check=True)
    assert (Coverage.current() is None) == ("hostile" in __file__)  # what is kept nowhere takes its time as well
"""

# Where all is measured, nothing, and all but the processes.
_FILES = {"server/jobs/test_a.py": (1, 2, 3), "hostile/test_b.py": (4, 5, 6), "test_c.py": (7, 8, 9)}


@pytest.mark.parametrize("workers", [0, 1])
def test_only_what_is_to_be_measured_is(workers: int, tmp_path: Path) -> None:
    shutil.copy(unmeasured.__file__, tmp_path / "pauses.py")
    (tmp_path / "pyproject.toml").write_text(_PYPROJECT)
    (tmp_path / "steps.py").write_text(_STEPS)
    for file, numbers in _FILES.items():
        path = tmp_path / "tests" / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_TEST.format(*numbers, name=path.stem))
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("COVERAGE_", "PYTEST_"))}
    environment |= {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPATH": str(tmp_path)}
    command = [sys.executable, "-m", "pytest", f"-n{workers}", *(f"tests/{file}" for file in _FILES)]
    result = subprocess.run(command, cwd=tmp_path, env=environment, check=False, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout
    told = json.loads((tmp_path / "coverage.json").read_bytes())["files"]["steps.py"]["functions"]
    assert [name for name, counts in told.items() if name and counts["summary"]["covered_lines"]] == [
        f"step_{number}" for number in (1, 2, 3, 7, 8)
    ]
