"""What a policy makes of the same entries: who stands for them, freezes, splits, tracks, categories, blind rounds."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from leaderboard.board import Board
from leaderboard.entries import Entry, ScoredSubmission
from leaderboard.intervals import Interval
from leaderboard.visibility import visible
from tests.leaderboard.making import CLOSES, DURING, Looker, board_of, entry, round_of, submission

ORGANIZER = Looker(is_organizer=True)
REVEAL = CLOSES + timedelta(days=3)
BETWEEN = CLOSES + timedelta(days=1)


def standing(board: Board) -> list[tuple[int, int | None]]:
    """(submission, rank) of each row."""
    return [(row.submission, row.rank) for row in board.rows]


@pytest.mark.parametrize(("represents", "stands"), [("best", 1), ("latest", 3), ("finals", 2)])
def test_the_policy_says_which_submission_stands_for_an_entry(represents: str, stands: int) -> None:
    best, chosen, latest = submission(1, 0.1), submission(2, 0.3, hours=1), submission(3, 0.2, hours=2)
    sent = entry(1, best, replace(chosen, is_final=True), latest)
    assert standing(board_of(sent, represents=represents, now=CLOSES)) == [(stands, 1)]


def test_choices_count_at_the_reveal_and_not_before() -> None:
    sent = entry(1, submission(1, 0.1), replace(submission(2, 0.3), is_final=True))
    assert standing(board_of(sent, represents="finals")) == [(1, 1)]
    assert standing(board_of(sent, represents="finals", now=CLOSES)) == [(2, 1)]


def test_of_several_choices_the_best_counts_and_who_chose_none_stands_by_the_best() -> None:
    chosen = entry(1, *(replace(submission(n, e), is_final=n > 1) for n, e in ((1, 0.1), (2, 0.3), (3, 0.2))))
    unchosen = entry(2, submission(4, 0.4), submission(5, 0.25))
    assert standing(board_of(chosen, unchosen, represents="finals", now=CLOSES)) == [(3, 1), (5, 2)]


def test_the_best_is_told_by_the_scores_its_team_saw() -> None:
    lucky = ScoredSubmission(id=1, submitted_at=DURING, scores={"top5_error": 0.1}, seen_scores={"top5_error": 0.5})
    best = ScoredSubmission(id=2, submitted_at=DURING, scores={"top5_error": 0.3}, seen_scores={"top5_error": 0.2})
    assert standing(board_of(entry(1, lucky, best), public_share=0.5, now=CLOSES)) == [(2, 1)]


def test_a_team_that_chose_stands_by_its_choices_whatever_its_other_entries_score() -> None:
    chosen = entry(1, replace(submission(1, 0.3), is_final=True), team_id=7)
    others = entry(2, submission(2, 0.1), team_id=7), replace(entry(3, submission(3, 0.2), team_id=7), track="b")
    board = board_of(chosen, *others, represents="finals", now=CLOSES)
    assert {row.track: row.submission for row in board.rows} == {"": 1, "b": 3}
    rows = board_of(chosen, *others, represents="finals", rows="entry", now=CLOSES)
    assert {row.submission for row in rows.rows} == {1, 2, 3}


def test_which_entry_stands_for_a_team_is_told_by_the_scores_it_saw() -> None:
    lucky = ScoredSubmission(id=1, submitted_at=DURING, scores={"top5_error": 0.1}, seen_scores={"top5_error": 0.5})
    best = ScoredSubmission(id=2, submitted_at=DURING, scores={"top5_error": 0.3}, seen_scores={"top5_error": 0.2})
    sent = entry(1, lucky, team_id=7), entry(2, best, team_id=7), entry(3, submission(3, 0.4))
    assert standing(board_of(*sent, public_share=0.5, now=CLOSES)) == [(2, 1), (3, 2)]


def test_a_frozen_board_shows_what_was_sent_before_until_the_reveal() -> None:
    sent = entry(1, submission(1, 0.3), submission(2, 0.1, hours=2))
    policy = {"freezes": DURING + timedelta(hours=1), "reveals": REVEAL}
    assert standing(board_of(sent, now=DURING + timedelta(hours=3), **policy)) == [(1, 1)]
    assert standing(board_of(sent, now=BETWEEN, **policy)) == [(1, 1)]
    assert standing(board_of(sent, now=REVEAL, **policy)) == [(2, 1)]
    late = entry(2, submission(3, 0.05, hours=2))
    assert standing(board_of(sent, late, now=BETWEEN, **policy)) == [(1, 1)]


def test_a_blind_round_shows_nothing_before_the_reveal_but_to_its_organizers() -> None:
    sent = entry(1, submission(1, 0.3))
    policy = {"is_blind": True, "reveals": REVEAL}
    assert board_of(sent, now=BETWEEN, **policy).rows == ()
    assert board_of(sent, now=BETWEEN, viewer=Looker(team_id=1), **policy).rows == ()
    assert len(board_of(sent, now=BETWEEN, viewer=ORGANIZER, **policy).rows) == 1
    assert len(board_of(sent, now=REVEAL, **policy).rows) == 1


def test_tracks_are_ranked_apart_and_a_team_has_a_row_in_each() -> None:
    def of(track: str, number: int, error: float, team: int) -> Entry:
        return replace(entry(number, submission(number, error), team_id=team), track=track)

    board = board_of(
        of("provided", 1, 0.2, 1), of("external", 2, 0.1, 1), of("provided", 3, 0.3, 2), of("provided", 4, 0.25, 1),
        tracks=("provided", "external"),
    )  # fmt: skip
    assert [(row.track, row.submission, row.rank) for row in board.rows] == [
        ("external", 2, 1), ("provided", 1, 1), ("provided", 3, 2),
    ]  # fmt: skip


def test_who_is_out_of_competition_takes_no_rank_from_others() -> None:
    baseline = replace(entry(1, submission(1, 0.1)), is_baseline=True)
    guest = replace(entry(2, submission(2, 0.2)), is_competing=False)
    banned = replace(entry(3, submission(3, 0.05)), disqualified_for="Late.")
    board = board_of(baseline, guest, banned, entry(4, submission(4, 0.3)), entry(5, submission(5, 0.4)))
    assert standing(board) == [(1, None), (2, None), (4, 1), (5, 2), (3, None)]


def test_categories_are_won_at_the_reveal_by_those_who_compete() -> None:
    def of(number: int, mean_ap: float) -> Entry:
        return entry(number, submission(number, mean_ap, metric="mean_ap"))

    many, few, guest = of(1, 0.4), of(2, 0.5), replace(of(3, 0.9), is_competing=False)
    class_scores = {1: [0.5, 0.5, 0.2], 2: [0.4, 0.4, 0.7], 3: [1.0, 1.0, 1.0]}
    policy = {"task": "det", "best_by": "mean_ap", "ranking": "categories", "class_scores": class_scores}
    during, after = board_of(many, few, guest, **policy), board_of(many, few, guest, now=CLOSES, **policy)
    assert (during.metric.name, standing(during)) == ("mean_ap", [(3, None), (2, 1), (1, 2)])
    assert (after.metric.name, standing(after)) == ("categories_won", [(1, 1), (2, 2), (3, None)])
    assert [row.scores.get("categories_won") for row in after.rows] == [2.0, 1.0, None]


def test_categories_won_have_no_interval_as_that_of_mean_ap_says_nothing_of_them() -> None:
    sent = replace(submission(1, 0.4, metric="mean_ap"), interval=Interval(low=0.3, high=0.5, level=0.95))
    guest = replace(entry(2, replace(sent, id=2)), is_competing=False)
    policy = {"task": "det", "best_by": "mean_ap", "ranking": "categories", "class_scores": {1: [0.5], 2: [0.5]}}
    during, after = (board_of(entry(1, sent), guest, now=now, **policy) for now in (DURING, CLOSES))
    assert [row.interval for row in during.rows] == [Interval(low=0.3, high=0.5, level=0.95)] * 2
    assert [row.interval for row in after.rows] == [None, None]


@pytest.mark.parametrize("viewer", [Looker(), Looker(team_id=1)])
def test_nobody_but_organizers_sees_private_scores_before_the_reveal(viewer: Looker) -> None:
    split = round_of(public_share=0.3, reveals=REVEAL)
    assert visible(split, viewer, DURING).splits == visible(split, viewer, BETWEEN).splits == ("public",)
    assert visible(split, viewer, REVEAL).splits == ("private", "public", "all")
    assert visible(split, ORGANIZER, DURING).splits == ("public", "private", "all")
    assert visible(round_of(), viewer, DURING).splits == ("all",)


@pytest.mark.parametrize(
    ("policy", "during", "between", "after"),
    [
        ({}, False, False, True),
        ({"per_class": "never"}, False, False, False),
        ({"per_class": "open"}, True, True, True),
        ({"per_class": "open", "public_share": 0.5}, False, False, True),
        ({"per_class": "open", "is_blind": True}, False, False, True),
    ],
)
def test_figures_per_class_wait_as_long_as_the_policy_says(
    policy: dict[str, object], during: bool, between: bool, after: bool
) -> None:
    found = round_of(reveals=REVEAL, **policy)
    assert [visible(found, Looker(), now).per_class for now in (DURING, BETWEEN, REVEAL)] == [during, between, after]
    assert visible(found, ORGANIZER, DURING).per_class


def test_of_more_choices_than_a_team_may_have_those_that_were_sent_first_count() -> None:
    sent = (replace(submission(n, e, hours=n), is_final=True) for n, e in ((1, 0.4), (2, 0.3), (3, 0.1)))
    first, *others = sent
    entries = entry(1, *others, team_id=7), entry(2, first, team_id=7), entry(3, submission(9, 0.35))
    assert standing(board_of(*entries, represents="finals", finals=2, now=CLOSES)) == [(2, 1), (9, 2)]
    assert standing(board_of(*entries, represents="finals", finals=3, now=CLOSES)) == [(3, 1), (9, 2)]
