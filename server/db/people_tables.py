"""Tables about people and teams beside server/db/tables.py: invitations, links sent by mail, mail itself.

No `from __future__ import annotations` here: SQLModel reads the annotations while the classes are made.
"""

from datetime import datetime

from sqlalchemy import Index, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from server.db.tables import NEVER_REUSED, UtcDateTime


class Invitation(SQLModel, table=True):
    """A link by which people join a team. Only its hash is kept."""

    __tablename__ = "invitation"
    __table_args__ = (NEVER_REUSED,)
    id: int | None = Field(default=None, primary_key=True)
    team_id: int = Field(foreign_key="team.id", index=True)
    person_id: int = Field(foreign_key="person.id", index=True)  # who made it
    secret_hash: str = Field(unique=True)
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class MailLink(SQLModel, table=True):
    """A link sent by mail that works once: it verifies an address, or sets a new password. Only its hash is kept."""

    __tablename__ = "mail_link"
    __table_args__ = (NEVER_REUSED,)
    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    purpose: str  # "verify" or "reset"
    secret_hash: str = Field(unique=True)
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Mail(SQLModel, table=True):
    """A message to one person, queued in the transaction that causes it and sent afterwards."""

    __tablename__ = "mail"
    __table_args__ = (Index("ix_mail_sent_at_next_try_at", "sent_at", "next_try_at"), NEVER_REUSED)
    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    address: str
    kind: str  # of server/services/mail_kinds.py
    subject: str
    body: str = Field(sa_type=Text)
    created_at: datetime = Field(sa_type=UtcDateTime)
    next_try_at: datetime = Field(sa_type=UtcDateTime)
    attempts: int = 0
    sent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    given_up_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class FormerMembership(SQLModel, table=True):
    """A person who has left a team: what it had sent counts in the quota of the team they are in now."""

    __tablename__ = "former_membership"
    person_id: int = Field(foreign_key="person.id", primary_key=True)
    team_id: int = Field(foreign_key="team.id", primary_key=True)
    left_at: datetime = Field(sa_type=UtcDateTime)  # the last time


class ServerKey(SQLModel, table=True):
    """A key of this server, drawn when it was first needed."""

    __tablename__ = "server_key"
    purpose: str = Field(primary_key=True)
    key: str


class DepartedAddress(SQLModel, table=True):
    """The keyed hash of the address of an account that was deleted while its teams take part in a round.

    It outlives the last of these rounds by a minute: server/services/departed_addresses.py.
    """

    __tablename__ = "departed_address"
    person_id: int = Field(foreign_key="person.id", primary_key=True)  # nobody any more
    address_hash: str = Field(index=True)


class RulesAcceptance(SQLModel, table=True):
    """A person's word that they accept the rules and terms of a round, once for each version of them."""

    __tablename__ = "rules_acceptance"
    __table_args__ = (UniqueConstraint("round_id", "person_id", "digest"), NEVER_REUSED)
    id: int | None = Field(default=None, primary_key=True)
    round_id: int = Field(foreign_key="round.id")
    person_id: int = Field(foreign_key="person.id", index=True)
    digest: str  # sha256 of what was accepted
    accepted_at: datetime = Field(sa_type=UtcDateTime)


class Participation(SQLModel, table=True):
    """A team in a round: asked for, let in or turned away."""

    __tablename__ = "participation"
    id: int | None = Field(default=None, primary_key=True)
    round_id: int = Field(foreign_key="round.id")
    team_id: int = Field(foreign_key="team.id", index=True)
    state: str = "admitted"  # "asked", "admitted" or "refused"
    message: str = Field(default="", sa_type=Text)  # with which the team asked
    asked_at: datetime = Field(sa_type=UtcDateTime)
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    __table_args__ = (UniqueConstraint("round_id", "team_id"), NEVER_REUSED)


class RosterRow(SQLModel, table=True):
    """Somebody whom a round's organizers expect: they are let in, and their scores listed."""

    __tablename__ = "roster_row"
    __table_args__ = (UniqueConstraint("round_id", "email"), NEVER_REUSED)
    id: int | None = Field(default=None, primary_key=True)  # also the order of the list
    round_id: int = Field(foreign_key="round.id")
    email: str = Field(index=True)  # lower-case
    name: str
    team: str = ""  # as the list calls it, for people only
