"""Records and the chart of progress: who led when, and where it stands in the picture."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from leaderboard.board import Board
from leaderboard.charts import ProgressChart, Reference, progress_chart
from leaderboard.figures import progress_figure, record_lines
from tests.leaderboard.making import CLOSES, DURING, MEAN_AP, OPENS, TOP5, Looker, board_of, entry, submission

FIRST = entry(1, submission(1, 0.4), submission(4, 0.1, hours=3), team="Ada")
SECOND = entry(2, submission(2, 0.3, hours=1), submission(3, 0.3, hours=2), team="Bea")


def held(board: Board) -> list[tuple[str, float]]:
    return [(record.team, record.value) for record in board.records]


def chart_of(board: Board, **rest: Any) -> ProgressChart:
    chart = progress_chart(board, **{"metric": TOP5, "start": OPENS, "end": CLOSES, **rest})
    assert chart is not None
    return chart


def test_each_score_better_than_all_before_is_a_record_though_its_team_has_bettered_it_since() -> None:
    assert held(board_of(FIRST, SECOND)) == [("Ada", 0.4), ("Bea", 0.3), ("Ada", 0.1)]


def test_where_higher_is_better_records_rise() -> None:
    sent = (submission(n, value, metric="mean_ap", hours=n) for n, value in enumerate((0.2, 0.1, None, 0.5), start=1))
    board = board_of(entry(1, *sent), task="det", best_by="mean_ap")
    assert held(board) == [("Team 1", 0.2), ("Team 1", 0.5)]
    low, high = (step.y for step in chart_of(board, metric=MEAN_AP).steps)
    assert [step.label and step.label.anchor for step in chart_of(board, metric=MEAN_AP).steps] == ["end", "start"]
    assert high < low  # a pixel further up is a smaller number


@pytest.mark.parametrize("change", [{"is_baseline": True}, {"is_competing": False}, {"disqualified_for": "Late."}])
def test_who_takes_no_rank_sets_no_record(change: dict[str, Any]) -> None:
    assert held(board_of(FIRST, replace(SECOND, **change))) == [("Ada", 0.4), ("Ada", 0.1)]


def test_records_are_those_the_viewer_may_see() -> None:
    freeze = DURING + timedelta(hours=2)
    late, reveal = DURING + timedelta(hours=4), CLOSES + timedelta(days=1)
    assert held(board_of(FIRST, SECOND, freezes=freeze, now=late)) == [("Ada", 0.4), ("Bea", 0.3)]
    assert held(board_of(FIRST, SECOND, is_blind=True)) == []
    assert {team for team, _ in held(board_of(FIRST, SECOND, is_anonymous=True))} == {"Anonymous team"}
    own = board_of(FIRST, SECOND, is_anonymous=True, viewer=Looker(team_id=1))
    assert [team for team, _ in held(own)] == ["Ada", "Anonymous team", "Ada"]
    # private scores were no records in their time: at the reveal only what stands for an entry counts
    assert held(board_of(FIRST, SECOND, public_share=0.5, now=reveal)) == [("Bea", 0.3), ("Ada", 0.1)]


def test_a_round_without_a_score_has_no_chart() -> None:
    board = board_of(entry(1, submission(1, None)))
    assert progress_chart(board, TOP5, start=OPENS, end=CLOSES) is None
    assert progress_figure(board, TOP5, start=OPENS, end=CLOSES) == ""


def test_the_line_steps_down_at_each_record_and_runs_to_the_end() -> None:
    chart = chart_of(board_of(FIRST, SECOND), start=DURING, end=DURING + timedelta(hours=4))
    steps = chart.steps
    assert [(step.x, step.until) for step in steps] == [(1.0, 25.62), (25.62, 74.88), (74.88, 99.5)]
    assert [step.before for step in steps[1:]] == [step.y for step in steps[:-1]]
    assert steps[0].before == steps[0].y < steps[1].y < steps[2].y
    labels = [step.label for step in steps if step.label]
    assert [label.text for label in labels] == ["Ada", "Bea", "Ada"] and [step.is_last for step in steps] == [0, 0, 1]
    assert [label.anchor for label in labels] == ["start", "end", "end"]
    assert [label.y - step.y for label, step in zip(labels, steps, strict=True)] == [18, 4, 4]
    assert [date.label for date in chart.dates] == ["2026-03-15 12:00", "2026-03-15 16:00"]
    assert [date.label for date in chart_of(board_of(FIRST)).dates] == ["2026-03-01", "2026-04-01"]


def test_every_row_is_a_point_but_for_those_far_from_all_records() -> None:
    chart = chart_of(board_of(FIRST, SECOND, entry(3, submission(5, 0.99)), entry(4, submission(6, None))))
    assert [point.title for point in chart.points] == ["Ada, Method 1: 0.10000", "Bea, Method 2: 0.30000"]
    assert chart.left_out == 1
    far = progress_figure(board_of(FIRST, entry(3, submission(5, 0.99))), TOP5, start=None, end=CLOSES)
    assert "Out of the picture, with far worse scores: 1." in far


def test_one_score_alone_and_one_of_zero_have_a_chart_too() -> None:
    for value in (0.25, 0.0):
        chart = chart_of(board_of(entry(1, submission(1, value))), start=None, end=DURING)
        assert len(chart.steps) == len(chart.points) == 1
        assert all(0 <= tick.y <= chart.height for tick in chart.ticks) and len(chart.ticks) >= 2


@pytest.mark.parametrize("others", [(), (0.3,), (0.3, 0.9)])
def test_the_label_of_the_lowest_record_stays_clear_of_the_dates(others: tuple[float, ...]) -> None:
    rows = [entry(n, submission(n, value, hours=n)) for n, value in enumerate((0.2, *others), start=1)]
    (step,) = (chart := chart_of(board_of(*rows), start=DURING)).steps
    assert step.label and step.x < 50  # written below its line, and the first date stands below that
    assert chart.dates_y - step.label.y >= 16


@pytest.mark.parametrize(
    ("values", "labels"),
    [
        ((0.0, 1.0), ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
        ((0.021, 0.026), ["0.021", "0.022", "0.023", "0.024", "0.025", "0.026"]),
        ((0.1, 0.35), ["0.10", "0.15", "0.20", "0.25", "0.30", "0.35"]),
    ],
)
def test_the_axis_shows_round_values(values: tuple[float, float], labels: list[str]) -> None:
    low, high = values
    board = board_of(entry(1, submission(1, high), submission(2, low, hours=1)))
    assert [tick.label for tick in chart_of(board).ticks] == labels


def test_holders_whose_labels_would_lie_on_each_other_are_left_to_the_table_and_winners_move_down() -> None:
    sent = [submission(n, 0.4 - n / 1000, hours=n) for n in range(1, 6)]
    board = board_of(entry(1, *sent))
    references = [Reference(label=f"{2015 + n}", value=value) for n, value in enumerate((0.03567, 0.02991, 0.3))]
    chart = chart_of(board, references=references)
    assert [step.label and step.label.text for step in chart.steps] == [None, None, None, "Team 1", "Team 1"]
    published = [("2017", "0.30000"), ("2015", "0.03567"), ("2016", "0.02991")]
    assert [(one.short, one.rest) for one in chart.references] == published
    far, first, second = chart.references
    assert [one.label_y for one in (far, first)] == [round(one.y + 4, 1) for one in (far, first)]
    assert second.y - first.y < 16 and second.label_y == first.label_y + 16
    page = progress_figure(board, TOP5, start=OPENS, end=CLOSES, references=references)
    assert page.count('data-label="Set, UTC"') == 5 and ">2016<" in page and ">0.02991<" in page


def test_a_name_longer_than_its_step_is_left_to_the_table() -> None:
    sent = [submission(n, 0.4 - n / 10, hours=n) for n in range(3)]
    names = ["A name of thirty characters at least", "Short"]
    for name, first, last in zip(names, [None, "Short"], ["A name of thirty characters a…", "Short"], strict=True):
        steps = chart_of(board_of(entry(1, *sent, team=name)), start=DURING, end=DURING + timedelta(hours=16)).steps
        assert [steps[place].label and steps[place].label.text for place in (0, 2)] == [first, last]


def test_the_table_says_by_how_much_a_record_was_better_and_leads_to_rows_of_the_board_alone() -> None:
    other = entry(3, submission(5, 0.05, hours=4), team_id=1, team="Ada", method="<b>Net</b>")
    board = board_of(FIRST, SECOND, other)
    lines = record_lines(board, TOP5)
    assert [(line.score, line.gain) for line in lines] == [
        ("0.05000", "−0.05000"), ("0.10000", "−0.20000"), ("0.30000", "−0.10000"), ("0.40000", "–"),
    ]  # fmt: skip
    assert [line.address for line in lines] == ["/entries/3", "", "/entries/2", ""]  # one row per team
    page = progress_figure(board, TOP5, start=OPENS, end=CLOSES)
    assert "&lt;b&gt;Net" in page and "<b>" not in page
