"""The limits that CONTRIBUTING.md names; ruff, mypy and import-linter; the lock files and the Dockerfile."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("scoring", "leaderboard", "server")
TOOLS = Path(sys.executable).parent  # of the environment that runs the tests

MAX_FILE_LINES = 450
MAX_TEMPLATE_LINES = 150
MAX_FUNCTION_LINES = 60
MAX_KERNEL_LINES = 120  # of a compiled function: helpers with array arguments cost reference counts
MAX_KERNEL_COMPLEXITY = 20
MAX_COMPILED_LINES = 600
SHORT_FUNCTION_LINES = 35
SHORT_SHARE = 0.9

UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|NotImplementedError)\b")
NAMES_THAT_SAY_NOTHING = {"utils", "util", "helpers", "helper", "misc", "common"}


def sources(*folders: str) -> list[Path]:
    return sorted(
        path for folder in folders for path in (ROOT / folder).rglob("*.py") if "__pycache__" not in path.parts
    )


def shown(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def line_count(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


@dataclass(frozen=True, kw_only=True)
class Function:
    place: str
    lines: int
    compiled_lines: int  # without its docstring, which is not compiled
    is_kernel: bool


def functions(*folders: str) -> Iterator[Function]:
    for path in sources(*folders):
        yield from functions_of(path)


@cache
def functions_of(path: Path) -> tuple[Function, ...]:
    return tuple(
        Function(
            place=f"{shown(path)}:{node.lineno} {node.name}",
            lines=(lines := (node.end_lineno or node.lineno) - node.lineno + 1),
            compiled_lines=lines - len((ast.get_docstring(node, clean=False) or "").splitlines()),
            is_kernel=path.stem.endswith("_kernel") and path.is_relative_to(ROOT / "scoring"),
        )
        for node in statements(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )


def statements(node: ast.AST) -> Iterator[ast.AST]:
    """Those in `node`, however deep; no expression is looked into, of which there are ten times as many."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.stmt | ast.excepthandler | ast.match_case):
            yield child
            yield from statements(child)


def run_tool(name: str, *arguments: str) -> None:
    """Run a tool of this environment on the project; whatever it complains of is what the test shows."""
    # coverage watches our own processes; watching the tools too would only cost time
    environment = {key: value for key, value in os.environ.items() if not key.startswith("COVERAGE_")}
    result = subprocess.run(
        [TOOLS / name, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, f"{name} {' '.join(arguments)}\n{result.stdout}{result.stderr}"


# The tools


def test_ruff_finds_nothing() -> None:
    run_tool("ruff", "check", ".")


def test_ruff_would_format_nothing() -> None:
    run_tool("ruff", "format", "--check", ".")


def test_mypy_finds_nothing_in_strict_mode() -> None:
    run_tool("mypy")


def test_imports_go_one_way() -> None:
    run_tool("lint-imports")


def test_compiled_functions_are_not_too_complex() -> None:
    kernels = [shown(path) for path in sources("scoring") if path.stem.endswith("_kernel")]
    limit = f"lint.mccabe.max-complexity={MAX_KERNEL_COMPLEXITY}"
    run_tool("ruff", "check", "--isolated", "--select", "C901", "--config", limit, *kernels)


# Limits


def test_no_file_is_too_long() -> None:
    lengths = {shown(path): line_count(path) for path in sources(*PACKAGES, "tests", "data")}
    assert {path: lines for path, lines in lengths.items() if lines > MAX_FILE_LINES} == {}


def test_no_template_is_too_long() -> None:
    templates = [path for package in PACKAGES for path in (ROOT / package).rglob("templates/**/*.*")]
    assert templates
    lengths = {shown(path): line_count(path) for path in templates}
    assert {path: lines for path, lines in lengths.items() if lines > MAX_TEMPLATE_LINES} == {}


def test_no_function_is_too_long() -> None:
    too_long = {
        function.place: function.lines
        for function in functions(*PACKAGES, "tests", "data")
        if function.lines > (MAX_KERNEL_LINES if function.is_kernel else MAX_FUNCTION_LINES)
    }
    assert too_long == {}


@pytest.mark.parametrize("package", PACKAGES)
def test_nine_functions_of_ten_are_short(package: str) -> None:
    lengths = [function.lines for function in functions(package)]
    assert sum(lines < SHORT_FUNCTION_LINES for lines in lengths) >= SHORT_SHARE * len(lengths)


def test_compiled_code_is_small_altogether() -> None:
    compiled = [function for function in functions(*PACKAGES) if function.is_kernel]
    assert compiled
    assert sum(function.compiled_lines for function in compiled) <= MAX_COMPILED_LINES


def test_compiled_functions_live_in_kernel_files_alone() -> None:
    of_numba = re.compile(r"^\s*(import|from) numba\b", re.MULTILINE)
    importing = [path for path in sources(*PACKAGES) if of_numba.search(path.read_text(encoding="utf-8"))]
    assert [shown(path) for path in importing if "kernel" not in path.stem] == []


def test_nothing_is_left_unfinished() -> None:
    unfinished = [
        f"{shown(path)}:{number}"
        for path in sources(*PACKAGES)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if UNFINISHED.search(line)
    ]
    assert unfinished == []


def test_every_module_is_called_by_what_it_holds() -> None:
    names = {path: {part.strip("_") for part in path.relative_to(ROOT).with_suffix("").parts}
             for path in sources(*PACKAGES, "tests", "data")}  # fmt: skip
    assert [shown(path) for path, parts in names.items() if parts & NAMES_THAT_SAY_NOTHING] == []


def test_every_module_says_what_it_is_for() -> None:
    undocumented = [
        shown(path)
        for path in sources(*PACKAGES)
        if path.stat().st_size and not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert undocumented == []
