"""Seals: the digest of a truth is told in the open only from the reveal on. Pauses: told as what they are."""

from __future__ import annotations

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One column with a secret of its own for each round, and one that tells a pause from a close."""
    op.add_column("round", sa.Column("is_paused", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("round", sa.Column("truth_seal", sa.String(), nullable=False, server_default=""))
    rounds = sa.table("round", sa.column("id", sa.Integer), sa.column("truth_seal", sa.String))
    connection = op.get_bind()
    op.execute("UPDATE round SET is_paused = true WHERE pause_reveals IS NOT NULL")
    for number in connection.scalars(sa.select(rounds.c.id)).all():
        connection.execute(rounds.update().where(rounds.c.id == number).values(truth_seal=secrets.token_hex(16)))
