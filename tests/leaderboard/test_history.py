"""The published results of ILSVRC: every figure with its source, and the same as those they were taken from."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from leaderboard.history import PastBoard, past_boards, past_winners, published_results


def test_figures_are_those_of_the_published_results(ilsvrc: Path) -> None:
    with (ilsvrc / "published_results.csv").open(encoding="utf-8", newline="") as stream:
        given = {
            (int(row["year"]), row["task"], row["track"], row["team"], row["metric"], row["value"],
             row["categories_won"], row["source"].split()[0])
            for row in csv.DictReader(stream)
        }  # fmt: skip
    tracks = {"provided": "provided", "provided and external": "external"}
    ours = {
        (one.year, one.task, tracks[one.training_data], one.team, one.metric, one.figure,
         "" if one.categories_won is None else str(one.categories_won), one.source.split()[0])
        for one in published_results()
    }  # fmt: skip
    assert ours == given and len(published_results()) == 78


@pytest.mark.parametrize(
    ("year", "training_data", "team", "figure"),
    [
        (2012, "provided", "SuperVision", "0.16422"),
        (2012, "provided and external", "SuperVision", "0.15315"),
        (2012, "provided", "ISI", "0.26172"),
        (2015, "provided", "MSRA", "0.03567"),
        (2017, "provided", "WMW", "0.02251"),
    ],
)
def test_the_figures_everybody_quotes_are_there(year: int, training_data: str, team: str, figure: str) -> None:
    found = [(one.training_data, one.team, one.figure) for one in published_results() if one.year == year]
    assert (training_data, team, figure) in found


def test_every_figure_has_a_source_and_every_board_stands_best_first() -> None:
    assert all(one.source for one in published_results())

    def order(board: PastBoard) -> list[tuple[float, float]]:
        sign = 1 if board.metric.is_lower_better else -1
        return [(-(one.categories_won or 0), sign * one.value) for one in board.results]

    boards = past_boards()
    assert all(order(board) == sorted(order(board)) for board in boards)
    assert [(board.year, board.task.slug) for board in past_boards(2011)] == [(2011, "cls"), (2011, "cls-loc")]
    assert [board.is_by_categories for board in past_boards(2014) if board.task.slug == "det"] == [True, False]
    assert past_boards(2018) == ()


def test_winners_stand_beside_rounds_of_ilsvrcs_classes_alone() -> None:
    winners = past_winners("cls", "top5_error", class_count=1000)
    assert [one.label.partition(" ")[0] for one in winners] == [str(year) for year in range(2010, 2018)]
    assert winners[2].label == "2012 SuperVision" and winners[2].value == 0.16422
    assert (
        past_winners("cls", "top5_error", class_count=10) == past_winners("cls", "top1_error", class_count=1000) == ()
    )
    assert past_winners("det", "mean_ap", class_count=200)[0].label == "2013 UvA-Euvision"
