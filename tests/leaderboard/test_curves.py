"""Precision over recall, drawn."""

from __future__ import annotations

from leaderboard.curves import RECALLS, curve_chart, curve_figure


def test_a_falling_precision_is_a_line_that_falls_to_the_right() -> None:
    chart = curve_chart([1 - recall for recall in RECALLS])
    first, last = chart.segments[0], chart.segments[-1]
    assert len(chart.segments) == 100
    assert (first.x, last.until) == (0.5, 99.5)
    assert (first.y, last.then) == (chart.ticks[-1].y, chart.ticks[0].y)
    assert [tick.label for tick in chart.ticks] == ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]


def test_the_table_says_the_same_at_each_tenth() -> None:
    page = curve_figure([1 - recall / 2 for recall in RECALLS])
    assert page.count("<tr>") == 12 and ">0.7500<" in page and page.count('class="record"') == 100
