"""Scopes of API tokens, and which token made which. Those that there are go on doing what they could."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Two columns. No foreign key: tokens are never deleted, and SQLite would have to write the table anew."""
    op.add_column("token", sa.Column("made_by_id", sa.Integer(), nullable=True))
    op.add_column("token", sa.Column("scope", sa.String(), nullable=False, server_default="account"))
