"""The judge of coverage, on a small project: what it judges, what it leaves alone, and what is printed last."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.plugins import coverage_limits

_PYPROJECT = """\
[tool.pytest.ini_options]
testpaths = ["tests"]
addopts = ["--import-mode=importlib", "--cov", "--cov-report=", "-p", "pytest_cov", "-p", "xdist.plugin", "-p", "judge"]
[tool.coverage.run]
branch = true
source = ["scoring", "leaderboard", "server"]
omit = ["*kernel*.py"]
"""
_SIGN = "def sign(x):\n    result = 1\n    if x < 0:\n        result = -1\n    return result\n"
_TESTS = """\
from leaderboard.sign import sign as leaderboard
from scoring.sign import sign as scoring
from server.sign import sign as server

def test_positive():
    assert leaderboard(1) == scoring(1) == server(1) == 1

def test_negative():
    assert leaderboard(-1) == scoring(-1) == server(-1) == -1
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Three packages of one function each, all of it tested."""
    shutil.copy(coverage_limits.__file__, tmp_path / "judge.py")
    (tmp_path / "pyproject.toml").write_text(_PYPROJECT)
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_signs.py").write_text(_TESTS)
    for package in ("scoring", "leaderboard", "server"):
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").touch()
        (tmp_path / package / "sign.py").write_text(_SIGN)
    return tmp_path


def run(project: Path, *arguments: str) -> tuple[int, list[str]]:
    """Exit status and the lines that were printed."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("COVERAGE_", "PYTEST_"))}
    environment["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # the other plugins take four fifths of the time
    result = subprocess.run(
        [sys.executable, "-m", "pytest", *arguments], cwd=project, env=environment, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    return result.returncode, (result.stdout + result.stderr).strip().splitlines()


def verdicts(lines: list[str]) -> dict[str, bool]:
    """For each package that was judged, whether it was found covered enough."""
    found = (re.match(r"(\w+): [\d.]+ % of lines and branches, [\d.]+ % of branches; (.*) [\d.]+ % is due", line)
             for line in lines)  # fmt: skip
    return {match[1]: match[2] == "at least" for match in found if match}


@pytest.mark.parametrize("arguments", [(), ("tests", "-n2", "--dist=loadfile")])
def test_a_suite_that_covers_enough_passes_and_says_so(arguments: tuple[str, ...], project: Path) -> None:
    status, lines = run(project, *arguments)
    assert (status, verdicts(lines)) == (0, {"scoring": True, "leaderboard": True, "server": True})
    assert re.search(r"2 passed in ", lines[-1])


@pytest.mark.parametrize("workers", [0, 2])
def test_a_package_with_too_little_covered_fails_the_run_before_the_last_line(workers: int, project: Path) -> None:
    (project / "scoring" / "forgotten.py").write_text("x = 1\ny = 2\n")  # never imported
    status, lines = run(project, f"-n{workers}")
    assert (status, verdicts(lines)) == (1, {"scoring": False, "leaderboard": True, "server": True})
    assert re.search(r"2 passed in ", lines[-1])


def test_branches_count_for_themselves(project: Path) -> None:
    plain = "".join(f"x{n} = {n}\n" for n in range(500))
    (project / "leaderboard" / "__init__.py").write_text(plain)
    (project / "leaderboard" / "sign.py").write_text(
        _SIGN + "def unused(x):\n    if x:\n        return 1\n    return 2\n"
    )
    assert verdicts(run(project)[1]) == {"scoring": True, "leaderboard": False, "server": True}


def test_kernels_are_no_part_of_it(project: Path) -> None:
    (project / "scoring" / "token_kernel.py").write_text("x = 1\n")
    assert run(project)[0] == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ("tests/test_signs.py",), ("-k", "positive"), ("-k", "positive", "-n2"), ("--no-cov",), ("--no-cov", "-n2"),
        ("--ignore=tests/test_other.py",), ("--deselect=tests/test_signs.py::test_negative",), ("--collect-only",),
    ],
)  # fmt: skip
def test_a_part_of_the_suite_is_not_judged(arguments: tuple[str, ...], project: Path) -> None:
    (project / "scoring" / "forgotten.py").write_text("x = 1\n")
    (project / "tests" / "test_other.py").write_text("def test_nothing():\n    pass\n")
    status, lines = run(project, *arguments)
    assert (status, verdicts(lines)) == (0, {})


def test_a_run_that_stopped_at_its_first_failure_is_not_judged(project: Path) -> None:
    (project / "tests" / "test_a.py").write_text("def test_wrong():\n    assert False\n")
    status, lines = run(project, "-x")
    assert (status, verdicts(lines)) == (1, {})


def test_a_run_with_failures_is_judged_as_well(project: Path) -> None:
    (project / "tests" / "test_a.py").write_text("def test_wrong():\n    assert False\n")
    status, lines = run(project)
    assert (status, set(verdicts(lines).values())) == (1, {True})
    assert re.search(r"1 failed, 2 passed in ", lines[-1])


def test_a_package_of_which_nothing_is_there_fails(project: Path) -> None:
    shutil.rmtree(project / "server")
    tests = project / "tests" / "test_signs.py"
    tests.write_text(tests.read_text().replace("from server", "from scoring"))
    status, lines = run(project)
    assert status == 1
    assert "server: nothing was measured" in lines
