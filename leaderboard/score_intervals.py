"""How sure the deciding score of one submission is: computed once, where the outcomes are, and kept beside it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from leaderboard.comparison import RESAMPLES, SEED, resampled_costs
from leaderboard.image_costs import has_image_costs, image_costs, most_of_costs
from leaderboard.intervals import Interval, bootstrap_interval, error_interval, population_interval

if TYPE_CHECKING:
    from scoring.outcomes import ImageMask, Outcomes
    from scoring.scorecard import Scorecard

LEVELS = (0.95, 0.999)

_ERROR = re.compile(r"(top|loc)([1-5])_error")


def score_intervals(
    metric: str, card: Scorecard, outcomes: Outcomes, *, mask: ImageMask | None = None
) -> dict[str, list[float]]:
    """Intervals of `metric`, by level ("0.95"); empty for a metric of which none is known.

    Args:
        metric: the round's deciding one.
        card: the scorecard of `outcomes` under `mask`.
        outcomes: of a submission.
        mask: (images,) of the split; None: all.
    """
    error = _ERROR.fullmatch(metric)
    found: list[Interval | None] = []
    if error is not None:
        # The blacklist leaves images out of the localization errors alone; one without a label is out of every error.
        is_of_all = error[1] == "top" and "loc5_wrong" in card.counts
        images = card.counts["images" if is_of_all else "scored_images"]
        wrong = card.counts[f"{error[1]}{error[2]}_wrong"]
        found = [error_interval(wrong, images, level=level) for level in LEVELS]
    elif metric == "mean_ap" and card.scores["mean_ap"] is not None:
        found = _of_mean_ap(card.scores["mean_ap"], outcomes, mask)
    elif has_image_costs(metric) and (score := card.scores.get(metric)) is not None:
        found = _of_costs(metric, score, outcomes, mask)
    return {str(interval.level): [interval.low, interval.high] for interval in found if interval is not None}


def _of_costs(metric: str, score: float, outcomes: Outcomes, mask: ImageMask | None) -> list[Interval | None]:
    from scoring.metrics.classification import LabelOutcomes

    if not isinstance(outcomes, LabelOutcomes) or outcomes.heights is None:
        return []
    is_scored = outcomes.is_counted(mask, None) & outcomes.labels.is_labelled
    costs = image_costs(metric, outcomes.heights.heights[is_scored], max_height=outcomes.heights.max_height)
    resampled = resampled_costs(costs[None])[:, 0]
    most = most_of_costs(metric, max_height=outcomes.heights.max_height)
    return [bootstrap_interval(score, resampled, level=level, most=most) for level in LEVELS]


def _of_mean_ap(score: float, outcomes: Outcomes, mask: ImageMask | None) -> list[Interval | None]:
    from scoring.metrics.detection import DetectionOutcomes

    if not isinstance(outcomes, DetectionOutcomes):
        return []
    from scoring.metrics.resampling import ImageResamples, RankedDetections, resampled_mean_ap

    resamples = ImageResamples(image_count=outcomes.image_count, count=RESAMPLES, seed=SEED, mask=mask)
    resampled = resampled_mean_ap([RankedDetections.of(outcomes)], resamples)[:, 0]
    return [population_interval(score, resampled, level=level) for level in LEVELS]
