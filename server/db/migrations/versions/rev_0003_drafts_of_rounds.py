"""Rounds that are still drafts, how their self-test went, and who is expected in a round."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Every round that is there is open."""
    op.add_column("round", sa.Column("is_draft", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("round", sa.Column("selftest", sa.JSON(), nullable=True))
    op.create_table(
        "roster_row",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("team", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name="fk_roster_row_round_id_round"),
        sa.PrimaryKeyConstraint("id", name="pk_roster_row"),
        sa.UniqueConstraint("round_id", "email", name="uq_roster_row_round_id_email"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_roster_row_email", "roster_row", ["email"])
