"""Running a challenge: policies as round.toml has them, teams that people join, what organizers and teams say.

Columns are added and dropped in place: SQLite cannot rebuild a table that others refer to while it watches over them.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

from server.db.tables import UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_LIMITS = ("submissions_per_day", "submissions_total")
_DEFAULTS = {"rows": "team", "max_upload_bytes": 1 << 30, "max_unpacked_bytes": 4 << 30, "max_lines": 40_000_000}
_TIMES = ("opens", "closes")
_LONG_AGO = "1970-01-01 00:00:00"


def upgrade() -> None:
    """In the order in which the tables name each other."""
    _create_invitation()
    _create_mail()
    _create_mail_link()
    _create_announcement()
    _create_image_report()
    _create_participation()
    _create_question()
    _create_round_organizer()
    _create_rules_acceptance()
    _create_appeal()
    _create_rescoring()
    _extend_person_and_team()
    _extend_entry_and_submission()
    _extend_round()
    _extend_truth_and_score()
    _extend_web_session()


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=False, server_default="")


def _flag(name: str, *, default: bool = False) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.true() if default else sa.false())


def _moment(name: str) -> sa.Column[Any]:
    return sa.Column(name, UtcDateTime(), nullable=True)


def _extend_person_and_team() -> None:
    op.add_column("person", _flag("is_admin"))
    op.add_column("person", _moment("email_verified_at"))
    op.add_column("person", sa.Column("unwanted_mail", sa.JSON(), nullable=False, server_default="[]"))
    op.execute("UPDATE person SET is_admin = is_organizer")
    op.add_column("team", sa.Column("abstract", sa.Text(), nullable=False, server_default=""))


def _extend_entry_and_submission() -> None:
    for column in (
        _text("paper_url"), _text("code_url"), _flag("is_anonymous"), _flag("is_competing", default=True),
        _flag("is_baseline"), _moment("withdrawn_at"), _moment("disqualified_at"), _text("disqualified_for"),
    ):  # fmt: skip
        op.add_column("entry", column)
    op.execute("UPDATE entry SET paper_url = link, track = ''")  # no round has had tracks so far
    op.drop_column("entry", "link")
    op.add_column("submission", _flag("is_final"))
    op.add_column("submission", _moment("withdrawn_at"))


def _extend_round() -> None:
    op.add_column("round", sa.Column("policy", sa.JSON(), nullable=False, server_default="{}"))
    op.add_column("round", sa.Column("data", sa.Text(), nullable=True))
    op.add_column("round", sa.Column("split_seed", sa.String(), nullable=True))
    op.add_column("round", sa.Column("join_code", sa.String(), nullable=True))
    op.add_column("round", sa.Column("truth_report", sa.JSON(), nullable=True))
    op.create_index("ix_round_join_code", "round", ["join_code"], unique=True)
    connection = op.get_bind()
    for row in connection.execute(sa.text("SELECT * FROM round")).mappings().all():
        connection.execute(
            sa.text("UPDATE round SET policy = :policy WHERE id = :id"),
            {"policy": json.dumps(_policy(row)), "id": row["id"]},
        )
    for column in ("best_by", *_LIMITS, *_DEFAULTS, *(f"{name}_at" for name in _TIMES)):
        op.drop_column("round", column)


def _policy(row: Any) -> dict[str, Any]:
    """What the columns said, as [policy] has it."""
    policy: dict[str, Any] = {"best_by": row["best_by"]}
    policy |= {name: row[name] for name in _LIMITS if row[name] is not None}
    policy |= {name: row[name] for name, default in _DEFAULTS.items() if row[name] != default}
    for name in _TIMES:
        value = row[f"{name}_at"]
        if value is not None:
            moment = datetime.fromisoformat(value) if isinstance(value, str) else value
            policy[name] = (moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)).isoformat()
    return policy


def _extend_truth_and_score() -> None:
    op.add_column("truth_version", sa.Column("created_at", UtcDateTime(), nullable=False, server_default=_LONG_AGO))
    op.execute("UPDATE truth_version SET created_at = activated_at WHERE activated_at IS NOT NULL")
    op.add_column("score", sa.Column("intervals", sa.JSON(), nullable=False, server_default="{}"))


def _extend_web_session() -> None:
    with op.batch_alter_table("web_session") as batch:  # nothing refers to it
        batch.add_column(sa.Column("team_id", sa.Integer(), nullable=True))
        batch.create_index("ix_web_session_team_id", ["team_id"])
        batch.create_foreign_key("fk_web_session_team_id_team", "team", ["team_id"], ["id"])


def _create_invitation() -> None:
    op.create_table(
        "invitation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("secret_hash", sa.String(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_invitation_person_id_person"),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name="fk_invitation_team_id_team"),
        sa.PrimaryKeyConstraint("id", name="pk_invitation"),
        sa.UniqueConstraint("secret_hash", name="uq_invitation_secret_hash"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_invitation_person_id", "invitation", ["person_id"])
    op.create_index("ix_invitation_team_id", "invitation", ["team_id"])


def _create_mail() -> None:
    op.create_table(
        "mail",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("next_try_at", UtcDateTime(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.Column("given_up_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_mail_person_id_person"),
        sa.PrimaryKeyConstraint("id", name="pk_mail"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_mail_person_id", "mail", ["person_id"])
    op.create_index("ix_mail_sent_at_next_try_at", "mail", ["sent_at", "next_try_at"])


def _create_mail_link() -> None:
    op.create_table(
        "mail_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("secret_hash", sa.String(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_mail_link_person_id_person"),
        sa.PrimaryKeyConstraint("id", name="pk_mail_link"),
        sa.UniqueConstraint("secret_hash", name="uq_mail_link_secret_hash"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_mail_link_person_id", "mail_link", ["person_id"])


def _create_announcement() -> None:
    op.create_table(
        "announcement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("announced_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_announcement_person_id_person"),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name="fk_announcement_round_id_round"),
        sa.PrimaryKeyConstraint("id", name="pk_announcement"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_announcement_person_id", "announcement", ["person_id"])
    op.create_index("ix_announcement_round_id", "announcement", ["round_id"])


def _create_image_report() -> None:
    op.create_table(
        "image_report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column("image", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("reported_at", UtcDateTime(), nullable=False),
        sa.Column("settled_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name="fk_image_report_round_id_round"),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name="fk_image_report_team_id_team"),
        sa.PrimaryKeyConstraint("id", name="pk_image_report"),
        sa.UniqueConstraint("round_id", "team_id", "image", name="uq_image_report_round_id_team_id_image"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_image_report_team_id", "image_report", ["team_id"])


def _create_participation() -> None:
    op.create_table(
        "participation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name="fk_participation_round_id_round"),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name="fk_participation_team_id_team"),
        sa.PrimaryKeyConstraint("id", name="pk_participation"),
        sa.UniqueConstraint("round_id", "team_id", name="uq_participation_round_id_team_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_participation_team_id", "participation", ["team_id"])


def _create_question() -> None:
    op.create_table(
        "question",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_question_person_id_person"),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name="fk_question_round_id_round"),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name="fk_question_team_id_team"),
        sa.PrimaryKeyConstraint("id", name="pk_question"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_question_person_id", "question", ["person_id"])
    op.create_index("ix_question_round_id", "question", ["round_id"])
    op.create_index("ix_question_team_id", "question", ["team_id"])


def _create_round_organizer() -> None:
    op.create_table(
        "round_organizer",
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("added_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_round_organizer_person_id_person"),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name="fk_round_organizer_round_id_round"),
        sa.PrimaryKeyConstraint("round_id", "person_id", name="pk_round_organizer"),
    )
    op.create_index("ix_round_organizer_person_id", "round_organizer", ["person_id"])


def _create_rules_acceptance() -> None:
    op.create_table(
        "rules_acceptance",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("accepted_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_rules_acceptance_person_id_person"),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name="fk_rules_acceptance_round_id_round"),
        sa.PrimaryKeyConstraint("id", name="pk_rules_acceptance"),
        sa.UniqueConstraint("round_id", "person_id", "digest", name="uq_rules_acceptance_round_id_person_id_digest"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_rules_acceptance_person_id", "rules_acceptance", ["person_id"])


def _create_appeal() -> None:
    op.create_table(
        "appeal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("disqualified_at", UtcDateTime(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("appealed_at", UtcDateTime(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("is_granted", sa.Boolean(), nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name="fk_appeal_entry_id_entry"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_appeal_person_id_person"),
        sa.PrimaryKeyConstraint("id", name="pk_appeal"),
        sa.UniqueConstraint("entry_id", "disqualified_at", name="uq_appeal_entry_id_disqualified_at"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_appeal_person_id", "appeal", ["person_id"])


def _create_rescoring() -> None:
    op.create_table(
        "rescoring",
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("truth_id", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("failure", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["submission_id"], ["submission.id"], name="fk_rescoring_submission_id_submission"),
        sa.ForeignKeyConstraint(["truth_id"], ["truth_version.id"], name="fk_rescoring_truth_id_truth_version"),
        sa.PrimaryKeyConstraint("submission_id", "truth_id", name="pk_rescoring"),
    )
    op.create_index("ix_rescoring_truth_id", "rescoring", ["truth_id"])
