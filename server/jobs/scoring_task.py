"""The tasks of a scoring child that read files of predictions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from leaderboard.score_intervals import score_intervals
from scoring.evaluation import Checked, evaluate, validate
from scoring.outcomes import ImageMask, Outcomes
from scoring.rounds import PublicRound
from scoring.scorecard import SCORER_VERSION
from scoring.splits import ALL, PRIVATE, PUBLIC
from scoring.tasks import find_task
from scoring.warmup import warm_up as load_kernels
from server.jobs.child_rounds import public_images, public_round, truth_of
from server.jobs.orders import CheckedFile, CheckOrder, ScoredFile, ScoringOrder, SplitScore


def score(order: ScoringOrder) -> None:
    """Score `order.file`; the outcomes go into a file of their own."""
    public, truth = public_round(order.public_half, order.public_digest), truth_of(order.truth_file)
    result = evaluate(public, truth, order.file)
    splits: dict[str, SplitScore] = {}
    if result.outcomes is not None:
        result.outcomes.save(order.outcomes_file)
        splits = {name: _split_score(public, result.outcomes, mask) for name, mask in _masks(order)}
    ScoredFile(
        **_facts(result.checked), truth_digest=result.truth_digest, scorer_version=SCORER_VERSION, splits=splits
    ).write(order.result_file)


def _masks(order: ScoringOrder) -> Iterator[tuple[str, ImageMask | None]]:
    """Every split of the round with its images; all of them first."""
    yield ALL, None
    is_public = public_images(order.public_half, order.public_digest, order.split_truth_file, order.split_seed)
    if is_public is None:
        return
    yield PUBLIC, is_public
    yield PRIVATE, ~is_public


def _split_score(public: PublicRound, outcomes: Outcomes, mask: ImageMask | None) -> SplitScore:
    card = outcomes.scorecard(mask)
    return SplitScore(
        scores=card.scores,
        counts=card.counts,
        per_class=card.per_class,
        # of every metric that can come to decide: a policy may change, and its board is to be as sure as before
        intervals={
            metric.name: found
            for metric in find_task(public.task).metrics_of(public)
            if (found := score_intervals(metric.name, card, outcomes, mask=mask))
        },
    )


def check(order: CheckOrder) -> None:
    """Validate `order.file` without any truth."""
    checked = validate(public_round(order.public_half, order.public_digest), order.file)
    CheckedFile(**_facts(checked)).write(order.result_file)


def warm_up(tasks: frozenset[str]) -> None:
    """Load what is compiled for rounds of these tasks, so that the first submission does not wait for it."""
    if any(find_task(task).has_kernels for task in tasks):
        load_kernels()


def _facts(checked: Checked) -> dict[str, Any]:
    return {
        "findings": checked.report.as_json(),
        "is_valid": checked.report.is_valid,
        "lines": checked.lines,
        "sha256": checked.sha256,
        "format": checked.format,
    }
