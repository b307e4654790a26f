"""Random damage: a file ends in findings or in a score, never in an exception."""

from __future__ import annotations

import json
import math
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scoring.evaluation import Evaluation
from tests.hostile.bad_file import valid
from tests.hostile.conftest import Rounds
from tests.hostile.mutations import tally as tallies_of
from tests.hostile.mutations.mutation import Mutation, mutation
from tests.hostile.mutations.results import results_text
from tests.hostile.mutations.tally import Failure, Slice, Tally
from tests.hostile.mutations.trial import Arena, assert_findings_or_score
from tests.hostile.mutations.valid_files import KINDS, Kind, valid_files
from tests.hostile.samples import EVERY_TASK, KIT_TASKS, case_of
from tests.hostile.textual_edits import EDITS, Edit, edited
from tests.parity.agreement import differences

REPOSITORY = Path(__file__).parents[2]

# Mutations of each task and format; the command tries a million in all.
COUNT = 60


@pytest.fixture(scope="module")
def arena(tmp_path_factory: pytest.TempPathFactory) -> Arena:
    return Arena.at(tmp_path_factory.mktemp("arena"))


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_the_files_that_mutations_start_from_are_valid(kind: Kind, arena: Arena) -> None:
    for content in valid_files(kind):
        assert arena.outcome(Mutation(number=0, kind=kind, content=content)) == "scored"


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_a_mutation_has_findings_or_a_score(kind: Kind, arena: Arena) -> None:
    numbers = range(KINDS.index(kind), COUNT * len(KINDS), len(KINDS))

    outcomes = {arena.outcome(mutation(number)) for number in numbers}

    assert outcomes == {"scored", "refused"}  # else they are too wild, or too tame
    assert len(numbers) == COUNT


def test_a_mutation_is_told_by_its_number() -> None:
    assert mutation(77) == mutation(77)
    assert mutation(77).kind == KINDS[77 % len(KINDS)]
    assert mutation(77).content != mutation(77 + len(KINDS)).content
    assert {mutation(number).kind for number in range(len(KINDS))} == set(KINDS)


@pytest.mark.parametrize("task", KIT_TASKS)
@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(edits=EDITS)
def test_a_damaged_text_is_read_as_the_plainest_reader_reads_it(task: str, edits: list[Edit], rounds: Rounds) -> None:
    content = edited(valid(task), edits)

    evaluation = evaluated(task, content, rounds)

    # But for what stands behind the fifth guess; and what has become a table has other readers.
    is_text = evaluation.checked.format in {"labels", "located labels", "detections"}
    is_plain = all(found.code != "more-guesses" for found in evaluation.checked.report.notices)
    if evaluation.scorecard and is_text and is_plain:
        assert differences(evaluation.scorecard, case_of(task, content.decode()).oracle()) == []


@pytest.mark.parametrize("task", EVERY_TASK)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=400))
def test_noise_has_findings_or_a_score(task: str, content: bytes, rounds: Rounds) -> None:
    evaluated(task, content, rounds)


def evaluated(task: str, content: bytes, rounds: Rounds) -> Evaluation:
    evaluation = rounds.evaluate(task, content)
    assert_findings_or_score(rounds.validate(task, content), evaluation)
    if evaluation.scorecard is not None:
        assert all(score is None or math.isfinite(score) for score in evaluation.scorecard.scores.values())
    return evaluation


# The command


def run(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.hostile.mutations", "--processes", "1", "--folder", str(folder / "kept")]
    return subprocess.run(
        [*command, "--results", str(folder / "RESULTS.md"), *arguments], capture_output=True, text=True, check=False,
        cwd=REPOSITORY, env={**os.environ, "PYTHONPATH": str(REPOSITORY), **environment},
    )  # fmt: skip


def test_the_command_writes_what_it_found_and_goes_on_where_it_was(tmp_path: Path) -> None:
    first = run(tmp_path, "--count", "12")
    assert (first.returncode, first.stderr) == (0, "")
    kept = tallies_of.read(tmp_path / "kept/tallies.jsonl")
    assert [(tally.first, sum(tally.outcomes.values()), tally.failures) for tally in kept] == [(0, 12, [])]
    assert "- Files: 12, numbers 0 to 11; failures: 0" in (tmp_path / "RESULTS.md").read_text()

    again = run(tmp_path, "--count", "12")

    assert again.stdout == ""  # nothing was left to do
    assert tallies_of.read(tmp_path / "kept/tallies.jsonl") == kept


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="processes cannot be stopped here")
def test_a_mutation_that_ends_the_process_is_kept_and_the_others_are_tried(tmp_path: Path) -> None:
    done = run(tmp_path, "--count", "9", HELDOUT_MUTATION_THAT_ENDS="7")

    assert done.returncode == 1
    (tally,) = tallies_of.read(tmp_path / "kept/tallies.jsonl")
    assert sum(tally.outcomes.values()) == 8
    assert [(failure.number, failure.what) for failure in tally.failures] == [(7, "the process ended with -6")]
    assert (tmp_path / "kept/failures/7.bin").read_bytes() == mutation(7).content
    assert "7 (" in (tmp_path / "RESULTS.md").read_text()


def test_slices_that_are_done_are_left_out(tmp_path: Path) -> None:
    done = Tally(
        first=4, count=4, code="x", outcomes={"det, csv, failed": 4}, failures=[Failure(number=5, kind="k", what="w")]
    )
    tallies_of.append(tmp_path / "kept", done)

    assert tallies_of.read(tmp_path / "kept") == [done]
    assert tallies_of.read(tmp_path / "nothing") == []
    assert tallies_of.slices_left(0, 10, size=4, done=[done]) == [Slice(first=0, count=4), Slice(first=8, count=2)]
    assert list(Slice(first=3, count=4, ended=(4, 5)).numbers()) == [3, 6]


def test_results_name_every_kind_and_every_failure() -> None:
    one = Tally(first=0, count=2, code="one", outcomes={"det, csv, scored": 2}, seconds=1.0)
    other = Tally(first=2, count=3, code="other", outcomes={"det, csv, failed": 3}, seconds=1.0)
    other.failures.append(Failure(number=3, kind="det, csv", what="TypeError: no"))

    text = results_text([one, other], command="the command")

    assert "| det | csv | 5 | 2 | 0 | 3 |" in text
    assert "numbers 0 to 4; failures: 1" in text
    assert "- 3 (det, csv), on other: TypeError: no" in text
    assert all(f"| {kind.task} | {kind.encoding} |" in text for kind in KINDS)
    assert json.dumps(text)
