"""Who may do what, as a table: every action for everybody."""

from __future__ import annotations

from dataclasses import replace

import pytest

from server.auth.permissions import (
    COMMAND,
    NEW_ROUND,
    OF_A_MEMBER,
    OF_ANY_ORGANIZER,
    OF_ANY_TEAM,
    OF_THE_PERSON,
    OF_THE_ROUNDS_ORGANIZERS,
    OF_THE_TEAM,
    WITHIN_SUBMIT,
    Action,
    Object,
    actor_of,
    authorize,
    own_account,
)
from server.auth.tokens import Scope
from server.auth.viewer import ANONYMOUS, Viewer
from server.errors import NotAllowed, NoTeam, NotLoggedIn, RoundNotFound, ServerError
from server.people_errors import TokenTooNarrow

ROUND, TEAM = 7, 3

VIEWERS = {
    "anonymous": ANONYMOUS,
    "the team": Viewer(person_id=1, team_id=TEAM),
    "another member": Viewer(person_id=7, team_id=TEAM + 3),  # who acts for another team of theirs
    "another member's token": Viewer(person_id=7, team_id=TEAM + 3, token_id=1),
    "another team": Viewer(person_id=2, team_id=TEAM + 1),
    "another organizer": Viewer(person_id=3, is_organizer=True, organized=frozenset({ROUND + 1})),
    "the organizer": Viewer(person_id=4, is_organizer=True, organized=frozenset({ROUND})),
    "a co-organizer": Viewer(person_id=5, team_id=TEAM + 2, organized=frozenset({ROUND})),
    "an admin": Viewer(person_id=6, is_admin=True),
    "a command": COMMAND,
}
MAY_ORGANIZE = {"the organizer", "a co-organizer", "an admin", "a command"}
MAY_CREATE = {"another organizer", "the organizer", "an admin", "a command"}
HAVE_TEAMS = {"the team", "another member", "another member's token", "another team", "a co-organizer"}
ALLOWED = (
    dict.fromkeys(OF_ANY_ORGANIZER, MAY_CREATE)
    | dict.fromkeys(OF_THE_ROUNDS_ORGANIZERS, MAY_ORGANIZE)
    | dict.fromkeys(OF_ANY_TEAM, HAVE_TEAMS)
    | {action: {"the team"} for action in OF_THE_TEAM | OF_THE_PERSON}
    | {action: {"the team", "another member"} for action in OF_A_MEMBER}
)


def _answer(viewer: Viewer, action: Action, acted_on: Object) -> type[ServerError] | None:
    try:
        authorize(viewer, action, acted_on)
    except ServerError as error:
        return type(error)
    return None


@pytest.mark.parametrize("action", Action)
@pytest.mark.parametrize("name", VIEWERS)
def test_everybody_may_do_what_is_theirs_and_finds_nothing_else(action: Action, name: str) -> None:
    theirs = Object(
        round_id=ROUND, team_id=TEAM, member_ids=frozenset({1, 7}), person_id=1, missing=RoundNotFound()
    )  # fmt: skip
    acted_on = NEW_ROUND if action in OF_ANY_ORGANIZER else theirs
    refusal: type[ServerError] = RoundNotFound
    if name == "anonymous":
        refusal = NotLoggedIn
    elif action in OF_ANY_ORGANIZER:
        refusal = NotAllowed
    elif action in OF_ANY_TEAM:
        refusal = NoTeam
    assert _answer(VIEWERS[name], action, acted_on) is (None if name in ALLOWED[action] else refusal)


@pytest.mark.parametrize("action", sorted(set(Action) - OF_ANY_ORGANIZER))
@pytest.mark.parametrize("name", ["the team", "an admin"])
def test_what_is_not_there_is_missing_whoever_asks(action: Action, name: str) -> None:
    is_teamless = name == "an admin" and action in OF_ANY_TEAM
    assert _answer(VIEWERS[name], action, Object(missing=RoundNotFound())) is (NoTeam if is_teamless else RoundNotFound)
    assert _answer(ANONYMOUS, action, Object(missing=RoundNotFound())) is NotLoggedIn


@pytest.mark.parametrize("action", sorted(OF_THE_PERSON))
def test_everybody_with_an_account_decides_about_it_and_a_command_about_none(action: Action) -> None:
    for name, viewer in VIEWERS.items():
        refusal = None if viewer.person_id is not None else NotLoggedIn
        assert _answer(viewer, action, own_account(viewer)) is refusal, name


@pytest.mark.parametrize("action", Action)
def test_a_token_that_submits_does_nothing_else_whatever_it_is_done_to(action: Action) -> None:
    token = Viewer(person_id=1, team_id=TEAM, token_id=9, scope=Scope.SUBMIT)
    theirs = Object(
        round_id=ROUND, team_id=TEAM, member_ids=frozenset({1}), person_id=1, lineage=frozenset({9}),
        missing=RoundNotFound(),
    )  # fmt: skip
    for acted_on in (theirs, Object(missing=RoundNotFound())):
        is_there = acted_on is theirs
        expected = TokenTooNarrow if action not in WITHIN_SUBMIT else None if is_there else RoundNotFound
        assert _answer(token, action, acted_on) is expected


def test_a_token_that_submits_makes_none_that_goes_further_and_ends_none_but_its_own() -> None:
    token = Viewer(person_id=1, team_id=TEAM, token_id=9, scope=Scope.SUBMIT)
    for viewer, scope, refusal in (
        (token, Scope.SUBMIT, None), (token, Scope.ACCOUNT, TokenTooNarrow), (VIEWERS["the team"], Scope.ACCOUNT, None),
    ):  # fmt: skip
        assert _answer(viewer, Action.MAKE_TOKEN, replace(own_account(viewer), scope=scope)) is refusal
    for viewer, lineage, missing in (
        (token, {9}, None), (token, {9, 12}, None), (token, {8}, RoundNotFound), (VIEWERS["the team"], {8}, None),
    ):  # fmt: skip
        acted_on = Object(person_id=1, lineage=frozenset(lineage), missing=RoundNotFound())
        assert _answer(viewer, Action.REVOKE_TOKEN, acted_on) is missing


def test_events_name_the_person_or_the_command() -> None:
    assert (actor_of(VIEWERS["the organizer"]), actor_of(COMMAND)) == ("person:4", "command")
