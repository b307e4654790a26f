"""The first schema."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from server.db.tables import UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """In the order in which the tables name each other."""
    _create_challenge()
    _create_person()
    _create_team()
    _create_membership()
    _create_round()
    _create_token()
    _create_web_session()
    _create_entry()
    _create_event()
    _create_truth_version()
    _create_submission()
    _create_score()


def _create_challenge() -> None:
    op.create_table(
        "challenge",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_challenge"),
        sa.UniqueConstraint("slug", name="uq_challenge_slug"),
    )


def _create_person() -> None:
    op.create_table(
        "person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("is_organizer", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_person"),
        sa.UniqueConstraint("email", name="uq_person_email"),
        sqlite_autoincrement=True,
    )


def _create_team() -> None:
    op.create_table(
        "team",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("name_key", sa.String(), nullable=False),
        sa.Column("affiliation", sa.String(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_team"),
        sa.UniqueConstraint("name_key", name="uq_team_name_key"),
        sqlite_autoincrement=True,
    )


def _create_membership() -> None:
    op.create_table(
        "membership",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column("joined_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_membership_person_id_person"),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name="fk_membership_team_id_team"),
        sa.PrimaryKeyConstraint("person_id", "team_id", name="pk_membership"),
    )
    op.create_index("ix_membership_team_id", "membership", ["team_id"])


def _create_round() -> None:
    op.create_table(
        "round",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("challenge_id", sa.Integer(), nullable=True),
        sa.Column("task", sa.String(), nullable=False),
        sa.Column("opens_at", UtcDateTime(), nullable=True),
        sa.Column("closes_at", UtcDateTime(), nullable=True),
        sa.Column("submissions_per_day", sa.Integer(), nullable=True),
        sa.Column("submissions_total", sa.Integer(), nullable=True),
        sa.Column("rows", sa.String(), nullable=False),
        sa.Column("best_by", sa.String(), nullable=False),
        sa.Column("max_upload_bytes", sa.BigInteger(), nullable=False),
        sa.Column("max_unpacked_bytes", sa.BigInteger(), nullable=False),
        sa.Column("max_lines", sa.BigInteger(), nullable=False),
        sa.Column("image_count", sa.Integer(), nullable=False),
        sa.Column("class_count", sa.Integer(), nullable=False),
        sa.Column("rules", sa.Text(), nullable=True),
        sa.Column("public_digest", sa.String(), nullable=False),
        sa.Column("active_truth_id", sa.Integer(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["challenge_id"], ["challenge.id"], name="fk_round_challenge_id_challenge"),
        sa.PrimaryKeyConstraint("id", name="pk_round"),
        sa.UniqueConstraint("slug", name="uq_round_slug"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_round_challenge_id", "round", ["challenge_id"])


def _create_token() -> None:
    op.create_table(
        "token",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("secret_hash", sa.String(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("last_used_at", UtcDateTime(), nullable=True),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_token_person_id_person"),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name="fk_token_team_id_team"),
        sa.PrimaryKeyConstraint("id", name="pk_token"),
        sa.UniqueConstraint("secret_hash", name="uq_token_secret_hash"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_token_person_id", "token", ["person_id"])
    op.create_index("ix_token_team_id", "token", ["team_id"])


def _create_web_session() -> None:
    op.create_table(
        "web_session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("secret_hash", sa.String(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_web_session_person_id_person"),
        sa.PrimaryKeyConstraint("id", name="pk_web_session"),
        sa.UniqueConstraint("secret_hash", name="uq_web_session_secret_hash"),
    )
    op.create_index("ix_web_session_person_id", "web_session", ["person_id"])


def _create_entry() -> None:
    op.create_table(
        "entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("track", sa.String(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("link", sa.String(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name="fk_entry_round_id_round"),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name="fk_entry_team_id_team"),
        sa.PrimaryKeyConstraint("id", name="pk_entry"),
        sa.UniqueConstraint("round_id", "team_id", "method", name="uq_entry_round_id_team_id_method"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_entry_team_id", "entry", ["team_id"])


def _create_event() -> None:
    op.create_table(
        "event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("object_type", sa.String(), nullable=False),
        sa.Column("object_id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=True),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name="fk_event_round_id_round"),
        sa.PrimaryKeyConstraint("id", name="pk_event"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_event_object_type_object_id", "event", ["object_type", "object_id"])
    op.create_index("ix_event_round_id", "event", ["round_id"])


def _create_truth_version() -> None:
    op.create_table(
        "truth_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("activated_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name="fk_truth_version_round_id_round"),
        sa.PrimaryKeyConstraint("id", name="pk_truth_version"),
        sa.UniqueConstraint("round_id", "digest", name="uq_truth_version_round_id_digest"),
        sa.UniqueConstraint("round_id", "number", name="uq_truth_version_round_id_number"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_truth_version_round_id", "truth_version", ["round_id"])


def _create_submission() -> None:
    op.create_table(
        "submission",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("blob_key", sa.String(), nullable=False),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("lines", sa.BigInteger(), nullable=True),
        sa.Column("upload_started_at", UtcDateTime(), nullable=False),
        sa.Column("accepted_at", UtcDateTime(), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=True),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("owner", sa.String(), nullable=True),
        sa.Column("lease_expires_at", UtcDateTime(), nullable=True),
        sa.Column("idempotency_key", sa.String(), nullable=True),
        sa.Column("findings", sa.JSON(), nullable=False),
        sa.Column("failure", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name="fk_submission_entry_id_entry"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_submission_person_id_person"),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name="fk_submission_round_id_round"),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name="fk_submission_team_id_team"),
        sa.PrimaryKeyConstraint("id", name="pk_submission"),
        sa.UniqueConstraint("blob_key", name="uq_submission_blob_key"),
        sa.UniqueConstraint("team_id", "idempotency_key", name="uq_submission_team_id_idempotency_key"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_submission_entry_id", "submission", ["entry_id"])
    op.create_index("ix_submission_person_id", "submission", ["person_id"])
    op.create_index("ix_submission_round_id_team_id", "submission", ["round_id", "team_id"])
    op.create_index("ix_submission_sha256", "submission", ["sha256"])
    op.create_index("ix_submission_state_id", "submission", ["state", "id"])
    op.create_index("ix_submission_team_id_state", "submission", ["team_id", "state"])


def _create_score() -> None:
    op.create_table(
        "score",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("truth_id", sa.Integer(), nullable=False),
        sa.Column("scorer_version", sa.String(), nullable=False),
        sa.Column("split", sa.String(), nullable=False),
        sa.Column("scores", sa.JSON(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("per_class", sa.JSON(), nullable=False),
        sa.Column("outcomes_key", sa.String(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["submission_id"], ["submission.id"], name="fk_score_submission_id_submission"),
        sa.ForeignKeyConstraint(["truth_id"], ["truth_version.id"], name="fk_score_truth_id_truth_version"),
        sa.PrimaryKeyConstraint("id", name="pk_score"),
        sa.UniqueConstraint(
            "submission_id",
            "truth_id",
            "scorer_version",
            "split",
            name="uq_score_submission_id_truth_id_scorer_version_split",
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_score_truth_id", "score", ["truth_id"])
