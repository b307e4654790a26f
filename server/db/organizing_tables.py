"""Tables of what organizers and teams tell each other, beside server/db/tables.py.

No `from __future__ import annotations` here: SQLModel reads the annotations while the classes are made.
"""

from datetime import datetime

from sqlalchemy import Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from server.db.tables import NEVER_REUSED, UtcDateTime


class RoundOrganizer(SQLModel, table=True):
    """A person who organizes a round."""

    __tablename__ = "round_organizer"
    round_id: int = Field(foreign_key="round.id", primary_key=True)
    person_id: int = Field(foreign_key="person.id", primary_key=True, index=True)
    added_at: datetime = Field(sa_type=UtcDateTime)


class Announcement(SQLModel, table=True):
    """What the organizers tell everybody who sees the round."""

    __tablename__ = "announcement"
    __table_args__ = (NEVER_REUSED,)
    id: int | None = Field(default=None, primary_key=True)
    round_id: int = Field(foreign_key="round.id", index=True)
    person_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    text: str = Field(sa_type=Text)  # Markdown
    announced_at: datetime = Field(sa_type=UtcDateTime)


class Question(SQLModel, table=True):
    """A team's question about a round. It is public once it is answered."""

    __tablename__ = "question"
    __table_args__ = (NEVER_REUSED,)
    id: int | None = Field(default=None, primary_key=True)
    round_id: int = Field(foreign_key="round.id", index=True)
    team_id: int = Field(foreign_key="team.id", index=True)
    person_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    text: str = Field(sa_type=Text)
    asked_at: datetime = Field(sa_type=UtcDateTime)
    answer: str = Field(default="", sa_type=Text)
    answered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Appeal(SQLModel, table=True):
    """What a team says against the disqualification of its entry; one for each."""

    __tablename__ = "appeal"
    __table_args__ = (UniqueConstraint("entry_id", "disqualified_at"), NEVER_REUSED)
    id: int | None = Field(default=None, primary_key=True)
    entry_id: int = Field(foreign_key="entry.id")
    disqualified_at: datetime = Field(sa_type=UtcDateTime)
    person_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    text: str = Field(sa_type=Text)
    appealed_at: datetime = Field(sa_type=UtcDateTime)
    answer: str = Field(default="", sa_type=Text)
    is_granted: bool | None = None  # None: not decided yet
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class ImageReport(SQLModel, table=True):
    """A team's word that the truth of an image of the public split is wrong."""

    __tablename__ = "image_report"
    __table_args__ = (UniqueConstraint("round_id", "team_id", "image"), NEVER_REUSED)
    id: int | None = Field(default=None, primary_key=True)
    round_id: int = Field(foreign_key="round.id")
    team_id: int = Field(foreign_key="team.id", index=True)
    image: int  # its index
    text: str = Field(sa_type=Text)
    reported_at: datetime = Field(sa_type=UtcDateTime)
    settled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Rescoring(SQLModel, table=True):
    """Attempts to score a submission again that came to nothing, or a wish to have it scored again."""

    __tablename__ = "rescoring"
    submission_id: int = Field(foreign_key="submission.id", primary_key=True)
    truth_id: int = Field(foreign_key="truth_version.id", primary_key=True, index=True)
    attempts: int
    failure: str
    wished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  # wanted although there is a score


class DeadlineNotice(SQLModel, table=True):
    """That a person was told of the close of a round; a moved close is another one."""

    __tablename__ = "deadline_notice"
    round_id: int = Field(foreign_key="round.id", primary_key=True)
    person_id: int = Field(foreign_key="person.id", primary_key=True, index=True)
    closes: datetime = Field(primary_key=True, sa_type=UtcDateTime)
