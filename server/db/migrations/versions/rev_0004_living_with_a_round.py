"""Living with an open round: scores that somebody wants again, and deadlines that people were told of."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from server.db.tables import UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One column and one table."""
    op.add_column("rescoring", sa.Column("wished_at", UtcDateTime(), nullable=True))
    op.create_table(
        "deadline_notice",
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("closes", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_deadline_notice_person_id_person"),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name="fk_deadline_notice_round_id_round"),
        sa.PrimaryKeyConstraint("round_id", "person_id", "closes", name="pk_deadline_notice"),
    )
    op.create_index("ix_deadline_notice_person_id", "deadline_notice", ["person_id"])
