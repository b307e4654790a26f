"""/me: a team's quota, submissions and tokens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Form, Path
from sqlmodel import Session
from starlette.responses import Response

from leaderboard.numbers import NO_VALUE, score_text, shown_name
from leaderboard.policy import phase
from scoring.tasks import find_task
from server.auth.tokens import Scope
from server.auth.viewer import Viewer
from server.deployment import Deployment
from server.doors import session_secret
from server.errors import ServerError, status_of
from server.routers import page_router
from server.services.founding import found
from server.services.invitations import OwnInvitations, own_invitations
from server.services.memberships import act_for, list_teams
from server.services.rounds import RoundFacts, list_rounds
from server.services.spending import quota_of_team
from server.services.submissions import SubmissionFacts, submissions_of_team
from server.services.teams import team_facts
from server.services.tokens import NewToken, create_token, list_tokens, revoke_token, usual_scope
from server.web.account_part import AccountPart, account_part
from server.web.fields import Problem, problem_of
from server.web.lives import STATE_WORDS
from server.web.moments import Moment, moment, optional_moment
from server.web.pages import render_page
from server.web.visits import Visit, VisitDep, go_to

router = page_router()

SCOPE_WORDS = {Scope.SUBMIT: "read and submit for the team", Scope.ACCOUNT: "all that you may do"}


@dataclass(frozen=True, kw_only=True, slots=True)
class QuotaLine:
    """A team's quota in one open round."""

    slug: str
    title: str
    left: str
    today: str
    this_week: str
    total: str
    resets: Moment | None


@dataclass(frozen=True, kw_only=True, slots=True)
class SubmissionLine:
    """One submission in a list."""

    id: int
    method: str
    round_slug: str
    round_title: str
    state: str
    signal: str
    mark: str  # what else is to be known of it, in a word; "" for nothing
    appeal: str  # where its team appeals against a disqualification; "" where there is none
    score: str
    metric: str
    received: Moment


@dataclass(frozen=True, kw_only=True, slots=True)
class TokenLine:
    """One token; its secret is not known any more."""

    id: int
    label: str
    scope: str  # in words
    made_by: str  # label of the token that made it; "" where a log-in did
    made: Moment
    used: Moment | None


@dataclass(frozen=True, kw_only=True, slots=True)
class TeamLine:
    """One of the teams somebody is in."""

    id: int
    name: str
    is_acting: bool  # whether they act for it now


@dataclass(frozen=True, kw_only=True, slots=True)
class MePage:
    """What belongs to whoever is logged in."""

    title: str
    heading: str
    members: str
    has_team: bool
    teams: tuple[TeamLine, ...]
    quotas: tuple[QuotaLine, ...]
    submissions: tuple[SubmissionLine, ...]
    tokens: tuple[TokenLine, ...]
    new_token: NewToken | None
    invitations: tuple[OwnInvitations, ...]  # that still work
    account: AccountPart
    said: str  # what was just done; "" for nothing
    problem: Problem | None
    refused_team: str  # the name of a team that was not founded; "" for none


@router.get("/me")
def me(visit: VisitDep) -> Response:
    if visit.viewer.is_anonymous:
        return go_to("/log-in?next=/me")
    return me_page(visit)


@router.post("/me/tokens")
def token_wanted(
    visit: VisitDep, label: Annotated[str, Form()] = "", scope: Annotated[Scope | None, Form()] = None
) -> Response:
    if visit.viewer.is_anonymous:
        return go_to("/log-in?next=/me")
    wanted = scope or usual_scope(visit.viewer)
    try:
        made = create_token(visit.deployment.database, visit.viewer, label=label, scope=wanted, now=visit.now)
    except ServerError as error:
        return me_page(visit, error=error)
    return me_page(visit, new_token=made)


@router.post("/me/tokens/{token_id}/revoke")
def token_unwanted(token_id: Annotated[int, Path(ge=1, le=2**62)], visit: VisitDep) -> Response:
    if visit.viewer.is_anonymous:
        return go_to("/log-in?next=/me")
    revoke_token(visit.deployment.database, visit.viewer, token_id=token_id, now=visit.now)
    return go_to("/me#tokens")


@router.post("/me/team")
def team_chosen(visit: VisitDep, team_id: Annotated[int, Form(ge=1, le=2**62)]) -> Response:
    if visit.viewer.is_anonymous:
        return go_to("/log-in?next=/me")
    secret = session_secret(visit.request)
    act_for(visit.deployment.database, visit.viewer, team_id=team_id, session_secret=secret, now=visit.now)
    return go_to("/me")


@router.post("/me/teams")
def team_founded(visit: VisitDep, team: Annotated[str, Form()] = "") -> Response:
    if visit.viewer.is_anonymous:
        return go_to("/log-in?next=/me")
    try:
        team_id = found(visit.deployment.database, visit.viewer, team=team, now=visit.now)
    except ServerError as error:
        return me_page(visit, error=error, refused_team=team)
    return go_to(f"/teams/{team_id}")


