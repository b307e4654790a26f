"""Compiled code is held by its plain twins: none is without one."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).parents[2]


def functions_of(path: Path) -> set[str]:
    """Names of functions, and of what another name is given to."""
    body = ast.parse(path.read_text("utf-8")).body
    assigned = {target.id for node in body if isinstance(node, ast.Assign) for target in node.targets
                if isinstance(target, ast.Name)}  # fmt: skip
    return assigned | {node.name for node in body if isinstance(node, ast.FunctionDef)}


def test_every_compiled_function_has_a_plain_twin() -> None:
    kernels = sorted((ROOT / "scoring").rglob("*_kernel.py"))
    compiled = {f"{path.stem}: {name}" for path in kernels for name in functions_of(path) if name[0].islower()}
    twins = {name for path in (ROOT / "tests" / "scoring").glob("plain_twins*.py") for name in functions_of(path)}
    assert len(compiled) > 20
    assert {name for name in compiled if name.partition(": ")[2] not in twins} == set()
