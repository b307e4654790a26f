"""Invitations: links by which people join a team. The secret is known at one moment only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from server.auth.permissions import Action
from server.auth.tokens import hash_secret, new_session_secret
from server.auth.viewer import Viewer
from server.db.engine import Database
from server.db.events import append_event
from server.db.invitations import invitations_by_person, invitations_of_team, valid_invitation
from server.db.people_tables import Invitation
from server.db.tables import stored_id
from server.people_errors import InvitationNotFound, TeamNotFound
from server.services.memberships import require_member
from server.services.tokens import acting_person

# Long enough for a holiday, short enough that a link in an old mail opens nothing.
INVITATION_LIFETIME = timedelta(days=14)


@dataclass(frozen=True, kw_only=True, slots=True)
class NewInvitation:
    """An invitation just made: the only moment its secret is known."""

    id: int
    secret: str
    expires_at: datetime

    @property
    def path(self) -> str:
        """Where it leads on this server."""
        return f"/join/{self.secret}"


@dataclass(frozen=True, kw_only=True, slots=True)
class InvitationFacts:
    """What the team may know of an invitation afterwards."""

    id: int
    made_by: str
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class OwnInvitations:
    """How many links into a team somebody has made that still work."""

    team_id: int
    team: str
    count: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Invited:
    """What an invitation leads to."""

    team_id: int
    team: str
    made_by: str
    expires_at: datetime


def invite(database: Database, viewer: Viewer, *, team_id: int, now: datetime) -> NewInvitation:
    """A new link into one of the viewer's teams, for whoever holds it.

    Raises:
        TeamNotFound: they are not in it.
    """
    secret = new_session_secret()
    with database.write() as session:
        require_member(session, viewer, team_id, action=Action.INVITE)
        invitation = Invitation(
            team_id=team_id,
            person_id=acting_person(viewer),
            secret_hash=hash_secret(secret),
            created_at=now,
            expires_at=now + INVITATION_LIFETIME,
        )
        session.add(invitation)
        session.flush()
        number = stored_id(invitation.id)
        append_event(
            session,
            at=now,
            actor=f"person:{invitation.person_id}",
            action="invitation.made",
            object_type="team",
            object_id=team_id,
            detail={"invitation": number},
        )
        return NewInvitation(id=number, secret=secret, expires_at=invitation.expires_at)


def revoke_invitation(database: Database, viewer: Viewer, *, invitation_id: int, now: datetime) -> int:
    """End a link into one of the viewer's teams; the team's id.

    Raises:
        InvitationNotFound: it is another team's, or was revoked before.
    """
    with database.write() as session:
        invitation = session.get(Invitation, invitation_id)
        if invitation is None or invitation.revoked_at is not None:
            raise InvitationNotFound
        try:
            require_member(session, viewer, invitation.team_id, action=Action.REVOKE_INVITATION)
        except TeamNotFound:
            raise InvitationNotFound from None
        invitation.revoked_at = now
        session.add(invitation)
        append_event(
            session,
            at=now,
            actor=f"person:{acting_person(viewer)}",
            action="invitation.revoked",
            object_type="team",
            object_id=invitation.team_id,
            detail={"invitation": invitation_id},
        )
        return invitation.team_id


def invitations_for(database: Database, viewer: Viewer, *, team_id: int, now: datetime) -> list[InvitationFacts]:
    """The links into one of the viewer's teams that still work, newest first.

    Raises:
        NotLoggedIn, TeamNotFound: they are not in it.
    """
    with database.read() as session:
        require_member(session, viewer, team_id, action=Action.INVITE)
        return [
            InvitationFacts(
                id=stored_id(invitation.id),
                made_by=person.name,
                created_at=invitation.created_at,
                expires_at=invitation.expires_at,
            )
            for invitation, person in invitations_of_team(session, team_id, now=now)
        ]


def own_invitations(session: Session, viewer: Viewer, *, now: datetime) -> list[OwnInvitations]:
    """The links that the viewer has made and that still work, by team.

    Raises:
        NotLoggedIn: nobody has made any.
    """
    found = invitations_by_person(session, acting_person(viewer), now=now)
    return [OwnInvitations(team_id=stored_id(team.id), team=team.name, count=count) for team, count in found]


def invited_to(database: Database, secret: str, *, now: datetime) -> Invited:
    """Where a link leads.

    Raises:
        InvitationNotFound: nowhere.
    """
    with database.read() as session:
        found = valid_invitation(session, hash_secret(secret), now=now)
    if found is None:
        raise InvitationNotFound
    invitation, team, person = found
    return Invited(team_id=invitation.team_id, team=team.name, made_by=person.name, expires_at=invitation.expires_at)
