"""What a campaign keeps: verdicts, so that it can be taken up again, and the figures beside it."""

from __future__ import annotations

from pathlib import Path

from tests.mutation.campaign import ModuleResult
from tests.mutation.mutants import Mutant, mutants_of
from tests.mutation.reasons import Reasons
from tests.mutation.results import keep
from tests.mutation.verdicts import Known

SOURCE = "def less(a, b):\n    return a < b\n"
NOTHING, BORDER, DIRECTION, FIRST, SECOND = (
    "return a < b → return None", "a < b → a <= b", "a < b → a >= b", "test_first", "test_second",
)  # fmt: skip


def mutants(source: str = SOURCE) -> dict[str, Mutant]:
    return {mutant.mutation: mutant for mutant in mutants_of("scoring.less", source)}


def test_a_mutant_stays_killed_while_its_function_and_the_test_are_there(tmp_path: Path) -> None:
    Known.of("scoring.less", folder=tmp_path).remember(mutants()[BORDER], FIRST, "abc")
    known = Known.of("scoring.less", folder=tmp_path)
    assert known.killer(mutants()[BORDER], {FIRST, SECOND}) == FIRST
    assert known.killer(mutants()[BORDER], {SECOND}) is None
    assert known.killer(mutants()[DIRECTION], {FIRST}) is None
    assert known.killer(mutants("import math\n\n\n" + SOURCE)[BORDER], {FIRST}) == FIRST
    assert known.killer(mutants("def less(a, b):\n    a = b\n    return a < b\n")[BORDER], {FIRST}) is None


def test_a_survivor_is_tried_again_once_its_tests_have_changed(tmp_path: Path) -> None:
    Known.of("scoring.less", folder=tmp_path).remember(mutants()[BORDER], None, "abc")
    known = Known.of("scoring.less", folder=tmp_path)
    assert known.has_survived(mutants()[BORDER], "abc")
    assert not known.has_survived(mutants()[BORDER], "abd")
    assert not known.has_survived(mutants()[DIRECTION], "abc")
    assert known.killer(mutants()[BORDER], {FIRST}) is None


def test_a_campaign_writes_its_modules_and_leaves_the_others_as_they_were(tmp_path: Path) -> None:
    file, reasons = tmp_path / "RESULTS.md", Reasons("")
    survivors = (mutants()[BORDER],)
    one = ModuleResult(module="scoring.less", mutants=3, survivors=survivors)
    other = ModuleResult(module="leaderboard.more", mutants=1, survivors=())
    gone = ModuleResult(module="scoring.gone", mutants=1, survivors=())
    modules = ["scoring.less", "leaderboard.more"]
    for result in (gone, one, other):
        keep(result, reasons, modules=modules, budget_seconds=5, file=file)
    again = ModuleResult(module="scoring.less", mutants=4, survivors=survivors)
    table = keep(again, reasons, modules=modules, budget_seconds=20, file=file)
    assert table.splitlines()[2:] == [
        "| leaderboard.more | 1 | 1 | 100.0% |", "| scoring.less | 4 | 3 | 75.0% |", "| all | 5 | 4 | 80.0% |",
    ]  # fmt: skip
    text = file.read_text("utf-8")
    assert "## leaderboard.more\n\n1 mutants, 1 killed; up to 5 s of tests each.\n" in text
    assert "4 mutants, 3 killed; up to 20 s of tests each." in text
    assert "- scoring/less.py:2 `less`, `return a < b`:\n  `a < b → a <= b`. **no reason yet**" in text
    assert text.count("## scoring.less") == 1
