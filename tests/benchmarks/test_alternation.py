"""Turns, comparisons and reports, with competitors that only pretend to work."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.benchmarks.alternation import Result, Run, refuse_different_scores, run_in_alternation
from tests.benchmarks.cases import Case, Competitor, Contest, Goal, Settings
from tests.benchmarks.report import Occasion, put_section, section
from tests.benchmarks.warm import FailedRun

_WHOLE = 'print(\'{"scores": {"ap": 0.5}}\')'
# Ready, then one more in each turn.
_WARM = """
import sys
print("{}", flush=True)
for turn, _ in enumerate(sys.stdin):
    print('{"scores": {"turn": %d}}' % turn, flush=True)
"""


def competitor(name: str, script: str = "", **more: Any) -> Competitor:
    command = (sys.executable, "-I", "-S", "-c", script)
    return Competitor(name=name, command=command, reads="nothing", includes="next to nothing", **more)


def result(name: str, *seconds: float, scores: Mapping[str, float | None] | None = None, **more: Any) -> Result:
    printed = None if scores is None else {"scores": scores}
    runs = tuple(Run(seconds=each, peak_bytes=int(each * 1e8), printed=printed) for each in seconds)
    return Result(competitor=competitor(name, **more), runs=runs)


needs_proc = pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")


@needs_proc
def test_a_warm_competitor_is_started_once_and_asked_in_every_round() -> None:
    whole, warm = run_in_alternation([competitor("whole", _WHOLE), competitor("warm", _WARM, is_warm=True)], rounds=2)
    assert [run.printed["scores"] for run in whole.runs] == [{"ap": 0.5}] * 2
    assert [run.printed["scores"]["turn"] for run in warm.runs] == [1, 2]  # turn 0 was not counted
    assert all(run.peak_bytes > 1_000_000 for run in (*whole.runs, *warm.runs))


@needs_proc
def test_a_slow_competitor_runs_less_often_and_counts_from_the_first_time() -> None:
    (slow,) = run_in_alternation([competitor("slow", _WARM, is_warm=True, most_rounds=1)], rounds=3)
    assert [run.printed["scores"]["turn"] for run in slow.runs] == [0]


@pytest.mark.parametrize("is_warm", [False, True])
def test_a_competitor_that_fails_is_told_with_what_it_wrote(is_warm: bool) -> None:
    broken = competitor("broken", "import sys; print('no such file', file=sys.stderr); sys.exit(3)", is_warm=is_warm)
    with pytest.raises(FailedRun, match=r"ended with 3:\nno such file"):
        run_in_alternation([broken], rounds=1)


@pytest.mark.parametrize(("other", "is_refused"), [(0.5 + 1e-10, False), (0.5 + 1e-8, True), (None, True)])
def test_scores_that_are_to_be_the_same_differ_by_roundings_alone(other: float | None, is_refused: bool) -> None:
    results = [
        result("one", 1.0, scores={"ap": 0.5, "ap_small": None}, compared_as="COCO"),
        result("unlike", 1.0, scores={"ap": 0.1}),
        result("other", 1.0, scores={"ap": other, "ap_small": None}, compared_as="COCO"),
    ]
    if is_refused:
        with pytest.raises(FailedRun, match=r"ap is .* by other, 0\.5 by one"):
            refuse_different_scores(results)
    else:
        refuse_different_scores(results)


def _nothing(settings: Settings) -> Contest:
    raise AssertionError(settings)


def _section(results: list[Result], *goals: Goal) -> str:
    case = Case(name="first", title="First", remarks=("Made up.",), prepare=_nothing)
    contest = Contest(
        competitors=tuple(each.competitor for each in results),
        data="Nothing",
        goals=goals,
        left_out=("a peer: too far",),
    )
    moment = datetime(2026, 1, 2, tzinfo=UTC)
    return section(case, contest, results, Occasion(moment=moment, rounds=3, scale=1, own_versions={}, bystanders=0.5))


def test_ratios_are_to_the_fastest_peer_of_the_same_kind_and_to_the_fastest_whole_process() -> None:
    text = _section([
        result("own", 1.0, 2.0, 9.0, scores={"ap": 0.25}, figure="ap"),
        result("quick peer", 4.0, 4.0, 4.0, is_yardstick=True),
        result("slow peer", 8.0, is_yardstick=True),
        result("own, warm", 0.5, 0.5, 0.5, is_warm=True, lines=2_000_000),
        result("peer, warm", 2.0, 2.0, 2.0, is_warm=True, is_yardstick=True),
    ])  # fmt: skip
    assert "| own | 2.000 s | 1.000 to 9.000 s | 0.50 | 200 MB | 0.50 | 0.250000000 | nothing |" in text
    assert "| slow peer | 8.000 s | 8.000 to 8.000 s | 2.00 | 800 MB | 2.00 |  | nothing |" in text
    assert "| own, warm | 0.500 s | 0.500 to 0.500 s | 0.25 | 0.12 | 0.250 s | 50 MB | 0.25 |  | nothing |" in text
    assert "slow peer is slow: 1 of the 3 rounds" in text
    assert "Not run: a peer: too far." in text


def test_a_goal_is_reached_or_not_and_the_section_says_so() -> None:
    own = replace(result("own", 1.0).runs[0], printed={"scores": {}, "seconds": {"first byte": 0.2}})
    results = [
        replace(result("own", 1.0), runs=(own,)), result("peer", 4.0, is_yardstick=True), result("classic", 100.0),
    ]  # fmt: skip
    text = _section(
        results,
        Goal(competitor="own", figure="time", most=0.25),
        Goal(competitor="own", figure="memory", most=0.2),
        Goal(competitor="own", figure="time", most=0.01, of="classic"),
        Goal(competitor="own", figure="memory", most=50e6, of=None),
        Goal(competitor="own", figure="first byte", most=0.15, of=None),
        Goal(competitor="absent", figure="time", most=1),
    )
    verdicts = [line for line in text.splitlines() if line.startswith("- Goal")]
    assert verdicts == [
        "- Goal: own, time at most 0.25 of the fastest peer's whole process: 0.25, reached.",
        "- Goal: own, memory at most 0.2 of the fastest peer's whole process: 0.25, NOT reached.",
        "- Goal: own, time at most 0.01 of classic: 0.01, reached.",
        "- Goal: own, memory at most 50 MB: 100 MB, NOT reached.",
        "- Goal: own, first byte at most 0.150 s: 0.200 s, NOT reached.",
    ]


def test_the_largest_difference_of_the_compared_scores_is_shown() -> None:
    results = [
        result(name, 1.0, scores={"ap": value, "ap_small": None}, compared_as="COCO")
        for name, value in (("one", 0.5), ("other", 0.5 + 4e-10))
    ]
    assert "must be the same to 1e-09, and are: COCO (2 competitors, largest difference 4e-10)" in _section(results)


def test_a_new_section_replaces_its_own_and_no_other() -> None:
    text = put_section("", "## First\n\nold\n")
    text = put_section(text, "## Second\n\nkept\n")
    text = put_section(text, "## First\n\nnew\n")
    assert text.startswith("# Measured\n")
    assert text.endswith("## First\n\nnew\n\n## Second\n\nkept\n")


def test_sections_stand_in_the_order_of_the_cases() -> None:
    text = put_section(put_section("", "## Second\n\n2\n"), "## First\n\n1\n", order=["First", "Second"])
    assert text.endswith("## First\n\n1\n\n## Second\n\n2\n")
