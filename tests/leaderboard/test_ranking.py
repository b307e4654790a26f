"""Ranks come from exact values, by the round's metric and its direction."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from leaderboard.ranking import ranks
from leaderboard.rules import standings
from tests.leaderboard.making import MEAN_AP, TOP5, board_of, entry, submission


def ranked(*values: float | None) -> list[tuple[int, int]]:
    """(rank, entry number) for entries 1, 2, ... of these values."""
    board = board_of(*(entry(n, submission(n, value)) for n, value in enumerate(values, start=1)))
    return [(row.rank, row.submission) for row in board.rows]


def test_the_lowest_error_ranks_first() -> None:
    assert ranked(0.2, 0.1, 0.3) == [(1, 2), (2, 1), (3, 3)]


def test_the_highest_average_precision_ranks_first() -> None:
    entries = [entry(n, submission(n, value, metric="mean_ap")) for n, value in enumerate((0.2, 0.7, 0.3), start=1)]
    board = board_of(*entries, task="det", best_by="mean_ap")
    assert [row.submission for row in board.rows] == [2, 3, 1]


def test_ties_share_a_rank_and_the_next_rank_is_skipped() -> None:
    assert ranked(0.1, 0.1, 0.3) == [(1, 1), (1, 2), (3, 3)]


def test_only_the_rows_that_share_a_rank_are_marked_as_tied() -> None:
    board = board_of(*(entry(n, submission(n, value)) for n, value in enumerate((0.1, 0.1, 0.3), start=1)))
    assert [row.is_tied for row in board.rows] == [True, True, False]


def test_within_a_tie_the_earlier_submission_stands_first() -> None:
    board = board_of(entry(1, submission(1, 0.1, hours=5)), entry(2, submission(2, 0.1, hours=1)))
    assert [row.submission for row in board.rows] == [2, 1]


def test_values_that_print_alike_do_not_tie() -> None:
    assert ranked(0.1000000002, 0.1000000001) == [(1, 2), (2, 1)]


def test_a_missing_value_ranks_last_and_shares_that_rank() -> None:
    assert ranked(None, 0.9, None, 0.1) == [(1, 4), (2, 2), (3, 1), (3, 3)]


def test_a_missing_average_precision_ranks_last_although_more_is_better() -> None:
    entries = [entry(n, submission(n, value, metric="mean_ap")) for n, value in enumerate((None, 0.0), start=1)]
    board = board_of(*entries, task="det", best_by="mean_ap")
    assert [row.submission for row in board.rows] == [2, 1]


def test_what_is_not_a_number_counts_as_missing() -> None:
    assert ranked(math.nan, 0.9) == [(1, 2), (2, 1)]


def test_minus_zero_ties_with_zero() -> None:
    assert [rank for rank, _ in ranked(0.0, -0.0)] == [1, 1]


def test_an_empty_round_has_an_empty_board() -> None:
    assert ranked() == []


@given(st.lists(st.none() | st.sampled_from([0.0, 0.1, 0.25, 0.5, 1.0]), max_size=12))
def test_a_rank_is_one_more_than_the_number_of_better_values(values: list[float | None]) -> None:
    for metric in (TOP5, MEAN_AP):
        entries = [entry(n, submission(n, value, metric=metric.name)) for n, value in enumerate(values)]
        ordered = standings(entries, rows="entry", metric=metric)
        for rank, standing in zip(ranks(ordered, metric), ordered, strict=True):
            own = standing.submission.scores[metric.name]
            better = [
                v for v in values if v is not None and (own is None or (v < own if metric.is_lower_better else v > own))
            ]
            assert rank == 1 + len(better)