def me_page(
    visit: Visit, *, new_token: NewToken | None = None, said: str = "", error: ServerError | None = None,
    refused_team: str = "",
) -> Response:  # fmt: skip
    """What belongs to the visitor, who is logged in, with what came of a form."""
    viewer, now = visit.viewer, visit.now
    with visit.deployment.database.read() as session:
        rounds = {facts.slug: facts for facts in list_rounds(session, viewer)}
        quotas, submissions = _team_lines(session, rounds, viewer=viewer, now=now)
        invitations = own_invitations(session, viewer, now=now)
    teams = list_teams(visit.deployment.database, viewer)
    known = list_tokens(visit.deployment.database, viewer)
    labels = {token.id: token.label for token in known}
    tokens = tuple(
        TokenLine(
            id=token.id,
            label=shown_name(token.label),
            scope=SCOPE_WORDS[token.scope],
            made_by=shown_name(labels.get(token.made_by_id or 0, "")),
            made=moment(token.created_at, now),
            used=optional_moment(token.last_used_at, now),
        )
        for token in known
    )
    page = MePage(
        title=viewer.team_name or "Your account",
        heading=viewer.team_name or viewer.person_name or "",
        members=_members(visit.deployment, viewer),
        has_team=viewer.team_id is not None,
        teams=tuple(TeamLine(id=team.id, name=team.name, is_acting=team.id == viewer.team_id) for team in teams),
        quotas=quotas,
        submissions=submissions,
        tokens=tokens,
        new_token=new_token,
        invitations=tuple(invitations),
        account=account_part(visit, error),
        said=said,
        problem=None if error is not None and error.details.get("field") == "password" else problem_of(error),
        refused_team=refused_team[:100],
    )
    status = 200 if error is None else status_of(error)
    return render_page(
        visit.request, "me.html", page, viewer=viewer, status=status, headers={"Cache-Control": "no-store"}
    )


def _members(deployment: Deployment, viewer: Viewer) -> str:
    team = None if viewer.team_id is None else team_facts(deployment.database, viewer.team_id)
    if team is None:
        return (
            "An organizer's account."
            if viewer.is_organizer
            else "This account belongs to no team: found one below, or follow the link of a team that invites you."
        )
    return f"Members: {', '.join(shown_name(member) for member in team.members)}."


def _team_lines(
    session: Session, rounds: Mapping[str, RoundFacts], *, viewer: Viewer, now: datetime
) -> tuple[tuple[QuotaLine, ...], tuple[SubmissionLine, ...]]:
    if viewer.team_id is None:
        return (), ()
    quotas = tuple(
        _quota_line(session, facts, team_id=viewer.team_id, now=now)
        for facts in rounds.values()
        if phase(facts.policy, now) == "open"
    )
    sent = submissions_of_team(session, team_id=viewer.team_id, viewer=viewer, now=now)
    return quotas, tuple(_submission_line(facts, rounds[facts.round_slug], now=now) for facts in sent)


def _quota_line(session: Session, facts: RoundFacts, *, team_id: int, now: datetime) -> QuotaLine:
    quota = quota_of_team(session, slug=facts.slug, team_id=team_id, now=now)
    return QuotaLine(
        slug=facts.slug,
        title=facts.title,
        left="no limit" if quota.remaining is None else str(quota.remaining),
        today=_of(quota.spent_today, quota.per_day),
        this_week=_of(quota.spent_this_week, quota.per_week),
        total=_of(quota.spent_total, quota.total),
        resets=optional_moment(quota.resets_at, now),
    )


def _of(spent: int, limit: int | None) -> str:
    return f"{spent} used" if limit is None else f"{spent} of {limit} used"


def _mark(facts: SubmissionFacts) -> str:
    if facts.withdrawn_at is not None:
        return "withdrawn"
    return "chosen for the final ranking" if facts.is_final else ""


def _submission_line(facts: SubmissionFacts, round_facts: RoundFacts, *, now: datetime) -> SubmissionLine:
    metric = find_task(facts.task).metric(round_facts.policy.best_by)
    state, signal = STATE_WORDS[facts.state]
    return SubmissionLine(
        id=facts.id,
        method=shown_name(facts.method),
        round_slug=facts.round_slug,
        round_title=facts.round_title,
        state=state,
        signal=signal,
        mark=_mark(facts),
        appeal=f"/entries/{facts.entry_id}/appeal" if facts.disqualified_for else "",
        score=NO_VALUE if facts.scores is None else score_text(facts.scores.get(metric.name), metric),
        metric="" if facts.scores is None else metric.label,
        received=moment(facts.created_at, now),
    )
