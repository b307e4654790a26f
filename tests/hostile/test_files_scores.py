"""The first rule: what the kit scores, we score, with the same result."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.hostile.bad_file import BadFile
from tests.hostile.bad_files import BAD_FILES
from tests.hostile.bad_text import BAD_TEXTS
from tests.hostile.conftest import Rounds
from tests.hostile.other_rounds import NAMES, valid_maps
from tests.hostile.packed import zip_of
from tests.hostile.samples import case_of
from tests.parity.agreement import differences
from tests.scoring.making import png_of


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


@pytest.mark.parametrize(("task", "bad"), odd_files(BAD_FILES, with_twin=True))
def test_an_odd_file_scores_as_its_plain_twin(task: str, bad: BadFile, rounds: Rounds) -> None:
    assert bad.twin is not None
    odd, plain = rounds.evaluate(task, bad.make(task)), rounds.evaluate(task, bad.twin(task))

    assert odd.scorecard is not None
    assert odd.scorecard == plain.scorecard


def test_maps_of_another_size_than_their_images_are_refused_when_they_are_scored(rounds: Rounds) -> None:
    task = "scene-parsing"
    content = zip_of(*{**valid_maps(), f"{NAMES[1]}.png": png_of([[1, 2, 3]])}.items())

    evaluation = rounds.evaluate(task, content)

    assert rounds.validate(task, content).report.is_valid  # the public half knows no sizes
    assert evaluation.scorecard is None
    assert [(found.code, found.value) for found in evaluation.checked.report.errors] == [
        ("map-size", f"{NAMES[1]}: 3 x 1")
    ]
