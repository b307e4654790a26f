"""The tables: one class per noun. Queries live beside in one repository file per noun.

No `from __future__ import annotations` here: SQLModel reads the annotations while the classes are made.
"""

import secrets
from datetime import UTC, datetime
from enum import StrEnum
from functools import partial
from typing import Any

from sqlalchemy import JSON, BigInteger, DateTime, Index, MetaData, Text, UniqueConstraint, false
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel


class State(StrEnum):
    """Where a submission stands. Every row is terminal, or queued, or running with a lease."""

    QUEUED = "queued"
    RUNNING = "running"
    SCORED = "scored"
    REJECTED = "rejected"  # the file is wrong; its findings are kept
    FAILED = "failed"  # it hit the time or the memory limit
    ERROR = "error"  # ours, after the last attempt
    CANCELLED = "cancelled"

    @property
    def is_open(self) -> bool:
        """Whether the server still has work to do."""
        return self in OPEN_STATES

    @property
    def is_charged(self) -> bool:
        """Whether the submission takes a place in its team's quota."""
        return self in CHARGED_STATES


OPEN_STATES = (State.QUEUED, State.RUNNING)
CHARGED_STATES = (State.QUEUED, State.RUNNING, State.SCORED)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment, kept as UTC. SQLite drops zones, so UTC is put back on the way out."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        return dialect.type_descriptor(DateTime(timezone=dialect.name != "sqlite"))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time without zone cannot be stored: {value}")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


# Named constraints, so that a later migration can address each of them on every database.
SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
metadata: MetaData = SQLModel.metadata

# Ids are never given twice, even after a row is deleted: other systems quote them.
NEVER_REUSED: dict[str, Any] = {"sqlite_autoincrement": True}


class Challenge(SQLModel, table=True):
    """A group of rounds shown together: "ILSVRC 2014"."""

    __tablename__ = "challenge"
    id: int | None = Field(default=None, primary_key=True)
    slug: str = Field(unique=True)
    title: str


class Round(SQLModel, table=True):
    """One task, one truth (in versions), one policy."""

    __tablename__ = "round"
    __table_args__ = (NEVER_REUSED,)
    id: int | None = Field(default=None, primary_key=True)
    slug: str = Field(unique=True)
    title: str
    challenge_id: int | None = Field(default=None, foreign_key="challenge.id", index=True)
    task: str  # slug of the scoring registry: "det"
    # [policy] of round.toml as scoring/policies.py writes it: the one place where it is decided
    policy: dict[str, Any] = Field(sa_type=JSON)
    image_count: int
    class_count: int
    rules: str | None = Field(default=None, sa_type=Text)  # text of the rule book
    data: str | None = Field(default=None, sa_type=Text)  # text of the data page
    split_seed: str | None = None  # of the public and the private half; told at the reveal, its sha256 at once
    # Of the digests of its truth: told at the reveal, until then they are sealed (server/services/truth_seals.py).
    truth_seal: str = Field(default_factory=partial(secrets.token_hex, 16), sa_column_kwargs={"server_default": ""})
    is_paused: bool = Field(default=False, sa_column_kwargs={"server_default": false()})  # closed until a new close
    pause_reveals: datetime | None = Field(default=None, sa_type=UtcDateTime)  # the reveal that a pause has set
    pause_keeps: dict[str, Any] | None = Field(
        default=None, sa_type=JSON
    )  # server/services/pauses.py: dates it took out
    join_code: str | None = Field(
        default=None, index=True, unique=True
    )  # lets in whoever has it, where the round is private
    truth_report: dict[str, Any] | None = Field(default=None, sa_type=JSON)  # scoring/truth_reports.py, of version 1
    selftest: list[dict[str, Any]] | None = Field(default=None, sa_type=JSON)  # server/selftest, as it was drafted
    is_draft: bool = False  # its organizers alone know of it
    public_digest: str  # of the public half's files: tells a changed folder from the same one
    # Of truth_version; no foreign key, because that table names this one already and a circle cannot be created
    # on every database in one step.
    active_truth_id: int | None = None
    created_at: datetime = Field(sa_type=UtcDateTime)


class TruthVersion(SQLModel, table=True):
    """One version of a round's ground truth. The truth itself is a file that scoring children alone open."""

    __tablename__ = "truth_version"
    __table_args__ = (
        UniqueConstraint("round_id", "number"),
        NEVER_REUSED,
    )
    id: int | None = Field(default=None, primary_key=True)
    round_id: int = Field(foreign_key="round.id", index=True)
    number: int  # 1, 2, ... within the round
    digest: str  # an earlier version may have the same: a correction can be taken back
    note: str = ""  # public note on what changed
    created_at: datetime = Field(sa_type=UtcDateTime)
    activated_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  # None: an erratum still in preparation


class Person(SQLModel, table=True):
    """Somebody who logs in."""

    __tablename__ = "person"
    __table_args__ = (NEVER_REUSED,)
    id: int | None = Field(default=None, primary_key=True)
    email: str = Field(unique=True)  # lower-case
    name: str
    password_hash: str
    is_organizer: bool = False  # may make rounds; which ones are theirs, RoundOrganizer says
    is_admin: bool = False  # may do everything
    email_verified_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    unwanted_mail: list[str] = Field(default_factory=list, sa_type=JSON)  # kinds of server/services/mail_kinds.py
    created_at: datetime = Field(sa_type=UtcDateTime)


class Team(SQLModel, table=True):
    """Who competes. Its row is what the quota locks."""

    __tablename__ = "team"
    __table_args__ = (NEVER_REUSED,)
    id: int | None = Field(default=None, primary_key=True)
    name: str
    name_key: str = Field(unique=True)  # case-folded NFKC of the name: case and width make no other team
    affiliation: str = ""
    abstract: str = Field(default="", sa_type=Text)
    created_at: datetime = Field(sa_type=UtcDateTime)


