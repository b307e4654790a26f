from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.formats.label_lines import GuessColumns
from scoring.metrics.classification import (
    NEVER,
    LabelScorer,
    first_right_guess,
    share,
    top_k_error,
    wrong_counts,
)
from scoring.scorecard import Scorecard
from scoring.truth import Truth
from tests.scoring.making import classes_of, public_round

guesses = st.lists(st.integers(-2, 3), min_size=5, max_size=5)
images = st.lists(st.tuples(guesses, st.integers(0, 3)), max_size=12)


def arrays(rows: list[tuple[list[int], int]]) -> tuple[np.ndarray, np.ndarray]:
    labels = np.array([labels for labels, _ in rows], dtype=np.int32).reshape(-1, 5)
    return labels, np.array([truth for _, truth in rows], dtype=np.int32)


def scorecard(rows: list[tuple[list[int], int]], classes: int = 4) -> Scorecard:
    labels, truth = arrays(rows)
    public = public_round("cls", images=max(1, len(rows)), classes=classes_of(range(1, classes + 1)))
    scorer = LabelScorer(public, Truth(task="cls", digest="", labels=truth))
    half = len(rows) // 2
    images = np.arange(len(rows), dtype=np.int32)[::-1]  # in any order
    scorer.add(GuessColumns(images=images[:half], labels=labels[::-1][:half]))
    scorer.add(GuessColumns(images=images[half:], labels=labels[::-1][half:]))
    return scorer.finish().scorecard()


@given(images)
def test_the_error_at_k_is_the_share_of_images_without_their_label_among_the_first_k(
    rows: list[tuple[list[int], int]],
) -> None:
    labels, truth = arrays(rows)
    for k in range(1, 6):
        wrong = sum(right not in guessed[:k] for guessed, right in rows)
        assert wrong_counts(first_right_guess(labels, truth))[k - 1] == wrong
        assert top_k_error(labels, truth, k) == (wrong / len(rows) if rows else None)


def test_the_rank_of_the_first_right_guess_counts_from_1() -> None:
    labels, truth = arrays([([2, 2, 0, 0, 0], 2), ([0, 1, 0, 1, 3], 3), ([0, 0, 0, 0, 0], 1), ([-2] * 5, 0)])
    assert first_right_guess(labels, truth).tolist() == [1, 5, NEVER, NEVER]


@given(images)
def test_every_figure_of_a_scorecard_is_counted_from_the_images(rows: list[tuple[list[int], int]]) -> None:
    card = scorecard(rows)
    assert (card.counts["images"], card.counts["scored_images"]) == (len(rows), len(rows))
    for k in range(1, 6):
        wrong = sum(right not in guessed[:k] for guessed, right in rows)
        assert card.counts[f"top{k}_wrong"] == wrong
        assert card.scores[f"top{k}_error"] == (wrong / len(rows) if rows else None)
    for position, row in enumerate(card.per_class):
        own = [guessed for guessed, right in rows if right == position]
        assert (row["id"], row["images"]) == (position + 1, len(own))
        for k in (1, 5):
            errors = sum(position not in guessed[:k] for guessed in own)
            assert row[f"top{k}_error"] == (errors / len(own) if own else None)


def test_more_guesses_never_make_an_error_worse() -> None:
    card = scorecard([([3, 1, 2, 0, -2], 0), ([0, 1, 2, 3, -2], 1), ([1, 1, 1, 1, 1], 3)])
    errors = [card.scores[f"top{k}_error"] for k in range(1, 6)]
    assert errors == [1, 2 / 3, 2 / 3, 1 / 3, 1 / 3]


@pytest.mark.parametrize(("count", "total", "expected"), [(1, 4, 0.25), (0, 3, 0.0), (0, 0, None)])
def test_a_share_of_nothing_is_undefined(count: int, total: int, expected: float | None) -> None:
    assert share(count, total) == expected
