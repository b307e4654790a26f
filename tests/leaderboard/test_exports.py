"""The board for programs: exact values, and nothing a spreadsheet would run."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import pytest

from leaderboard.exports import board_csv, board_document, defused, shown_metrics, text_table
from leaderboard.rank_intervals import RankInterval
from scoring.tasks import find_task
from tests.leaderboard.making import CLOSES, board_of, entry, submission

VALUE = 0.1 + 0.2  # has no short form: any rounding on the way would show


def test_the_document_has_the_published_shape() -> None:
    document = board_document(board_of(entry(1, submission(9, VALUE), team="Ada", method="Net", spent=3)))
    assert document == {
        "round": "digits",
        "task": "cls",
        "metric": {"name": "top5_error", "direction": "lower is better"},
        "truth": {"digest": "a" * 64, "is_sealed": True},
        "split": "all",
        "resolvable_difference": None,
        "entries": [
            {
                "rank": 1,
                "rank_interval": None,
                "team": "Ada",
                "method": "Net",
                "track": "",
                "entry": 1,
                "submission": 9,
                "scores": {
                    "top1_error": None,
                    "top2_error": None,
                    "top3_error": None,
                    "top4_error": None,
                    "top5_error": VALUE,
                },
                "interval": None,
                "submissions_spent": 3,
                "submitted_at": "2026-03-15T12:00:00Z",
                "is_competing": True,
                "is_baseline": False,
                "disqualified_for": None,
                "links": {},
            }
        ],
    }


def test_the_document_of_a_detection_round_says_that_more_is_better() -> None:
    document = board_document(board_of(task="det", best_by="mean_ap"))
    assert document["metric"] == {"name": "mean_ap", "direction": "higher is better"}


def test_json_and_csv_carry_the_exact_value() -> None:
    board = board_of(entry(1, submission(1, VALUE)))
    (row,) = csv.DictReader(io.StringIO(board_csv(board), newline=""))
    assert float(row["top5_error"]) == VALUE
    assert json.loads(json.dumps(board_document(board)))["entries"][0]["scores"]["top5_error"] == VALUE


def test_csv_quotes_as_rfc_4180_says() -> None:
    name = 'a "quoted", name\nof two lines'
    text = board_csv(board_of(entry(1, submission(1, None), team=name)))
    assert text.endswith("\r\n")
    assert '"a ""quoted"", name\nof two lines"' in text
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert rows[0] == [
        *("rank", "team", "method", "submission"),
        *(f"top{k}_error" for k in range(1, 6)),
        *("submissions_spent", "submitted_at", "interval_low", "interval_high", "track", "standing"),
        *("rank_best", "rank_worst"),
    ]
    assert rows[1] == ["1", name, "Method 1", "1", *[""] * 5, "1", "2026-03-15T12:00:00Z", "", "", "", "ranked", "", ""]


@pytest.mark.parametrize(
    "cell",
    [
        "=cmd()",
        "+1",
        "-1",
        "@SUM(A1)",
        " =1",
        "\t=1",
        "\r=1",
        "\u200b=1",
        "\u202e=1",
        "＝1",
        "\tplain",
        "|calc",
    ],
)
def test_a_cell_that_a_spreadsheet_would_run_begins_with_an_apostrophe(cell: str) -> None:
    assert defused(cell) == "'" + cell
    text = board_csv(board_of(entry(1, submission(1, 0.5), team=cell, method=cell)))
    row = list(csv.reader(io.StringIO(text, newline="")))[1]
    assert row[1:3] == ["'" + cell, "'" + cell]


@pytest.mark.parametrize("cell", ["ResNet-50", "a=b", "", "Équipe", "'quoted'"])
def test_an_ordinary_name_stays_as_it_is(cell: str) -> None:
    assert defused(cell) == cell


@pytest.mark.parametrize(
    ("task", "names"),
    [
        ("cls", ["top5_error", "top1_error"]),
        ("cls-loc", ["loc5_error", "loc1_error", "top5_error", "top1_error"]),
        ("det", ["mean_ap", "median_ap"]),
    ],
)
def test_a_table_shows_the_deciding_metric_and_the_ends_of_every_curve(task: str, names: list[str]) -> None:
    found = find_task(task)
    shown = shown_metrics(found.metrics, found.metric(found.main_metric))
    assert [metric.name for metric in shown] == names


def test_a_metric_inside_a_curve_can_decide_and_then_comes_first() -> None:
    metrics = find_task("cls").metrics
    assert [metric.name for metric in shown_metrics(metrics, metrics[2])] == [
        "top3_error",
        "top5_error",
        "top1_error",
    ]


def test_the_table_for_a_terminal_is_made_from_the_document_alone() -> None:
    document = board_document(board_of(entry(1, submission(9, 1 / 3), team="A\u202eda", method="Net", spent=3)))
    headings, rows = text_table(document)
    assert headings == ["rank", "team", "method", "top-5 error", "top-1 error", "submissions", "date (UTC)"]
    assert rows == [["1", "A\\u202eda", "Net", "0.33333", "–", "3", "2026-03-15"]]


def test_the_table_for_a_terminal_tells_categories_won_tracks_and_who_is_out_of_competition() -> None:
    won = replace(entry(1, submission(1, 0.4, metric="mean_ap")), track="provided")
    banned = replace(entry(2, submission(2, 0.5, metric="mean_ap")), track="open", disqualified_for="Late.")
    policy = {"task": "det", "best_by": "mean_ap", "ranking": "categories", "tracks": ("provided", "open")}
    board = board_of(won, banned, now=CLOSES, class_scores={1: [0.4], 2: [0.5]}, **policy)
    headings, rows = text_table(board_document(board))
    assert headings[:5] == ["rank", "team", "method", "track", "standing"]
    assert headings[5:7] == ["object categories won", "mean AP"]
    assert [row[:7] for row in rows] == [
        ["1", "Team 1", "Method 1", "provided", "ranked", "1", "0.4000"],
        ["-", "Team 2", "Method 2", "open", "disqualified", "–", "0.5000"],
    ]


def test_the_ranks_an_entry_may_have_are_exported_where_they_are_known() -> None:
    board = board_of(entry(1, submission(9, VALUE)))
    row = replace(board.rows[0], rank_interval=RankInterval(best=1, worst=3))
    ranked = replace(board, rows=(row,), resolvable=0.25)
    document = board_document(ranked)
    assert (document["entries"][0]["rank_interval"], document["resolvable_difference"]) == ([1, 3], 0.25)
    lines = [next(csv.DictReader(io.StringIO(board_csv(one), newline=""))) for one in (ranked, board)]
    assert [(line["rank_best"], line["rank_worst"]) for line in lines] == [("1", "3"), ("", "")]
