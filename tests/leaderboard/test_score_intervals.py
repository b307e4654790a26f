"""The intervals that are kept beside a score: those of the statistics, on the images of its split."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from leaderboard.categories import CATEGORIES_WON
from leaderboard.comparison import RESAMPLES, resampled_costs
from leaderboard.intervals import bootstrap_interval, error_interval, interval_of, population_interval
from leaderboard.numbers import score_text
from leaderboard.score_intervals import LEVELS, score_intervals
from scoring.evaluation import evaluate
from scoring.metrics.resampling import ImageResamples, RankedDetections, resampled_mean_ap
from scoring.opening import open_round
from scoring.outcomes import Outcomes
from scoring.scorecard import Scorecard
from tests.scoring.making import Files, round_toml, write_round

FIRST_TWO = np.array([True, True, False])
BOXES = "1 1 0.9 0 0 9 9\n2 2 0.8 10 20 29 39\n5 1 0.7 50 50 60 60\n5 1 0.6 5 5 24 24\n1 2 0.5 0 0 9 9\n"


# Ants and bees are insects, cats are not.
HIERARCHY: dict[str, str | bytes | None] = {
    "round.toml": round_toml("cls").replace("[classes]", '[classes]\nhierarchy = "hierarchy.json"'),
    "hierarchy.json": json.dumps(
        [
            {"id": node, "wnid": wnid, "words": wnid, "parents": parents, "height": height}
            for node, wnid, parents, height in (
                (1, "n00000001", [4], 0), (2, "n00000002", [5], 0), (3, "n00000003", [4], 0),
                (4, "n00000004", [5], 1), (5, "n00000005", [], 2),
            )
        ]
    ),
}  # fmt: skip


def outcomes_of(folder: Path, task: str, predictions: str, files: Files | None = None) -> Outcomes:
    public, truth = open_round(write_round(folder / task, task, files), cache=folder / "cache")
    file = folder / "predictions.txt"
    file.write_text(predictions)
    outcomes = evaluate(public, truth, file).outcomes
    assert outcomes is not None
    return outcomes


@pytest.mark.parametrize(("mask", "wrong", "images"), [(None, 2, 3), (FIRST_TWO, 1, 2)])
def test_an_error_has_the_interval_of_its_counts(
    tmp_path: Path, mask: np.ndarray | None, wrong: int, images: int
) -> None:
    outcomes = outcomes_of(tmp_path, "cls", "1\n1\n1\n")
    found = score_intervals("top5_error", outcomes.scorecard(mask), outcomes, mask=mask)
    for level in LEVELS:
        assert interval_of(found, level=level) == error_interval(wrong, images, level=level)
    assert interval_of(found, level=0.5) is None


@pytest.mark.parametrize(("labels", "expected"), [("1 2\n\n2\n", (1, 2)), ("\n\n\n", (0, 0))])
def test_images_without_a_label_are_not_in_the_interval(tmp_path: Path, labels: str, expected: tuple[int, int]) -> None:
    outcomes = outcomes_of(tmp_path, "cls", "1\n1\n1\n", {"labels.txt": labels})
    card = outcomes.scorecard()
    found = interval_of(score_intervals("top5_error", card, outcomes), level=0.95)
    assert found == error_interval(*expected, level=0.95)
    score = card.scores["top5_error"]
    assert (found is None) == (score is None)
    assert score is None or (found is not None and found.low <= score <= found.high)


def test_a_localization_error_leaves_the_blacklist_out() -> None:
    counts = {"images": 10, "scored_images": 8, "loc5_wrong": 4, "top5_wrong": 1}
    card = Scorecard(scores={}, counts=counts, per_class=[])
    nobody: Outcomes = None  # type: ignore[assignment]  # counts are all that is asked for
    loc, top = (score_intervals(metric, card, nobody) for metric in ("loc5_error", "top5_error"))
    assert interval_of(loc, level=0.95) == error_interval(4, 8, level=0.95)
    assert interval_of(top, level=0.95) == error_interval(1, 10, level=0.95)


@pytest.mark.parametrize("mask", [None, FIRST_TWO])
def test_a_mean_ap_has_the_interval_of_its_resamples(tmp_path: Path, mask: np.ndarray | None) -> None:
    outcomes = outcomes_of(tmp_path, "det", BOXES)
    card = outcomes.scorecard(mask)
    score = card.scores["mean_ap"]
    assert score is not None
    resamples = ImageResamples(image_count=3, count=RESAMPLES, seed=2012, mask=mask)
    resampled = resampled_mean_ap([RankedDetections.of(outcomes)], resamples)[:, 0]  # type: ignore[arg-type]
    found = score_intervals("mean_ap", card, outcomes, mask=mask)
    for level in LEVELS:
        assert interval_of(found, level=level) == population_interval(score, resampled, level=level)


@pytest.mark.parametrize(("metric", "costs"), [("hierarchical1_error", [1, 2]), ("hierarchical5_error_2011", [0.5, 1])])
@pytest.mark.parametrize("mask", [None, FIRST_TWO])
def test_a_hierarchical_error_has_the_interval_of_its_resampled_images(
    tmp_path: Path, metric: str, costs: list[float], mask: np.ndarray | None
) -> None:
    """An ant taken for a bee, an image without a label, a bee taken for a cat: the second counts nowhere."""
    outcomes = outcomes_of(tmp_path, "cls", "2\n1\n3\n", HIERARCHY | {"labels.txt": "1\n\n2\n"})
    card = outcomes.scorecard(mask)
    own = np.array([costs if mask is None else costs[:1]], np.float64)
    score = card.scores[metric]
    assert score == own.mean()
    found = score_intervals(metric, card, outcomes, mask=mask)
    for level in LEVELS:
        resampled, most = resampled_costs(own)[:, 0], 1.0 if metric.endswith("2011") else 2.0
        interval = interval_of(found, level=level)
        assert interval == bootstrap_interval(score, resampled, level=level, most=most)
        assert interval is not None and interval.low <= score <= interval.high <= most
    # a mean of 1.5 levels is not cut at 1
    assert mask is not None or metric.endswith("2011") or found["0.95"][1] > 1.5


def test_where_no_interval_is_known_there_is_none(tmp_path: Path) -> None:
    outcomes = outcomes_of(tmp_path, "cls", "1\n1\n1\n")
    assert score_intervals("hierarchical5_error", outcomes.scorecard(), outcomes) == {}
    costly = Scorecard(scores={"hierarchical5_error": 1.0}, counts={}, per_class=[])
    assert score_intervals("hierarchical5_error", costly, outcomes) == {}  # no hierarchy says what its images cost
    boxes = outcomes_of(tmp_path, "det", BOXES)
    assert score_intervals("hierarchical5_error", costly, boxes) == {}
    undefined = Scorecard(scores={"mean_ap": None}, counts={}, per_class=[])
    assert score_intervals("mean_ap", undefined, outcomes) == {}
    defined = Scorecard(scores={"mean_ap": 0.5}, counts={}, per_class=[])
    assert score_intervals("mean_ap", defined, outcomes) == {}  # of tracklets: outcomes of another kind


def test_categories_are_counted_in_whole_numbers() -> None:
    assert score_text(85.0, CATEGORIES_WON) == "85"
