"""No predictions with track ids and published scores are at hand: a literal twin holds the code to its description."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.parity.oracles_tracking import score_tracking
from tests.scoring.metrics.tracked import CLASSES, TrackedRound, tracked_rounds


@settings(max_examples=2 * settings.default.max_examples)
@given(tracked_rounds(), st.integers(1, 9))
def test_every_figure_of_tracking_is_that_of_the_oracle(small: TrackedRound, window: int) -> None:
    card = small.outcomes(window=window).scorecard()
    scores, rows = score_tracking(
        class_ids=range(CLASSES), snippets=small.snippets, truth=small.truth, lines=small.lines
    )
    assert card.scores == {name: near(score) for name, score in scores.items()}
    for row, right in zip(card.per_class, rows, strict=True):
        assert {name: row[name] for name in right} == {name: near(figure) for name, figure in right.items()}


def near(figure: float | None) -> object:
    return None if figure is None else pytest.approx(figure, rel=1e-13, abs=0)
