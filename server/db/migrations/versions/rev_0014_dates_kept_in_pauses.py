"""Pauses keep the dates that they take out."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One column. What a pause that lasts just now has taken out stays unknown."""
    op.add_column("round", sa.Column("pause_keeps", sa.JSON(), nullable=True))
