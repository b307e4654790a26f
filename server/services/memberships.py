"""Who is in a team: joining by a link, leaving, and which team somebody acts for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, update

from server.auth.permissions import Action, Object, authorize, own_account
from server.auth.tokens import hash_secret
from server.auth.viewer import Viewer
from server.db.engine import Database
from server.db.events import append_event
from server.db.former_memberships import record_leaving
from server.db.invitations import revoke_invitations_of, valid_invitation
from server.db.persons import person_of_email
from server.db.submissions import lock_team
from server.db.tables import Membership, Person, Team, WebSession, stored_id
from server.db.teams import lock_person, members_of_team, teams_of_person
from server.errors import EmailTaken, InvalidRequest, NotLoggedIn
from server.people_errors import InvitationNotFound, TeamNotFound, TokenTooNarrow
from server.services.accounts import new_person
from server.services.departed_addresses import take_over
from server.services.taking_part import require_may_join, require_may_leave
from server.services.tokens import acting_person, end_tokens_of
from server.services.verification import mail_to_verify_where_needed
from server.services.viewers import viewer_of


@dataclass(frozen=True, kw_only=True, slots=True)
class TeamName:
    """One of somebody's teams."""

    id: int
    name: str


def require_member(session: Session, viewer: Viewer, team_id: int, *, action: Action) -> None:
    """Let an action pass that each person of the team may do.

    Raises:
        NotLoggedIn, TeamNotFound: there is no such team, or it is not theirs.
    """
    members = frozenset(stored_id(person.id) for person in members_of_team(session, team_id))
    authorize(viewer, action, Object(missing=TeamNotFound(), team_id=team_id, member_ids=members))


def is_member(database: Database, viewer: Viewer, team_id: int) -> bool:
    """Whether the viewer may do what members of the team may."""
    if viewer.is_anonymous:
        return False
    with database.read() as session:
        try:
            require_member(session, viewer, team_id, action=Action.DESCRIBE_TEAM)
        except (TeamNotFound, TokenTooNarrow):
            return False
    return True


def acting_for(database: Database, viewer: Viewer, *, team_id: int) -> Viewer:
    """The viewer, acting for another of their teams.

    Raises:
        NotLoggedIn, TeamNotFound: they are not in it, or came with another team's token.
    """
    with database.read() as session:
        require_member(session, viewer, team_id, action=Action.ACT_FOR_TEAM)
        team = session.get_one(Team, team_id)
    return replace(viewer, team_id=team_id, team_name=team.name)


def list_teams(database: Database, viewer: Viewer) -> list[TeamName]:
    """The teams the viewer is in, in the order they joined."""
    with database.read() as session:
        return [
            TeamName(id=stored_id(team.id), name=team.name) for team in teams_of_person(session, acting_person(viewer))
        ]


def join(database: Database, viewer: Viewer, *, secret: str, now: datetime) -> int:
    """Join the team that a link leads into; its id. To be in it already is no fault.

    Raises:
        InvitationNotFound, TeamsFrozen, SecondTeam: not possible.
    """
    authorize(viewer, Action.JOIN_TEAM, own_account(viewer))
    with database.write() as session:
        team = _invited_team(session, secret, now=now)
        person = lock_person(session, acting_person(viewer))
        if person is None:
            raise NotLoggedIn
        _join(session, person, team, now=now)
        return stored_id(team.id)


def join_as_new_person(
    database: Database, *, secret: str, name: str, email: str, password: str, now: datetime
) -> Viewer:
    """Make a person who joins the team that a link leads into, both or neither.

    Raises:
        InvitationNotFound, TeamsFrozen: not possible.
        InvalidName, InvalidEmail, WeakPassword, EmailTaken: a field cannot be used.
    """
    person = new_person(name=name, email=email, password=password, now=now)
    try:
        with database.write() as session:
            team = _invited_team(session, secret, now=now)
            if person_of_email(session, person.email) is not None:
                raise EmailTaken(details={"field": "email"})
            session.add(person)
            session.flush()
            take_over(session, person)
            _join(session, person, team, now=now)
            mail_to_verify_where_needed(session, person, now=now)
            return viewer_of(session, person, team)
    except IntegrityError as error:  # somebody else committed the same address between the look and the insert
        raise EmailTaken(details={"field": "email"}) from error


def leave(database: Database, viewer: Viewer, *, team_id: int, now: datetime) -> None:
    """Leave a team; the tokens and links the person made for it end.

    Its entries stay, also when nobody is left in it. What it has sent counts for the next team of whoever leaves.

    Raises:
        TeamNotFound: they are not in it.
        TeamsFrozen: not possible.
    """
    person_id = acting_person(viewer)
    with database.write() as session:
        lock_team(session, team_id)
        require_member(session, viewer, team_id, action=Action.LEAVE_TEAM)
        require_may_leave(session, person_id=person_id, team_id=team_id, now=now)
        lock_person(session, person_id)  # whoever counts what their teams have sent waits for it
        session.delete(session.get_one(Membership, (person_id, team_id)))
        record_leaving(session, person_id=person_id, team_id=team_id, now=now)
        revoke_invitations_of(session, person_id=person_id, team_id=team_id, now=now)
        end_tokens_of(session, person_id, team_id=team_id, now=now)
        _tell(session, "team.left", person_id=person_id, team_id=team_id, now=now)


def act_for(database: Database, viewer: Viewer, *, team_id: int, session_secret: str | None, now: datetime) -> None:
    """Have a browser's log-in act for another of the person's teams.

    Raises:
        TeamNotFound: they are not in it.
        InvalidRequest: the request came with a token, whose team stays what it is.
    """
    if viewer.token_id is not None or session_secret is None:
        raise InvalidRequest("An API token acts for the team it was made for.")
    with database.write() as session:
        require_member(session, viewer, team_id, action=Action.ACT_FOR_TEAM)
        session.exec(
            update(WebSession).where(col(WebSession.secret_hash) == hash_secret(session_secret)).values(team_id=team_id)
        )
        _tell(session, "team.acted-for", person_id=acting_person(viewer), team_id=team_id, now=now)


def _invited_team(session: Session, secret: str, *, now: datetime) -> Team:
    found = valid_invitation(session, hash_secret(secret), now=now)
    team = None if found is None else lock_team(session, found[0].team_id)
    if team is None:
        raise InvitationNotFound
    return team


def _join(session: Session, person: Person, team: Team, *, now: datetime) -> None:
    person_id, team_id = stored_id(person.id), stored_id(team.id)
    if session.get(Membership, (person_id, team_id)) is not None:
        return
    require_may_join(session, person, team_id=team_id, now=now)
    session.add(Membership(person_id=person_id, team_id=team_id, joined_at=now))
    _tell(session, "team.joined", person_id=person_id, team_id=team_id, now=now)


def _tell(session: Session, action: str, *, person_id: int, team_id: int, now: datetime) -> None:
    append_event(session, at=now, actor=f"person:{person_id}", action=action, object_type="team", object_id=team_id)
