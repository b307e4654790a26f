"""Who may do what. One pure function, tested as a table; every service of organizers asks it first."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from server.auth.viewer import Viewer
from server.errors import NotAllowed, NotLoggedIn, ServerError


class Action(StrEnum):
    """What somebody may want to do, by noun and verb."""

    CREATE_ROUND = "round.create"
    ORGANIZE_ROUND = "round.organize"  # look at its affairs
    CHANGE_ROUND = "round.change"  # its policy, its dates, its join code
    EXPORT_ROUND = "round.export"
    ADD_ORGANIZER = "organizer.add"
    REMOVE_ORGANIZER = "organizer.remove"
    DISQUALIFY_ENTRY = "entry.disqualify"
    REINSTATE_ENTRY = "entry.reinstate"
    DECIDE_APPEAL = "appeal.decide"
    DECIDE_ADMISSION = "participation.decide"
    RETRY_SUBMISSION = "submission.retry"
    RESCORE = "submission.rescore"
    CORRECT_TRUTH = "truth.correct"  # prepare, retry, show or forget an erratum
    SETTLE_REPORT = "report.settle"  # of an image whose truth a team doubts
    ANNOUNCE = "announcement.make"
    ANSWER_QUESTION = "question.answer"
    APPEAL = "entry.appeal"  # by the team that was disqualified


OF_ANY_ORGANIZER = frozenset({Action.CREATE_ROUND})
OF_THE_TEAM = frozenset({Action.APPEAL})
OF_THE_ROUNDS_ORGANIZERS = frozenset(Action) - OF_ANY_ORGANIZER - OF_THE_TEAM


@dataclass(frozen=True, kw_only=True, slots=True)
class Object:
    """What is acted on, as far as it decides who may."""

    missing: ServerError  # what is answered where it is not there, or somebody else's: nobody learns which
    round_id: int | None = None  # None: there is no such thing
    team_id: int | None = None  # whose it is, for what teams do


NEW_ROUND = Object(missing=NotAllowed("Your account may not open rounds.", advice="Ask the admins of this server."))

# Whoever runs a command on the server's own data folder may do everything.
COMMAND = Viewer(person_name="command", is_admin=True)


def authorize(viewer: Viewer, action: Action, acted_on: Object) -> None:
    """Let the action pass.

    Raises:
        NotLoggedIn: nobody is logged in.
        NotAllowed: the account may not open rounds.
        ServerError: `acted_on.missing`, for whatever is not theirs.
    """
    if viewer.is_anonymous and not viewer.is_admin:
        raise NotLoggedIn
    if action in OF_ANY_ORGANIZER:
        is_allowed = viewer.is_organizer or viewer.is_admin
    elif acted_on.round_id is None:
        is_allowed = False
    elif action in OF_THE_TEAM:
        is_allowed = viewer.team_id is not None and viewer.team_id == acted_on.team_id
    else:
        is_allowed = viewer.organizes(acted_on.round_id)
    if not is_allowed:
        raise acted_on.missing


def actor_of(viewer: Viewer) -> str:
    """Who acts, as events name them."""
    return "command" if viewer.person_id is None else f"person:{viewer.person_id}"
