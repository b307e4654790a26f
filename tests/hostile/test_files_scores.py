"""The first rule: what the kit scores, we score, with the same result."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.hostile.bad_file import BadFile
from tests.hostile.bad_packing import BAD_PACKINGS
from tests.hostile.bad_text import BAD_TEXTS
from tests.hostile.conftest import Rounds
from tests.hostile.samples import case_of
from tests.parity.agreement import differences


def odd_files(files: Sequence[BadFile], *, with_twin: bool = False) -> list[object]:
    return [
        pytest.param(task, bad, id=f"{task}, {bad}")
        for bad in files
        if bad.outcome == "noticed" and (bad.twin or not with_twin)
        for task in bad.tasks
    ]


@pytest.mark.parametrize(("task", "bad"), odd_files(BAD_TEXTS))
def test_an_odd_text_scores_as_the_protocols_say(task: str, bad: BadFile, rounds: Rounds) -> None:
    content = bad.make(task)

    card = rounds.evaluate(task, content).scorecard

    assert card is not None
    assert differences(card, case_of(task, content.decode()).oracle()) == []


@pytest.mark.parametrize(("task", "bad"), odd_files((*BAD_TEXTS, *BAD_PACKINGS), with_twin=True))
def test_an_odd_file_scores_as_its_plain_twin(task: str, bad: BadFile, rounds: Rounds) -> None:
    assert bad.twin is not None
    odd, plain = rounds.evaluate(task, bad.make(task)), rounds.evaluate(task, bad.twin(task))

    assert odd.scorecard is not None
    assert odd.scorecard == plain.scorecard
