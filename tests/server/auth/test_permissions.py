"""Who may do what, as a table: every action for everybody."""

from __future__ import annotations

import pytest

from server.auth.permissions import (
    COMMAND,
    NEW_ROUND,
    OF_ANY_ORGANIZER,
    OF_THE_TEAM,
    Action,
    Object,
    actor_of,
    authorize,
)
from server.auth.viewer import ANONYMOUS, Viewer
from server.errors import NotAllowed, NotLoggedIn, RoundNotFound, ServerError

ROUND, TEAM = 7, 3

VIEWERS = {
    "anonymous": ANONYMOUS,
    "the team": Viewer(person_id=1, team_id=TEAM),
    "another team": Viewer(person_id=2, team_id=TEAM + 1),
    "another organizer": Viewer(person_id=3, is_organizer=True, organized=frozenset({ROUND + 1})),
    "the organizer": Viewer(person_id=4, is_organizer=True, organized=frozenset({ROUND})),
    "a co-organizer": Viewer(person_id=5, team_id=TEAM + 2, organized=frozenset({ROUND})),
    "an admin": Viewer(person_id=6, is_admin=True),
    "a command": COMMAND,
}
MAY_ORGANIZE = {"the organizer", "a co-organizer", "an admin", "a command"}
MAY_CREATE = {"another organizer", "the organizer", "an admin", "a command"}


def _answer(viewer: Viewer, action: Action, acted_on: Object) -> type[ServerError] | None:
    try:
        authorize(viewer, action, acted_on)
    except ServerError as error:
        return type(error)
    return None


@pytest.mark.parametrize("action", Action)
@pytest.mark.parametrize("name", VIEWERS)
def test_everybody_may_do_what_is_theirs_and_finds_nothing_else(action: Action, name: str) -> None:
    theirs = Object(round_id=ROUND, team_id=TEAM, missing=RoundNotFound())
    acted_on = NEW_ROUND if action in OF_ANY_ORGANIZER else theirs
    allowed = MAY_CREATE if action in OF_ANY_ORGANIZER else {"the team"} if action in OF_THE_TEAM else MAY_ORGANIZE
    refusal = NotLoggedIn if name == "anonymous" else NotAllowed if action in OF_ANY_ORGANIZER else RoundNotFound
    assert _answer(VIEWERS[name], action, acted_on) is (None if name in allowed else refusal)


@pytest.mark.parametrize("action", sorted(set(Action) - OF_ANY_ORGANIZER))
def test_what_is_not_there_is_missing_even_for_an_admin(action: Action) -> None:
    assert _answer(VIEWERS["an admin"], action, Object(missing=RoundNotFound())) is RoundNotFound
    assert _answer(ANONYMOUS, action, Object(missing=RoundNotFound())) is NotLoggedIn


def test_events_name_the_person_or_the_command() -> None:
    assert (actor_of(VIEWERS["the organizer"]), actor_of(COMMAND)) == ("person:4", "command")
