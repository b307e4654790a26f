"""Random damage: a file ends in findings or in a score, never in an exception."""

from __future__ import annotations

import math
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from scoring.evaluation import Evaluation
from tests.hostile.bad_file import valid
from tests.hostile.conftest import Rounds
from tests.hostile.packed import PACKERS
from tests.hostile.samples import ALL_TASKS, case_of
from tests.hostile.test_files_validate import assert_readable
from tests.parity.agreement import differences

# Bytes and words that parsers trip over, and any bytes at all.
_SPLINTERS = (
    b"\0", b"\r", b"\n", b"\r\n", b"\n\n", b"\t", b",", b" ", b"-", b"+", b".", b"e", b"_", b"\xff", b"\xef\xbb\xbf",
    b"\xd9\xa3", b"0", b"-0.0", b"1e400", b"1e-400", b"nan", b"inf", b"n10000007", b"n99999999", b"9" * 400, b"1e9",
    b"2147483648", b"-1", b"0.5", b"1" * 19, b"0." + b"1" * 30, b"PK\x03\x04", b"\x1f\x8b", b"\x85", b"\x0b", b"\x1c",
)  # fmt: skip


class Edit(NamedTuple):
    """One replacement: `place` is a share of the file's length, so that edits shrink well."""

    place: float
    removed: int
    inserted: bytes


EDITS = st.lists(
    st.builds(
        Edit,
        st.floats(0, 1, exclude_max=True),
        st.integers(0, 12),
        st.sampled_from(_SPLINTERS) | st.binary(max_size=6),
    ),
    min_size=1,
    max_size=6,
)


def edited(content: bytes, edits: list[Edit]) -> bytes:
    for edit in edits:
        place = int(edit.place * len(content))
        content = content[:place] + edit.inserted + content[place + edit.removed :]
    return content


@pytest.mark.parametrize("task", ALL_TASKS)
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(edits=EDITS)
@example(edits=[Edit(0.0, 10_000, b"")])
@example(edits=[Edit(0.0, 10_000, b"\n")])
def test_a_damaged_text_has_findings_or_a_score(task: str, edits: list[Edit], rounds: Rounds) -> None:
    content = edited(valid(task), edits)

    evaluation = assert_findings_or_score(task, content, rounds)

    # Then the plainest reader can read it too, but for what stands behind the fifth guess.
    if evaluation.scorecard and all(found.code != "more-guesses" for found in evaluation.checked.report.notices):
        assert differences(evaluation.scorecard, case_of(task, content.decode()).oracle()) == []


@pytest.mark.parametrize("task", ALL_TASKS)
@pytest.mark.parametrize("kind", PACKERS)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(edits=EDITS)
def test_a_damaged_archive_has_findings_or_a_score(task: str, kind: str, edits: list[Edit], rounds: Rounds) -> None:
    assert_findings_or_score(task, edited(PACKERS[kind](valid(task)), edits), rounds)


@pytest.mark.parametrize("task", ALL_TASKS)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=400))
def test_noise_has_findings_or_a_score(task: str, content: bytes, rounds: Rounds) -> None:
    assert_findings_or_score(task, content, rounds)


def assert_findings_or_score(task: str, content: bytes, rounds: Rounds) -> Evaluation:
    checked = rounds.validate(task, content)
    evaluation = rounds.evaluate(task, content)

    assert evaluation.checked == checked
    assert_readable(checked.report.findings)
    if checked.report.is_valid:
        assert evaluation.scorecard is not None
        for score in evaluation.scorecard.scores.values():
            assert score is not None
            assert math.isfinite(score)
            assert 0 <= score <= 1
    else:
        assert evaluation.scorecard is None
        assert evaluation.outcomes is None
    return evaluation
