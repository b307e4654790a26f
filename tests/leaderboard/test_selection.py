"""Sorting and filtering by the address: what is shown changes, ranks do not."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from leaderboard.board import Board
from leaderboard.entries import Entry, ScoredSubmission
from leaderboard.selection import Selection, read_selection, select
from tests.leaderboard.making import board_of


def _entry(number: int, team: str, method: str, *, top5: float, top1: float | None, day: int, spent: int) -> Entry:
    sent = ScoredSubmission(
        id=number,
        submitted_at=datetime(2026, 3, day, 12, tzinfo=UTC),
        scores={"top5_error": top5, "top1_error": top1},
    )
    return Entry(
        id=number, team_id=number, team=team, method=method, submissions=(sent,), spent_at=(sent.submitted_at,) * spent
    )


BOARD: Board = board_of(
    _entry(1, "Weiß", "net b", top5=0.1, top1=None, day=3, spent=9),
    _entry(2, "anna", "Net A", top5=0.2, top1=0.4, day=1, spent=30),
    _entry(3, "Bea", "forest", top5=0.3, top1=0.35, day=2, spent=2),
)


def shown(*, sort: str = "", text: str = "", since: str = "") -> list[int]:
    return [row.submission for row in select(BOARD, read_selection(BOARD, sort=sort, text=text, since=since))]


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("", [1, 2, 3]),
        ("rank", [1, 2, 3]),
        ("-rank", [3, 2, 1]),
        ("team", [2, 3, 1]),
        ("-team", [1, 3, 2]),
        ("method", [3, 2, 1]),
        ("spent", [3, 1, 2]),
        ("date", [2, 3, 1]),
        ("-date", [1, 3, 2]),
        ("top5_error", [1, 2, 3]),
        ("-top5_error", [3, 2, 1]),
    ],
)
def test_the_address_chooses_the_order(sort: str, order: list[int]) -> None:
    assert shown(sort=sort) == order


@pytest.mark.parametrize("sort", ["top1_error", "-top1_error"])
def test_a_row_without_the_value_comes_last_in_either_order(sort: str) -> None:
    assert shown(sort=sort)[-1] == 1


def test_numbers_are_sorted_as_numbers() -> None:
    assert shown(sort="spent") == [3, 1, 2]


def test_a_text_finds_teams_and_methods_whatever_the_case() -> None:
    assert shown(text="NET") == [1, 2]
    assert shown(text=" weiss ") == [1]
    assert shown(text="nobody") == []


def test_a_date_leaves_earlier_rows_out() -> None:
    assert shown(since="2026-03-02") == [1, 3]


def test_ranks_stay_those_of_the_whole_board() -> None:
    assert [row.rank for row in select(BOARD, read_selection(BOARD, sort="", text="forest", since=""))] == [3]


def test_what_an_address_cannot_mean_is_left_out() -> None:
    assert read_selection(BOARD, sort="-nonsense", text="  ", since="yesterday") == Selection()


def test_a_selection_knows_whether_it_leaves_rows_out() -> None:
    assert Selection(sort="team").is_everything
    assert not Selection(text="a").is_everything
