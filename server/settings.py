"""Every setting of a Heldout server, read once from HELDOUT_* environment variables."""

from __future__ import annotations

import os
from email.utils import parseaddr
from pathlib import Path

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from server.smtp import mail_server_of

MEBIBYTE = 1024**2
GIBIBYTE = 1024**3

DATABASE_FILE = "heldout.sqlite3"


class Settings(BaseSettings):
    """What an operator can choose. The defaults run a whole server on one machine, from one folder."""

    model_config = SettingsConfigDict(env_prefix="HELDOUT_", frozen=True, extra="forbid")

    data: Path = Field(
        default=Path("heldout-data"),
        description="The folder that holds everything: database, uploads, rounds, truth.",
    )
    host: str = Field(default="127.0.0.1", description="The address the server listens on.")
    port: int = Field(default=8000, ge=0, le=65535, description="The server's port; 0 picks a free one.")
    database_url: str | None = Field(
        default=None, description="An SQLAlchemy address; without it, SQLite within the data folder."
    )
    database_wait_seconds: float = Field(
        default=5.0, gt=0, description="How long a request waits for a locked database before it answers 503."
    )
    public_url: str | None = Field(
        default=None, description="The address people use, when a proxy stands before the server."
    )
    secure_cookies: bool = Field(
        default=False, description="Send cookies over https only; set it whenever https is in front."
    )

    smtp_url: str | None = Field(
        default=None,
        description="The mail server: smtp://user:password@host:587, or smtps://; without it, mail is only kept.",
    )
    mail_from: str = Field(default="heldout@localhost", description="The address that mail is sent from.")
    deadline_mail_hours: float = Field(
        default=48.0, ge=0, description="How long before a round closes its teams are told by mail; 0: not at all."
    )
    show_mail: bool = Field(default=False, description="Show the last 50 mails to everybody on /mail; for demos alone.")

    worker_count: int = Field(
        default=max(1, (os.cpu_count() or 2) - 1),
        ge=0,
        description="Scoring processes, one submission each; 0 only serves pages.",
    )
    child_memory_bytes: int = Field(
        default=4 * GIBIBYTE, gt=0, description="Address space of one scoring process, in bytes."
    )
    child_time_seconds: float = Field(
        default=900.0, gt=0, description="Time one submission may take to score, in seconds."
    )
    check_time_seconds: float = Field(
        default=120.0, gt=0, description="Time the check of one file may take, in seconds."
    )
    lease_seconds: float = Field(default=30.0, gt=0, description="A worker silent for so long has lost its job.")
    renew_seconds: float = Field(default=10.0, gt=0, description="How often a worker renews its lease.")
    reaper_seconds: float = Field(default=10.0, gt=0, description="How often lost jobs are looked for.")
    poll_seconds: float = Field(
        default=2.0, gt=0, description="How often an idle worker looks for work nobody announced."
    )
    drain_seconds: float = Field(default=20.0, ge=0, description="How long a stopping server lets running jobs finish.")
    stream_seconds: float = Field(
        default=300.0, gt=0, description="How long one event stream of a submission lasts; a page opens the next."
    )
    retry_seconds: float = Field(
        default=1.0, ge=0, description="Pause before a job that hit a fault of the server is tried again."
    )
    max_attempts: int = Field(default=4, ge=1, description="Attempts at one submission before it is an error.")

    max_open_submissions: int = Field(
        default=5, ge=1, description="Submissions of one team that may wait or run at once."
    )
    max_rejected_per_hour: int = Field(
        default=30, ge=1, description="Rejected files of one team within an hour before it has to pause."
    )
    max_checks_per_hour: int = Field(
        default=60, ge=1, description="Files one address may check within an hour without an account."
    )

    @property
    def sends_mail(self) -> bool:
        """Whether mail leaves the server, so that somebody can show that an address is theirs."""
        return self.smtp_url is not None

    @property
    def can_verify(self) -> bool:
        """Whether there is a way to verify an address; in a demo, which shows its mail, one that proves nothing."""
        return self.sends_mail or self.show_mail

    @field_validator("smtp_url")
    @classmethod
    def _names_a_mail_server(cls, value: str | None) -> str | None:
        if value is not None:
            mail_server_of(value)
        return value

    @field_validator("mail_from")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        if not value.isprintable() or "@" not in parseaddr(value)[1]:
            raise ValueError("write it like Heldout <heldout@university.example>")
        return value

    @property
    def address(self) -> str:
        """This server's address in mail: never taken from a request, which anybody may send."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return (self.public_url or f"http://{host}:{self.port}").rstrip("/")

    @property
    def database_address(self) -> str:
        """The SQLAlchemy address in use."""
        return self.database_url or f"sqlite:///{self.data.resolve() / DATABASE_FILE}"
