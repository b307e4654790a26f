"""What is mutated, and that a mutant acts in the place it was taken from."""

from __future__ import annotations

import ast
import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from tests.mutation.mutants import Mutant, mutants_of, mutated
from tests.mutation.reasons import Reasons
from tests.mutation.transplant import transplant

SOURCE = '''
"""A module."""
LIMIT = 3


def first(numbers: list[int], least: int = 0) -> int | None:
    """The first from `least` on."""
    for number in numbers[1:]:
        if number >= least and number != LIMIT:
            return number
    return None


class Sum:
    def __init__(self, values: list[float]) -> None:
        self.total = 0.0
        for value in values:
            self.total += value

    @property
    def is_large(self) -> bool:
        if self.total < 0:
            raise ValueError(f"{self.total + 1} is not a sum")
        return min(self.total, 9.0) > LIMIT
'''


def mutations(source: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for mutant in mutants_of("module", source):
        found.setdefault(f"{mutant.function}: {mutant.statement}", []).append(mutant.mutation)
    return found


def test_every_part_of_a_function_that_computes_is_changed() -> None:
    assert mutations(SOURCE) == {
        "LIMIT: LIMIT = 3": ["3 → 4"],
        "first: def first(numbers: list[int], least: int=0) -> int | None:": ["0 → 1"],
        "first: for number in numbers[1:]:": ["[1:] → [:]", "1 → 2"],
        "first: if number >= least and number != LIMIT:": [
            "if number >= least and number != LIMIT: → if not (number >= least and number != LIMIT):",
            "number >= least and number != LIMIT → number >= least or number != LIMIT",
            "number >= least → number > least",
            "number >= least → number < least",
            "number != LIMIT → number == LIMIT",
        ],
        "first: return number": ["return number → return None"],
        "Sum.__init__: self.total = 0.0": ["self.total = 0.0 → nothing", "0.0 → 1.0"],
        "Sum.__init__: self.total += value": [
            "self.total += value → self.total -= value",
            "self.total += value → nothing",
        ],
        "Sum.is_large: if self.total < 0:": [
            "self.total < 0 → self.total <= 0", "self.total < 0 → self.total >= 0", "0 → 1",
        ],
        "Sum.is_large: raise ValueError(f'{self.total + 1} is not a sum')": [
            "raise ValueError(f'{self.total + 1} is not a sum') → nothing"
        ],
        "Sum.is_large: return min(self.total, 9.0) > LIMIT": [
            "return min(self.total, 9.0) > LIMIT → return None",
            "min(self.total, 9.0) > LIMIT → min(self.total, 9.0) >= LIMIT",
            "min(self.total, 9.0) > LIMIT → min(self.total, 9.0) <= LIMIT",
            "min(self.total, 9.0) → max(self.total, 9.0)",
            "9.0 → 10.0",
        ],
    }  # fmt: skip


@pytest.mark.parametrize("mutant", mutants_of("module", SOURCE), ids=lambda mutant: mutant.mutation)
def test_a_mutant_is_other_code_than_the_source(mutant: Mutant) -> None:
    assert ast.unparse(mutated(SOURCE, mutant)) != ast.unparse(ast.parse(SOURCE))


def test_the_same_change_twice_in_a_statement_is_numbered() -> None:
    source = "def f(a, b):\n    return a[0] + b[0]\n"
    names = [mutant.mutation for mutant in mutants_of("module", source) if mutant.mutation.startswith("0")]
    assert names == ["0 → 1", "0 → 1 (2)"]


def test_a_mutant_keeps_its_name_where_lines_move() -> None:
    before, after = mutants_of("module", SOURCE), mutants_of("module", "import math\n\n\n" + SOURCE)
    assert [mutant.key for mutant in before] == [mutant.key for mutant in after]
    assert {two.lines[0] - one.lines[0] for one, two in zip(before, after, strict=True)} == {3}


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The source as a module that nobody else knows."""
    (tmp_path / "of_a_mutant.py").write_text(SOURCE)
    monkeypatch.syspath_prepend(tmp_path)
    yield importlib.import_module("of_a_mutant")
    del sys.modules["of_a_mutant"]


@pytest.mark.parametrize(
    ("mutation", "check"),
    [
        ("number >= least → number > least", "first([0, 2, 4], 2) == 4"),
        ("self.total += value → nothing", "Sum([5]).total == 0"),
        ("min(self.total, 9.0) > LIMIT → min(self.total, 9.0) <= LIMIT", "Sum([1]).is_large"),
        ("3 → 4", "first([0, 4, 3]) == 3"),
        ("1 → 2", "first([0, 1, 2]) == 2"),
    ],
)
def test_whoever_has_imported_a_function_runs_the_mutant(mutation: str, check: str, module: ModuleType) -> None:
    names = {"first": module.first, "Sum": module.Sum}  # as they are imported before
    assert not eval(check, names)  # noqa: S307  # our own checks, above
    (mutant,) = (it for it in mutants_of("of_a_mutant", SOURCE) if it.mutation == mutation)
    transplant(mutant)
    assert eval(check, names)  # noqa: S307


def test_a_reason_is_found_by_its_statement_or_the_start_of_it() -> None:
    reasons = Reasons(
        """
[[reason]]
says = "only speed"
module = "module"
function = "first"
mutants = [["for number in …", "1 → 2"], ["return number", "return number → return None"]]
"""
    )
    mutants = mutants_of("module", SOURCE)
    found = [mutant.mutation for mutant in mutants if reasons.of(mutant) == "only speed"]
    assert found == ["1 → 2", "return number → return None"]
    assert reasons.unneeded("module", [it for it in mutants if it.mutation == "1 → 2"]) == [
        "module | first | return number | return number → return None"
    ]
    assert reasons.unneeded("another", []) == []
