"""Object categories won, the rule of ILSVRC's detection winner: the entry that is best in most classes ranks first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from leaderboard.rules import Standing, order_key
from scoring.tasks import Metric

CATEGORIES_WON = Metric(name="categories_won", label="object categories won", is_lower_better=False, unit="classes")

ClassScores = Sequence[float | None]  # (classes,) average precision of each class, None where it is undefined


def class_winners(
    standings: Sequence[Standing], class_scores: Mapping[int, ClassScores]
) -> tuple[Standing | None, ...]:
    """(classes,) who wins each class: the highest average precision, compared exactly.

    Each class goes to one standing, so that the numbers won add up to the number of classes. Of equal values the one
    submitted earlier wins, as the earlier stands first on the board: who sends what another has sent already takes
    nothing from him. A class that is undefined (it has no positives) is won by nobody.

    Args:
        standings: of a board, in any order.
        class_scores: by submission, every standing's included; all of one length.

    Raises:
        KeyError: when a standing's scores are missing.
        ValueError: when they differ in their number of classes.
    """
    first_come = sorted(standings, key=lambda standing: (standing.submission.submitted_at, standing.submission.id))
    by_class = zip(*(class_scores[standing.submission.id] for standing in first_come), strict=True)
    return tuple(_winner(first_come, values) for values in by_class)


def ranked_by_categories_won(
    standings: Sequence[Standing], class_scores: Mapping[int, ClassScores]
) -> tuple[Standing, ...]:
    """The standings with their `categories_won` among their scores, who has most of them first.

    Args and errors as in `class_winners`.
    """
    winners = class_winners(standings, class_scores)
    won = Counter(standing.submission.id for standing in winners if standing is not None)
    counted = [
        replace(
            standing,
            submission=replace(
                standing.submission,
                scores={**standing.submission.scores, CATEGORIES_WON.name: float(won[standing.submission.id])},
            ),
        )
        for standing in standings
    ]
    return tuple(sorted(counted, key=lambda standing: order_key(standing.submission, CATEGORIES_WON)))


def _winner(first_come: Sequence[Standing], values: Sequence[float | None]) -> Standing | None:
    best: Standing | None = None
    highest: float | None = None
    for standing, value in zip(first_come, values, strict=True):
        if value is not None and (highest is None or value > highest):
            best, highest = standing, value
    return best
