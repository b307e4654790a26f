"""Which submission stands for an entry, and which entries get a row."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from leaderboard.rules import standings
from tests.leaderboard.making import CLOSES, DURING, TOP5, Looker, board_of, entry, submission


def test_an_entry_stands_by_its_best_submission() -> None:
    (standing,) = standings(
        [entry(1, submission(1, 0.3), submission(2, 0.1), submission(3, 0.2))], rows="team", metric=TOP5
    )
    assert standing.submission.id == 2


def test_of_equally_good_submissions_the_earlier_stands() -> None:
    (standing,) = standings(
        [entry(1, submission(2, 0.1, hours=3), submission(1, 0.1, hours=2))], rows="team", metric=TOP5
    )
    assert standing.submission.id == 1


def test_a_defined_value_stands_before_an_undefined_one() -> None:
    (standing,) = standings([entry(1, submission(1, None), submission(2, 1.0))], rows="team", metric=TOP5)
    assert standing.submission.id == 2


def test_with_a_row_per_team_only_its_best_entry_shows() -> None:
    board = board_of(
        entry(1, submission(1, 0.2), team_id=7),
        entry(2, submission(2, 0.1), team_id=7),
        entry(3, submission(3, 0.3)),
    )
    assert [(row.rank, row.method) for row in board.rows] == [(1, "Method 2"), (2, "Method 3")]


def test_with_a_row_per_entry_every_method_shows() -> None:
    board = board_of(entry(1, submission(1, 0.2), team_id=7), entry(2, submission(2, 0.1), team_id=7), rows="entry")
    assert [row.method for row in board.rows] == ["Method 2", "Method 1"]


def test_an_entry_without_a_scored_submission_has_no_row() -> None:
    assert board_of(entry(1)).rows == ()


def test_submissions_spent_are_those_of_the_whole_team() -> None:
    board = board_of(
        entry(1, submission(1, 0.2), team_id=7, spent=4),
        entry(2, submission(2, 0.1), team_id=7, spent=3),
        entry(3),
    )
    assert [row.submissions_spent for row in board.rows] == [7]


def test_a_frozen_board_counts_what_was_spent_before_the_freeze() -> None:
    late = entry(1, submission(1, 0.2), team_id=7, spent=4)  # a file each hour
    other = entry(2, submission(2, 0.1, hours=1), team_id=7, spent=3)
    freezes = DURING + timedelta(hours=2)
    spent = {
        now: [row.submissions_spent for row in board_of(late, other, freezes=freezes, now=now).rows]
        for now in (DURING, freezes, CLOSES)
    }
    assert spent == {DURING: [7], freezes: [4], CLOSES: [7]}


def test_submissions_spent_do_not_tell_before_the_reveal_which_anonymous_rows_are_of_one_team() -> None:
    named = entry(1, submission(1, 0.1), team_id=7, spent=4)
    hidden = [
        replace(entry(n, submission(n, n / 10), team_id=7, spent=n), is_anonymous=True, track=t)
        for n, t in ((2, ""), (3, "b"))
    ]
    spent = {
        now: [row.submissions_spent for row in board_of(named, *hidden, rows="entry", now=now).rows]
        for now in (DURING, CLOSES)
    }
    assert spent == {DURING: [4, 2, 3], CLOSES: [9, 9, 9]}
    assert [row.submissions_spent for row in board_of(*hidden, is_anonymous=True).rows] == [2, 3]


def test_a_teams_anonymous_entries_stand_beside_its_named_row_until_the_reveal() -> None:
    named = entry(1, submission(1, 0.3), team="Alpha", team_id=7, spent=2)
    hidden = [
        replace(entry(n, submission(n, n / 20, hours=n), team="Alpha", team_id=7), is_anonymous=True) for n in (3, 2)
    ]
    other = entry(4, submission(4, 0.4, hours=4), team="Beta")
    sent = named, *hidden, other
    during = board_of(*sent)
    assert [(row.rank, row.entry, row.team, row.submissions_spent) for row in during.rows] == [
        (1, 2, "Anonymous team", 2), (2, 1, "Alpha", 2), (3, 4, "Beta", 1),
    ]  # fmt: skip
    assert [(record.entry, record.team) for record in during.records] == [(1, "Alpha"), (2, "Anonymous team")]
    for viewer in (Looker(team_id=7), Looker(is_organizer=True)):
        assert [row.entry for row in board_of(*sent, viewer=viewer).rows] == [2, 1, 4], "as everybody sees it"
    assert [(row.entry, row.submissions_spent) for row in board_of(*sent, now=CLOSES).rows] == [(2, 4), (4, 1)]
    assert [row.entry for row in board_of(*(replace(one, is_anonymous=False) for one in sent)).rows] == [2, 4]
    assert [row.entry for row in board_of(*sent, is_anonymous=True).rows] == [2, 4], "where nobody is named"
