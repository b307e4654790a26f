"""Keyed hashes of the addresses of deleted accounts: who signs up again gets no second quota."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Two tables. Of accounts that were deleted before this, no address is known."""
    op.create_table(
        "server_key",
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("purpose", name="pk_server_key"),
    )
    op.create_table(
        "departed_address",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("address_hash", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_departed_address_person_id_person"),
        sa.PrimaryKeyConstraint("person_id", name="pk_departed_address"),
    )
    op.create_index("ix_departed_address_address_hash", "departed_address", ["address_hash"])
