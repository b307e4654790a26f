"""Holds a scorecard against an oracle's figures."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from scoring.evaluation import Evaluation, evaluate
from scoring.opening import open_round
from scoring.scorecard import Scorecard
from tests.parity.cases import Case
from tests.parity.oracles import OracleScore

RELATIVE_ERROR = 1e-12

# Thousands of small rounds are written and thrown away: in memory where the system has such a folder.
MEMORY = Path("/dev/shm")


def is_same(ours: float | None, theirs: float | None) -> bool:
    """Equal to a relative error of 1e-12; undefined equals nothing but undefined."""
    if ours is None or theirs is None:
        return ours is theirs
    return math.isclose(ours, theirs, rel_tol=RELATIVE_ERROR, abs_tol=0)


def differences(card: Scorecard, oracle: OracleScore) -> list[str]:
    """Every figure in which the two differ, in words; empty when they agree."""
    found = _different_figures("scores", card.scores, oracle.scores)
    if card.counts != oracle.counts:
        found.append(f"counts: {card.counts} is not {oracle.counts}")
    if [row["id"] for row in card.per_class] != [row["id"] for row in oracle.per_class]:
        return [*found, f"classes: {[row['id'] for row in card.per_class]}"]
    for ours, theirs in zip(card.per_class, oracle.per_class, strict=True):
        figures = {key: value for key, value in ours.items() if key not in {"wnid", "name"}}
        found += _different_figures(f"class {theirs['id']}", figures, theirs)
    return found


def _different_figures(place: str, ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> list[str]:
    if set(ours) != set(theirs):
        return [f"{place}: the figures are {sorted(ours)}, not {sorted(theirs)}"]
    return [
        f"{place}, {key}: {ours[key]!r} is not {theirs[key]!r}" for key in theirs if not is_same(ours[key], theirs[key])
    ]


def evaluation_of(case: Case) -> Evaluation:
    """`case` written to a folder, opened and evaluated."""
    with TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
        file = case.write(Path(folder))
        public, truth = open_round(Path(folder), cache=Path(folder) / "cache")
        return evaluate(public, truth, file)


def scorecard_of(case: Case) -> Scorecard:
    """The figures of a file that is valid."""
    evaluation = evaluation_of(case)
    assert evaluation.scorecard is not None, evaluation.checked.report.as_json()
    return evaluation.scorecard


def assert_same(case: Case) -> None:
    assert differences(scorecard_of(case), case.oracle()) == []
