"""Who may do what. One pure function, tested as a table; every service that changes something for somebody asks it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from server.auth.tokens import Scope
from server.auth.viewer import Viewer
from server.errors import NotAllowed, NoTeam, NotLoggedIn, ServerError
from server.people_errors import TokenTooNarrow


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
    DESCRIBE_ENTRY = "entry.describe"
    WITHDRAW_SUBMISSION = "submission.withdraw"
    CHOOSE_SUBMISSION = "submission.choose"
    SUBMIT = "submission.send"
    TAKE_PART = "participation.ask"
    ASK = "question.ask"
    REPORT_IMAGE = "image.report"
    DESCRIBE_TEAM = "team.describe"
    ACT_FOR_TEAM = "team.act-for"
    LEAVE_TEAM = "team.leave"
    INVITE = "invitation.make"  # or look at those that there are
    REVOKE_INVITATION = "invitation.revoke"
    JOIN_TEAM = "team.join"  # by an invitation, which opens the team to whoever holds it
    FOUND_TEAM = "team.found"
    MAKE_TOKEN = "token.make"  # noqa: S105 - an action
    REVOKE_TOKEN = "token.revoke"  # noqa: S105 - an action
    CHOOSE_MAIL = "mail.choose"
    VERIFY_EMAIL = "email.verify"
    ACCEPT_RULES = "rules.accept"  # of a round, and the terms of its data
    EXPORT_ACCOUNT = "account.export"
    DELETE_ACCOUNT = "account.delete"


OF_ANY_ORGANIZER = frozenset({Action.CREATE_ROUND})
# For whoever acts for a team, in a round that they may know of.
OF_ANY_TEAM = frozenset({Action.SUBMIT, Action.TAKE_PART, Action.ASK, Action.REPORT_IMAGE})
# For who acts for the team that the entry or submission is of.
OF_THE_TEAM = frozenset({Action.APPEAL, Action.DESCRIBE_ENTRY, Action.WITHDRAW_SUBMISSION, Action.CHOOSE_SUBMISSION})
# For each person of the team, whichever of theirs they act for; an API token acts for its own team alone.
OF_A_MEMBER = frozenset(
    {
        Action.DESCRIBE_TEAM, Action.ACT_FOR_TEAM, Action.LEAVE_TEAM, Action.INVITE, Action.REVOKE_INVITATION,
    }
)  # fmt: skip
# For the person whose account, or token, it is.
OF_THE_PERSON = frozenset(
    {
        Action.JOIN_TEAM, Action.FOUND_TEAM, Action.MAKE_TOKEN, Action.REVOKE_TOKEN, Action.CHOOSE_MAIL,
        Action.VERIFY_EMAIL, Action.ACCEPT_RULES, Action.EXPORT_ACCOUNT, Action.DELETE_ACCOUNT,
    }
)  # fmt: skip
# What a token may do whose scope is `submit`: a leaked one spoils no more than the quota, until it is revoked.
WITHIN_SUBMIT = frozenset(
    {Action.SUBMIT, Action.ACCEPT_RULES, Action.ACT_FOR_TEAM, Action.MAKE_TOKEN, Action.REVOKE_TOKEN}
)
OF_THE_ROUNDS_ORGANIZERS = (
    frozenset(Action) - OF_ANY_ORGANIZER - OF_ANY_TEAM - OF_THE_TEAM - OF_A_MEMBER - OF_THE_PERSON
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Object:
    """What is acted on, as far as it decides who may."""

    missing: ServerError  # what is answered where it is not there, or somebody else's: nobody learns which
    round_id: int | None = None  # in which it is; None: in none, or there is no such thing
    team_id: int | None = None  # whose it is, for what teams do
    member_ids: frozenset[int] = frozenset()  # the people of that team, for what each of them may do
    person_id: int | None = None  # whose it is, for what people do with what is their own
    scope: Scope = Scope.SUBMIT  # of a new token
    lineage: frozenset[int] = frozenset()  # of a token: its id, that of the token that made it, and so on


NEW_ROUND = Object(missing=NotAllowed("Your account may not open rounds.", advice="Ask the admins of this server."))

# Whoever runs a command on the server's own data folder may do everything.
COMMAND = Viewer(person_name="command", is_admin=True)


def authorize(viewer: Viewer, action: Action, acted_on: Object) -> None:
    """Let the action pass.

    Raises:
        NotLoggedIn: nobody is logged in.
        NotAllowed: the account may not open rounds.
        NoTeam: only teams do this.
        TokenTooNarrow: the API token's scope does not reach so far, whatever it is done to.
        ServerError: `acted_on.missing`, for whatever is not theirs.
    """
    if viewer.is_anonymous and not viewer.is_admin:
        raise NotLoggedIn
    is_within = viewer.scope is Scope.ACCOUNT or action in WITHIN_SUBMIT
    if not is_within or not viewer.scope.covers(acted_on.scope):
        raise TokenTooNarrow
    if action in OF_ANY_TEAM and viewer.team_id is None:
        raise NoTeam
    if not _is_theirs(viewer, action, acted_on):
        raise acted_on.missing


def own_account(viewer: Viewer) -> Object:
    """What people act on who do something about their own account."""
    return Object(missing=NotLoggedIn(), person_id=viewer.person_id)


def _is_theirs(viewer: Viewer, action: Action, acted_on: Object) -> bool:
    if action in OF_ANY_ORGANIZER:
        return viewer.is_organizer or viewer.is_admin
    if action in OF_THE_PERSON:
        is_own = viewer.person_id is not None and viewer.person_id == acted_on.person_id
        if action is Action.REVOKE_TOKEN and viewer.scope is Scope.SUBMIT:
            return is_own and viewer.token_id in acted_on.lineage  # itself, and what it has made
        return is_own
    if action in OF_A_MEMBER:
        is_of_token = viewer.token_id is None or viewer.team_id == acted_on.team_id
        return viewer.person_id in acted_on.member_ids and is_of_token
    if acted_on.round_id is None:
        return False
    if action in OF_THE_TEAM:
        return viewer.team_id is not None and viewer.team_id == acted_on.team_id
    return action in OF_ANY_TEAM or viewer.organizes(acted_on.round_id)


def actor_of(viewer: Viewer) -> str:
    """Who acts, as events name them."""
    return "command" if viewer.person_id is None else f"person:{viewer.person_id}"
