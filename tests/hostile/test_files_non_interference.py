"""What a team is told about its file does not depend on the truth."""

from __future__ import annotations

import json

import pytest

from scoring.evaluation import Checked
from tests.hostile.bad_file import BadFile, valid
from tests.hostile.bad_files import representatives
from tests.hostile.conftest import Rounds
from tests.hostile.samples import EVERY_TASK, KIT_TASKS
from tests.hostile.thirty_faults import CONTENT

# A bomb is refused before any of it is compared with anything.
FILES = [pytest.param(task, bad, id=f"{task}, {bad}") for task, bad in representatives() if bad.row != 40]


@pytest.mark.parametrize("task", EVERY_TASK)
def test_the_two_truths_are_told_apart_by_scores(task: str, rounds: Rounds) -> None:
    one = rounds.evaluate(task, valid(task))
    other = rounds.evaluate_otherwise(task, valid(task))

    assert one.truth_digest != other.truth_digest
    assert one.scorecard != other.scorecard
    assert told(one.checked) == told(other.checked)


@pytest.mark.parametrize(("task", "bad"), FILES)
def test_findings_are_the_same_bytes_against_another_truth(task: str, bad: BadFile, rounds: Rounds) -> None:
    content, is_tight = bad.make(task), bad.is_for_tight_round

    one = rounds.evaluate(task, content, is_tight=is_tight)
    other = rounds.evaluate_otherwise(task, content, is_tight=is_tight)

    assert told(one.checked) == told(other.checked) == told(rounds.validate_bad(task, bad))
    assert (one.scorecard is None) == (other.scorecard is None) == (bad.outcome != "noticed")
    assert (one.outcomes is None) == (one.scorecard is None)


@pytest.mark.parametrize("task", KIT_TASKS)
def test_thirty_findings_are_the_same_bytes_against_another_truth(task: str, rounds: Rounds) -> None:
    one, other = rounds.evaluate(task, CONTENT), rounds.evaluate_otherwise(task, CONTENT)

    assert told(one.checked) == told(other.checked)


def told(checked: Checked) -> bytes:
    """All that `validate` and the server say about a file, but its hash."""
    return json.dumps([checked.report.as_json(), checked.lines, checked.format]).encode()
