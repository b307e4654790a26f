"""Truths shown again: a correction can be taken back, so a version may have the truth of an earlier one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One constraint less. SQLite makes the table anew for it, and is told which ids were given before."""
    connection = op.get_bind()
    is_embedded = connection.dialect.name == "sqlite"
    last_id = sa.text("SELECT seq FROM sqlite_sequence WHERE name = 'truth_version'")
    last = connection.scalar(last_id) if is_embedded else None
    with op.batch_alter_table("truth_version", table_kwargs={"sqlite_autoincrement": True}) as batch:
        batch.drop_constraint("uq_truth_version_round_id_digest", type_="unique")
    if last is not None:
        connection.execute(
            sa.text("UPDATE sqlite_sequence SET seq = :last WHERE name = 'truth_version'").bindparams(last=last)
        )
