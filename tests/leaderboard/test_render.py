"""The board as a table of a page."""

from __future__ import annotations

from dataclasses import replace

from leaderboard.intervals import Interval
from leaderboard.numbers import difference_text, score_text, shown_name
from leaderboard.rank_intervals import RankInterval
from leaderboard.render import board_table
from leaderboard.selection import Selection
from scoring.tasks import find_task
from tests.leaderboard.making import CLOSES, MEAN_AP, TOP5, Looker, board_of, entry, submission

BOARD = board_of(
    entry(1, submission(11, 0.0381799999), team="Ada", method="Net", spent=3), entry(2, submission(12, None))
)


def test_errors_have_five_decimals_and_average_precision_four() -> None:
    assert score_text(0.038179999, TOP5) == "0.03818"
    assert score_text(0.590060814, MEAN_AP) == "0.5901"
    of_2011 = find_task("cls").metric("hierarchical1_error_2011")
    assert score_text(0.1234567, of_2011) == "0.12346"


def test_an_undefined_value_is_not_a_zero() -> None:
    assert score_text(None, MEAN_AP) == "–"


def test_a_difference_carries_its_sign() -> None:
    assert [difference_text(d, TOP5) for d in (-0.01, 0.02, 0.0)] == ["−0.01000", "+0.02000", "±0.00000"]


def test_a_number_carries_its_direction() -> None:
    page = board_table(BOARD)
    assert "Ranked by top-5 error, lower is better" in page
    assert page.count("lower is better</span>") == 2


def test_rows_stand_in_order_with_their_values() -> None:
    page = board_table(BOARD)
    assert page.index("Ada") < page.index("Team 2")
    assert ">0.03818<" in page
    assert '<time datetime="2026-03-15T12:00:00Z">2026-03-15</time>' in page


def test_no_more_rows_than_asked_for_are_printed() -> None:
    assert "Team 2" not in board_table(BOARD, limit=1)


def test_the_viewers_own_team_is_marked_and_every_row_leads_to_its_entry_and_team() -> None:
    own = board_table(board_of(entry(1, submission(11, 0.5)), entry(2, submission(12, 0.6)), viewer=Looker(team_id=1)))
    assert own.count("your team") == 1
    assert all(f'href="/{kind}/{number}"' in own for kind in ("entries", "teams") for number in (1, 2))


def test_no_link_leads_from_an_anonymous_row_to_its_team_before_the_reveal() -> None:
    entries = (entry(1, submission(11, 0.5), team="Ada"), entry(2, submission(12, 0.6), team="Bea"))
    during = board_table(board_of(*entries, is_anonymous=True))
    assert during.count("Anonymous team") == 2 and "Ada" not in during and "/teams/" not in during
    own = board_table(board_of(*entries, is_anonymous=True, viewer=Looker(team_id=1)))
    assert "Ada" in own and "Bea" not in own
    assert "Bea" in board_table(board_of(*entries, is_anonymous=True, now=CLOSES))


def test_what_stands_out_of_competition_is_said_with_its_reason_and_interval() -> None:
    ranked = replace(submission(11, 0.25), interval=Interval(low=0.2, high=0.3, level=0.95))
    page = board_table(
        board_of(
            entry(1, ranked),
            replace(entry(2, submission(12, 0.1)), is_baseline=True),
            replace(entry(3, submission(13, 0.2)), is_competing=False),
            replace(entry(4, submission(14, 0.01)), disqualified_for="Trained on the test set."),
        )
    )
    assert "0.20000 to 0.30000" in page
    assert page.count('class="rank">–<') == 3 and 'class="rank">1<' in page
    assert page.index("baseline") < page.index("not competing") < page.index(">0.25000<") < page.index("Disqualified:")


def test_tracks_stand_in_a_column_of_their_own() -> None:
    page = board_table(
        board_of(replace(entry(1, submission(11, 0.5)), track="external"), tracks=("provided", "external"))
    )
    assert "Track" in page and 'data-label="Track">external<' in page


def test_headings_sort_by_their_column_and_keep_the_filter_and_the_split() -> None:
    chosen = Selection(sort="team", text="a b", split="public")
    page = board_table(BOARD, selection=chosen, address="/rounds/digits/board")
    assert 'href="/rounds/digits/board?sort=-team&amp;find=a+b&amp;split=public"' in page
    assert 'href="/rounds/digits/board?find=a+b&amp;split=public"' in page
    assert page.count('aria-sort="ascending"') == 1


def test_a_metric_where_more_is_better_is_sorted_from_the_top() -> None:
    board = board_of(entry(1, submission(1, 0.5, metric="mean_ap")), task="det", best_by="mean_ap")
    page = board_table(board, selection=Selection(sort="mean_ap"), address="/b")
    assert 'class="main" aria-sort="descending"' in page
    assert 'href="/b"' in page


def test_a_name_is_text_and_never_markup() -> None:
    page = board_table(board_of(entry(1, submission(1, 0.5), team="<script>alert(1)</script>", method='"><img src=x>')))
    assert "<script" not in page
    assert "<img" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_what_is_invisible_in_a_name_is_shown_as_an_escape() -> None:
    assert shown_name("a\u202eb\u200bc\x00") == "a\\u202eb\\u200bc\\x00"
    assert shown_name("Équipe 東京") == "Équipe 東京"
    page = board_table(board_of(entry(1, submission(1, 0.5), team="evil\u202egnp.exe")))
    assert "\u202e" not in page


def test_the_ranks_a_row_may_have_stand_under_its_rank_unless_they_are_that_alone() -> None:
    board = board_of(entry(1, submission(11, 0.1)), entry(2, submission(12, 0.2)))
    ranks = (RankInterval(best=1, worst=1), RankInterval(best=2, worst=4))
    rows = tuple(replace(row, rank_interval=one) for row, one in zip(board.rows, ranks, strict=True))
    page = board_table(replace(board, rows=rows))
    assert ">2–4</small>" in page and page.count("<small") == 1


def test_rows_have_boxes_to_choose_them_by_where_they_can_be_compared() -> None:
    assert 'type="checkbox"' not in board_table(BOARD)
    page = board_table(BOARD, can_compare=True)
    assert page.count('type="checkbox"') == 2
    assert 'name="entry" value="1" aria-label="Compare Method 1, Ada"' in page.replace("Net", "Method 1")
