"""Rounds that are still drafts, and how their self-test went."""

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
