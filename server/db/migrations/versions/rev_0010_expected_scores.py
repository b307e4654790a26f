"""What baselines are known to score, which an export of their round tells again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One column. What was stated before this was not kept."""
    op.add_column("entry", sa.Column("expected_scores", sa.JSON(), nullable=True))
