"""Pauses: which reveal a pause has set, so that a new close can take it out."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from server.db.tables import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One column."""
    op.add_column("round", sa.Column("pause_reveals", UtcDateTime(), nullable=True))
