"""The pages of past years."""

from __future__ import annotations

from pathlib import Path

from tests.server.web.browsing import browser, text_of


def test_past_years_are_browsed_as_boards_with_their_sources(tmp_path: Path) -> None:
    with browser(tmp_path / "data") as client:
        years = text_of(client, "/history")
        boards = text_of(client, "/history/2012")
        detection = text_of(client, "/history/2017")
        text_of(client, "/history/2018", 404)
        text_of(client, "/history/-1", 404)
    assert all(f'href="/history/{year}"' in years for year in range(2010, 2018))
    assert boards.index("0.16422") < boards.index("0.26172") < boards.index("0.15315")
    assert "provided and external training data" in boards and ">result page<" in boards
    assert "Ranked by the number of object categories won" in detection and ">0.02251<" in detection


def test_the_figure_that_ranks_a_past_board_is_its_leading_one(tmp_path: Path) -> None:
    with browser(tmp_path / "data") as client:
        page = text_of(client, "/history/2017")
    assert (
        '<td class="main" data-label="Categories won ↑">85</td><td class="score" data-label="Mean AP ↑">0.731392<'
        in page
    )
    assert '<td class="main" data-label="Top-5 error ↓">0.02251<' in page