class Membership(SQLModel, table=True):
    """A person in a team."""

    __tablename__ = "membership"
    person_id: int = Field(foreign_key="person.id", primary_key=True)
    team_id: int = Field(foreign_key="team.id", primary_key=True, index=True)
    joined_at: datetime = Field(sa_type=UtcDateTime)


class Token(SQLModel, table=True):
    """A key for programs. Only its hash is kept."""

    __tablename__ = "token"
    __table_args__ = (NEVER_REUSED,)
    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    team_id: int | None = Field(default=None, foreign_key="team.id", index=True)
    made_by_id: int | None = None  # the token that made this one, which ends with it; None: a log-in made it
    scope: str  # server/auth/tokens.py
    label: str
    secret_hash: str = Field(unique=True)
    created_at: datetime = Field(sa_type=UtcDateTime)
    last_used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class WebSession(SQLModel, table=True):
    """A log-in of a browser. Only the hash of the cookie's secret is kept."""

    __tablename__ = "web_session"
    id: int | None = Field(default=None, primary_key=True)
    secret_hash: str = Field(unique=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    team_id: int | None = Field(default=None, foreign_key="team.id", index=True)  # acted for; None: the first
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)


class Entry(SQLModel, table=True):
    """A team's method in a round. Submissions are files sent for it."""

    __tablename__ = "entry"
    __table_args__ = (UniqueConstraint("round_id", "team_id", "method"), NEVER_REUSED)
    id: int | None = Field(default=None, primary_key=True)
    round_id: int = Field(foreign_key="round.id")
    team_id: int = Field(foreign_key="team.id", index=True)
    method: str
    track: str = ""  # one of the policy's; "" where it has none
    description: str = Field(default="", sa_type=Text)
    paper_url: str = ""
    code_url: str = ""
    is_anonymous: bool = False  # its team is not named before the reveal
    is_competing: bool = True  # else it is shown without a rank
    is_baseline: bool = False  # the organizers' own
    expected_scores: dict[str, float] | None = Field(default=None, sa_type=JSON)  # of a baseline, where they are known
    withdrawn_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    disqualified_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    disqualified_for: str = ""  # the public reason
    created_at: datetime = Field(sa_type=UtcDateTime)


class Submission(SQLModel, table=True):
    """One file sent for an entry, and how far the server is with it."""

    __tablename__ = "submission"
    __table_args__ = (
        UniqueConstraint("team_id", "idempotency_key"),
        Index("ix_submission_state_id", "state", "id"),
        Index("ix_submission_round_id_team_id", "round_id", "team_id"),
        Index("ix_submission_team_id_state", "team_id", "state"),
        NEVER_REUSED,
    )
    id: int | None = Field(default=None, primary_key=True)  # also the order of arrival
    entry_id: int = Field(foreign_key="entry.id", index=True)
    round_id: int = Field(foreign_key="round.id")
    team_id: int = Field(foreign_key="team.id")
    person_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    state: str = State.QUEUED
    blob_key: str = Field(unique=True)
    file_name: str = ""  # as sent, for people only; never a path of ours
    sha256: str = Field(index=True)  # of the bytes as sent
    size_bytes: int = Field(sa_type=BigInteger)
    lines: int | None = Field(default=None, sa_type=BigInteger)  # known once the file has been read
    upload_started_at: datetime = Field(sa_type=UtcDateTime)  # decides whether the round was open
    accepted_at: datetime = Field(sa_type=UtcDateTime)  # decides the day of the quota
    started_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  # of the latest attempt
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    attempt: int = 0  # attempts so far, the running one included
    owner: str | None = None  # worker that holds the lease
    lease_expires_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    idempotency_key: str | None = None
    is_final: bool = False  # chosen by its team to stand for it, where the policy says so
    withdrawn_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  # off the board; its quota stays spent
    findings: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
    failure: str | None = None  # code of server/jobs/failures.py, for failed and error


class Score(SQLModel, table=True):
    """What one submission scored against one version of the truth. Never changed, never ranked here."""

    __tablename__ = "score"
    __table_args__ = (UniqueConstraint("submission_id", "truth_id", "scorer_version", "split"), NEVER_REUSED)
    id: int | None = Field(default=None, primary_key=True)
    submission_id: int = Field(foreign_key="submission.id")
    truth_id: int = Field(foreign_key="truth_version.id", index=True)
    scorer_version: str
    split: str = "all"
    scores: dict[str, float | None] = Field(sa_type=JSON)
    counts: dict[str, int] = Field(sa_type=JSON)
    per_class: list[dict[str, Any]] = Field(sa_type=JSON)
    intervals: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)  # metric -> level -> [low, high]
    outcomes_key: str | None = None  # blob of the Outcomes these numbers reduce
    created_at: datetime = Field(sa_type=UtcDateTime)


class Event(SQLModel, table=True):
    """What happened, in order, appended in the transaction that did it."""

    __tablename__ = "event"
    __table_args__ = (Index("ix_event_object_type_object_id", "object_type", "object_id"), NEVER_REUSED)
    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime)
    actor: str  # "person:12", "worker:...", "system"
    action: str  # "submission.accepted"
    object_type: str
    object_id: int
    round_id: int | None = Field(default=None, foreign_key="round.id", index=True)
    detail: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)


def stored_id(value: int | None) -> int:
    """The id of a row that is stored: never None after a flush."""
    assert value is not None  # noqa: S101 - a type narrowing
    return value
