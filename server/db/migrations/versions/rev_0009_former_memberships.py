"""Former memberships: what a team had sent counts for whoever leaves it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from server.db.tables import UtcDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One table. Who left a team before this stays unknown."""
    op.create_table(
        "former_membership",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column("left_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_former_membership_person_id_person"),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name="fk_former_membership_team_id_team"),
        sa.PrimaryKeyConstraint("person_id", "team_id", name="pk_former_membership"),
    )
