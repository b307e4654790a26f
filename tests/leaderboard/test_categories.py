"""Object categories won: who is best in each class, and the ranking by it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leaderboard.categories import CATEGORIES_WON, class_winners, ranked_by_categories_won
from leaderboard.ranking import ranks
from leaderboard.rules import Standing
from tests.leaderboard.making import entry, submission

Scores = dict[int, list[float | None]]


def standing(number: int, *, hours: int = 0, value: float = 0.5) -> Standing:
    sent = submission(number, value, metric="mean_ap", hours=hours)
    return Standing(entry=entry(number, sent), submission=sent)


def winners(scores: Scores, *, hours: dict[int, int] | None = None) -> list[int | None]:
    """The number of the submission that wins each class."""
    standings = [standing(number, hours=(hours or {}).get(number, 0)) for number in scores]
    return [None if won is None else won.submission.id for won in class_winners(standings, scores)]


def test_the_highest_average_precision_wins_a_class() -> None:
    assert winners({1: [0.2, 0.9, 0.0], 2: [0.3, 0.1, 0.1]}) == [2, 1, 2]


def test_a_class_without_positives_is_won_by_nobody() -> None:
    assert winners({1: [None, 0.1], 2: [None, 0.2]}) == [None, 2]


def test_a_class_that_nobody_finds_goes_to_the_first_who_came() -> None:
    assert winners({7: [0.0], 3: [0.0]}, hours={3: 2, 7: 1}) == [7]


def test_of_equal_values_the_earlier_submission_wins() -> None:
    scores: Scores = {1: [0.5, 0.4], 2: [0.5, 0.5], 3: [0.5, 0.5]}
    assert winners(scores, hours={1: 5, 2: 3, 3: 1}) == [3, 3]
    assert winners(scores, hours={1: 0, 2: 3, 3: 3}) == [1, 2]  # sent at once: the lower number


def test_an_undefined_value_loses_to_any_other() -> None:
    assert winners({1: [None], 2: [0.0]}, hours={2: 1}) == [2]


def test_values_that_print_alike_do_not_tie() -> None:
    assert winners({1: [0.1], 2: [0.1 + 1e-15]}, hours={2: 1}) == [2]


def test_without_entries_there_are_no_winners() -> None:
    assert class_winners([], {}) == ()
    assert ranked_by_categories_won([], {}) == ()


def test_entries_of_other_classes_are_refused() -> None:
    with pytest.raises(ValueError, match="shorter"):
        winners({1: [0.1, 0.2], 2: [0.1]})
    with pytest.raises(KeyError):
        class_winners([standing(1)], {2: [0.1]})


def test_who_wins_most_classes_ranks_first_though_another_has_the_higher_mean() -> None:
    scores: Scores = {1: [0.5, 0.5, 0.9], 2: [0.6, 0.6, 0.1], 3: [0.1, 0.1, 0.1]}
    standings = [standing(1, value=0.63), standing(2, value=0.43), standing(3, value=0.1)]
    ordered = ranked_by_categories_won(standings, scores)
    assert [each.submission.id for each in ordered] == [2, 1, 3]
    assert [each.submission.scores for each in ordered] == [
        {"mean_ap": 0.43, "categories_won": 2.0}, {"mean_ap": 0.63, "categories_won": 1.0},
        {"mean_ap": 0.1, "categories_won": 0.0},
    ]  # fmt: skip
    assert ranks(ordered, CATEGORIES_WON) == (1, 2, 3)
    assert [each.entry.id for each in ordered] == [2, 1, 3]


def test_entries_that_win_equally_many_share_a_rank_the_earlier_first() -> None:
    standings = [standing(1, hours=2), standing(2, hours=1), standing(3)]
    ordered = ranked_by_categories_won(standings, {1: [0.5, 0.1], 2: [0.1, 0.5], 3: [0.0, 0.0]})
    assert [each.submission.id for each in ordered] == [2, 1, 3]
    assert ranks(ordered, CATEGORIES_WON) == (1, 1, 3)


values = st.none() | st.sampled_from([0.0, 0.25, 0.5])


@given(st.lists(st.lists(values, min_size=4, max_size=4), min_size=1, max_size=5), st.randoms(use_true_random=False))
def test_the_classes_won_add_up_to_the_defined_classes_in_any_order_of_entries(
    rows: list[list[float | None]], orders: object
) -> None:
    scores = dict(enumerate(rows, start=1))
    standings = [standing(number, hours=number % 2) for number in scores]
    ordered = ranked_by_categories_won(standings, scores)
    won = {each.submission.id: each.submission.scores["categories_won"] for each in ordered}
    defined = sum(any(row[c] is not None for row in rows) for c in range(4))
    assert sum(count for count in won.values() if count is not None) == defined
    shuffled = list(standings)
    orders.shuffle(shuffled)  # type: ignore[attr-defined]
    assert ranked_by_categories_won(shuffled, scores) == ordered


def test_categories_won_is_a_count_of_which_more_is_better() -> None:
    assert CATEGORIES_WON.name == "categories_won"
    assert CATEGORIES_WON.label == "object categories won"
    assert CATEGORIES_WON.unit == "classes"
    assert not CATEGORIES_WON.is_lower_better


def test_a_later_copy_takes_nothing_from_the_original() -> None:
    original, copy = standing(1), standing(2, hours=1)
    assert copy.submission.submitted_at - original.submission.submitted_at == timedelta(hours=1)
    won = class_winners([copy, original], {1: [0.5, 0.4], 2: [0.5, 0.4]})
    assert won == (original, original)
