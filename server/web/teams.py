"""/teams/{team_id}: a team for everybody, and for its members what they can do with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Form, Path
from starlette.responses import Response

from leaderboard.exports import standing_word
from leaderboard.numbers import score_text
from server.errors import ServerError, status_of
from server.routers import page_router
from server.services.invitations import NewInvitation, invitations_for, invite, revoke_invitation
from server.services.memberships import is_member, leave
from server.services.teams import (
    MAX_ABSTRACT_CHARACTERS,
    ShownEntry,
    TeamFacts,
    describe_team,
    find_team,
    shown_entries,
)
from server.web.addresses import shown_address
from server.web.fields import Field, Problem, filled, problem_of
from server.web.moments import Moment, moment
from server.web.pages import render_page
from server.web.visits import Visit, VisitDep, first_to, go_to

router = page_router()

NumberInPath = Annotated[int, Path(ge=1, le=2**62)]
Text = Annotated[str, Form()]

_AFFILIATION = Field(name="affiliation", label="Affiliation", autocomplete="organization", is_required=False)
_ABSTRACT = Field(name="abstract", label="Abstract", max_characters=MAX_ABSTRACT_CHARACTERS, is_required=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class EntryLine:
    """A row of a board that names the team."""

    round_slug: str
    round_title: str
    method: str
    rank: str
    score: str
    metric: str
    direction: str
    sent: Moment
    disqualified_for: str  # the public reason; "" for none
    appeal: str  # where its team appeals; "" for others


@dataclass(frozen=True, kw_only=True, slots=True)
class InvitationLine:
    """A link that still works; its secret is not known any more."""

    id: int
    made_by: str
    made: Moment
    ends: Moment


@dataclass(frozen=True, kw_only=True, slots=True)
class MembersPart:
    """What members alone see."""

    affiliation: Field
    abstract: Field
    invitations: tuple[InvitationLine, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class TeamPage:
    """A team."""

    title: str
    id: int
    name: str
    affiliation: str
    abstract: str
    members: tuple[str, ...]
    entries: tuple[EntryLine, ...]
    for_members: MembersPart | None
    new_link: str  # shown this once; "" where none was made
    new_link_ends: Moment | None
    problem: Problem | None


@dataclass(frozen=True, kw_only=True, slots=True)
class _Said:
    """What a form sent, and what came of it."""

    error: ServerError | None = None
    affiliation: str | None = None
    abstract: str | None = None
    invitation: NewInvitation | None = None


@router.get("/teams/{team_id}")
def team(team_id: NumberInPath, visit: VisitDep) -> Response:
    return _page(visit, team_id, _Said())


@router.post("/teams/{team_id}")
def team_described(team_id: NumberInPath, visit: VisitDep, affiliation: Text = "", abstract: Text = "") -> Response:
    if visit.viewer.is_anonymous:
        return first_to("/log-in", visit)
    try:
        describe_team(
            visit.deployment.database,
            visit.viewer,
            team_id=team_id,
            affiliation=affiliation,
            abstract=abstract,
            now=visit.now,
        )
    except ServerError as error:
        return _page(visit, team_id, _Said(error=error, affiliation=affiliation, abstract=abstract))
    return go_to(f"/teams/{team_id}")


@router.post("/teams/{team_id}/invitations")
def invitation_wanted(team_id: NumberInPath, visit: VisitDep) -> Response:
    if visit.viewer.is_anonymous:
        return go_to(f"/log-in?next=/teams/{team_id}")
    made = invite(visit.deployment.database, visit.viewer, team_id=team_id, now=visit.now)
    return _page(visit, team_id, _Said(invitation=made))


@router.post("/invitations/{invitation_id}/revoke")
def invitation_unwanted(invitation_id: NumberInPath, visit: VisitDep) -> Response:
    if visit.viewer.is_anonymous:
        return go_to("/log-in?next=/me")
    team_id = revoke_invitation(visit.deployment.database, visit.viewer, invitation_id=invitation_id, now=visit.now)
    return go_to(f"/teams/{team_id}#invitations")


@router.post("/teams/{team_id}/leave")
def team_left(team_id: NumberInPath, visit: VisitDep) -> Response:
    if visit.viewer.is_anonymous:
        return go_to(f"/log-in?next=/teams/{team_id}")
    try:
        leave(visit.deployment.database, visit.viewer, team_id=team_id, now=visit.now)
    except ServerError as error:
        return _page(visit, team_id, _Said(error=error))
    return go_to("/me")


def _page(visit: Visit, team_id: int, said: _Said) -> Response:
    facts = find_team(visit.deployment.database, team_id)
    with visit.deployment.database.read() as session:
        entries = shown_entries(session, visit.boards, team_id=team_id, viewer=visit.viewer, now=visit.now)
    is_ours = is_member(visit.deployment.database, visit.viewer, team_id)
    if said.error is not None and not is_ours:
        raise said.error
    page = TeamPage(
        title=facts.name,
        id=facts.id,
        name=facts.name,
        affiliation=facts.affiliation,
        abstract=facts.abstract,
        members=facts.members,
        entries=tuple(_entry_line(entry, visit) for entry in entries),
        for_members=_members_part(visit, facts, said) if is_ours else None,
        new_link="" if said.invitation is None else shown_address(visit, said.invitation.path),
        new_link_ends=None if said.invitation is None else moment(said.invitation.expires_at, visit.now),
        problem=None if said.error is not None and "field" in said.error.details else problem_of(said.error),
    )
    headers = {"Cache-Control": "no-store"} if is_ours else {}
    status = 200 if said.error is None else status_of(said.error)
    return render_page(visit.request, "team.html", page, viewer=visit.viewer, status=status, headers=headers)


def _members_part(visit: Visit, facts: TeamFacts, said: _Said) -> MembersPart:
    affiliation = facts.affiliation if said.affiliation is None else said.affiliation
    abstract = facts.abstract if said.abstract is None else said.abstract
    return MembersPart(
        affiliation=filled(_AFFILIATION, value=affiliation, error=said.error),
        abstract=filled(_ABSTRACT, value=abstract, error=said.error),
        invitations=tuple(
            InvitationLine(
                id=invitation.id,
                made_by=invitation.made_by,
                made=moment(invitation.created_at, visit.now),
                ends=moment(invitation.expires_at, visit.now),
            )
            for invitation in invitations_for(visit.deployment.database, visit.viewer, team_id=facts.id, now=visit.now)
        ),
    )


def _entry_line(entry: ShownEntry, visit: Visit) -> EntryLine:
    metric, row = entry.board.metric, entry.row
    return EntryLine(
        round_slug=entry.round_slug,
        round_title=entry.round_title,
        method=row.method,
        rank=standing_word(row) if row.rank is None else str(row.rank),
        score=score_text(row.scores.get(metric.name), metric),
        metric=metric.label,
        direction=metric.direction,
        sent=moment(row.submitted_at, visit.now),
        disqualified_for=row.disqualified_for,
        appeal=f"/entries/{row.entry}/appeal" if row.disqualified_for and visit.viewer.team_id == row.team_id else "",
    )
