"""Scores before corrections of the truth, beside those that count."""

from __future__ import annotations

from collections.abc import Sequence

from leaderboard.numbers import score_text
from scoring.tasks import Metric
from server.services.earlier_scores import EarlierScores
from server.web.submit import Fact


def earlier_facts(earlier: Sequence[EarlierScores], metric: Metric, *, of_split: str = "") -> tuple[Fact, ...]:
    """`metric` before each correction, on one split, or on every one that the viewer may see."""
    return tuple(
        Fact(
            f"Before the correction of {one.corrected_at:%Y-%m-%d %H:%M} UTC"
            + ("" if split == "all" else f", {split} images"),
            score_text(scores.get(metric.name), metric),
        )
        for one in earlier
        for split, scores in one.by_split.items()
        if of_split in {"", split}
    )
