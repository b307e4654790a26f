"""The tasks of a scoring child. Of all the server, only this module and the opening of rounds reach the truth."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from scoring.evaluation import Checked, evaluate, validate
from scoring.rounds import PublicRound, load_public_round
from scoring.scorecard import SCORER_VERSION
from scoring.truth import Truth, load_truth
from scoring.warmup import warm_up as load_kernels
from server.jobs.orders import CheckedFile, CheckOrder, ScoredFile, ScoringOrder

# Rounds a child keeps in memory: few are busy at a time, and the largest truth (ILSVRC's) takes some 20 MB.
_KEPT_ROUNDS = 4


@lru_cache(maxsize=_KEPT_ROUNDS)
def _public(folder: Path, _digest: str) -> PublicRound:
    return load_public_round(folder)


@lru_cache(maxsize=_KEPT_ROUNDS)
def _truth(file: Path) -> Truth:
    return load_truth(file)  # the name holds the digest


def score(order: ScoringOrder) -> None:
    """Score `order.file`; the outcomes go into a file of their own."""
    result = evaluate(_public(order.public_half, order.public_digest), _truth(order.truth_file), order.file)
    if result.outcomes is not None:
        result.outcomes.save(order.outcomes_file)
    card = result.scorecard
    ScoredFile(
        **_facts(result.checked),
        truth_digest=result.truth_digest,
        scorer_version=SCORER_VERSION,
        scores=card.scores if card else None,
        counts=card.counts if card else None,
        per_class=card.per_class if card else None,
    ).write(order.result_file)


def check(order: CheckOrder) -> None:
    """Validate `order.file` without any truth."""
    checked = validate(_public(order.public_half, order.public_digest), order.file)
    CheckedFile(**_facts(checked)).write(order.result_file)


def warm_up(_order: None) -> None:
    """Load what is compiled, so that the first submission does not wait for it."""
    load_kernels()


def _facts(checked: Checked) -> dict[str, Any]:
    return {
        "findings": checked.report.as_json(),
        "is_valid": checked.report.is_valid,
        "lines": checked.lines,
        "sha256": checked.sha256,
        "format": checked.format,
    }
