"""Who would be in two teams of one contest, as a table."""

from __future__ import annotations

import pytest

from server.services.one_team import Contest, contest_of, person_in_two_teams

A: Contest = ("challenge", 1)
B: Contest = ("challenge", 2)
ALONE: Contest = ("round", 1)


def test_rounds_of_one_challenge_are_one_contest_and_a_round_of_none_is_its_own() -> None:
    assert contest_of(round_id=1, challenge_id=1) == contest_of(round_id=2, challenge_id=1) == A
    assert contest_of(round_id=1, challenge_id=None) == ALONE != A


@pytest.mark.parametrize(
    ("contests", "elsewhere", "person"),
    [
        (set(), {}, None),
        ({A}, {}, None),
        ({A}, {7: set()}, None),
        ({A}, {7: {B, ALONE}}, None),
        ({A, B}, {7: {B}}, 7),
        ({ALONE}, {9: {ALONE}, 7: {A}}, 9),
        ({A}, {9: {A}, 7: {A}}, 7),
    ],
)
def test_a_person_is_found_exactly_where_two_teams_of_theirs_take_part_in_one_contest(
    contests: set[Contest], elsewhere: dict[int, set[Contest]], person: int | None
) -> None:
    assert person_in_two_teams(contests, elsewhere) == person
