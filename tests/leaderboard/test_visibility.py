"""Who may see what, and when: the whole rule as one table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

import pytest

from leaderboard.policy import Policy, RuledRound, phase
from leaderboard.visibility import is_told_of, visible
from tests.leaderboard.making import (
    ANYBODY,
    CLOSES,
    DURING,
    OPENS,
    Looker,
    board_of,
    entry,
    round_of,
    submission,
)

TEAM = 7
BEFORE, AFTER = OPENS - timedelta(days=1), CLOSES + timedelta(days=1)
MEMBER, OTHER, ORGANIZER = Looker(team_id=TEAM), Looker(team_id=8), Looker(is_organizer=True)


class Case(NamedTuple):
    viewer: Looker
    now: datetime
    scores: bool
    per_class: bool
    submission_of_team: bool


TABLE = {
    "anybody, before": Case(ANYBODY, BEFORE, scores=False, per_class=False, submission_of_team=False),
    "anybody, open": Case(ANYBODY, DURING, scores=True, per_class=False, submission_of_team=False),
    "anybody, closed": Case(ANYBODY, AFTER, scores=True, per_class=True, submission_of_team=False),
    "the team, before": Case(MEMBER, BEFORE, scores=False, per_class=False, submission_of_team=True),
    "the team, open": Case(MEMBER, DURING, scores=True, per_class=False, submission_of_team=True),
    "the team, closed": Case(MEMBER, AFTER, scores=True, per_class=True, submission_of_team=True),
    "another team, before": Case(OTHER, BEFORE, scores=False, per_class=False, submission_of_team=False),
    "another team, open": Case(OTHER, DURING, scores=True, per_class=False, submission_of_team=False),
    "another team, closed": Case(OTHER, AFTER, scores=True, per_class=True, submission_of_team=False),
    "organizer, before": Case(ORGANIZER, BEFORE, scores=True, per_class=True, submission_of_team=True),
    "organizer, open": Case(ORGANIZER, DURING, scores=True, per_class=True, submission_of_team=True),
    "organizer, closed": Case(ORGANIZER, AFTER, scores=True, per_class=True, submission_of_team=True),
}


@pytest.mark.parametrize("case", TABLE.values(), ids=TABLE.keys())
def test_everybody_sees_what_the_table_says(case: Case) -> None:
    seen = visible(round_of(), case.viewer, case.now)
    assert (seen.scores, seen.per_class, seen.may_see_submission_of(TEAM)) == (
        case.scores,
        case.per_class,
        case.submission_of_team,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Known(RuledRound):
    is_draft: bool = False


class Told(NamedTuple):
    nobody: bool  # who came to the round by a number
    by_address: bool
    own_team: bool
    organizer: bool = True


TOLD = {
    "public": Told(nobody=True, by_address=True, own_team=True),
    "unlisted": Told(nobody=False, by_address=True, own_team=True),
    "private": Told(nobody=False, by_address=False, own_team=True),
}


@pytest.mark.parametrize("listing", TOLD)
@pytest.mark.parametrize("is_draft", [False, True])
def test_who_may_know_of_a_round_is_as_this_table_says(listing: str, is_draft: bool) -> None:
    ruled = round_of(listing=listing)
    known = Known(id=ruled.id, policy=ruled.policy, is_draft=is_draft)
    expected = Told(nobody=False, by_address=False, own_team=False) if is_draft else TOLD[listing]
    found = Told(
        nobody=is_told_of(known, OTHER, takes_part=False, has_address=False),
        by_address=is_told_of(known, ANYBODY, takes_part=False, has_address=True),
        own_team=is_told_of(known, MEMBER, takes_part=True, has_address=False),
        organizer=is_told_of(known, ORGANIZER, takes_part=False, has_address=False),
    )
    assert found == expected


def test_a_round_opens_at_its_opening_and_closes_at_its_close() -> None:
    moment = timedelta(microseconds=1)
    assert [phase(round_of().policy, now) for now in (OPENS - moment, OPENS, CLOSES - moment, CLOSES)] == [
        "before",
        "open",
        "open",
        "closed",
    ]


def test_a_round_without_dates_is_always_open() -> None:
    timeless = Policy(best_by="top5_error")
    assert {phase(timeless, now) for now in (BEFORE, DURING, AFTER)} == {"open"}


def test_the_board_of_a_round_that_has_not_opened_is_empty_but_for_organizers() -> None:
    baseline = entry(1, submission(1, 0.5))
    assert board_of(baseline, now=BEFORE).rows == ()
    assert len(board_of(baseline, now=BEFORE, viewer=ORGANIZER).rows) == 1
