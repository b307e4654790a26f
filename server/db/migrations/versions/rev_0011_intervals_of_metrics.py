"""Intervals of metrics: a score says of which metric each of its intervals is."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from server.db.tables import UtcDateTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_WISH = """
INSERT INTO rescoring (submission_id, truth_id, attempts, failure, wished_at)
SELECT DISTINCT score.submission_id, score.truth_id, 0, '', :now
FROM score
JOIN submission ON submission.id = score.submission_id
JOIN round ON round.id = submission.round_id
JOIN truth_version ON truth_version.id = score.truth_id
WHERE submission.state = 'scored'
AND (score.truth_id = round.active_truth_id OR truth_version.activated_at IS NULL)
AND NOT EXISTS (
    SELECT 1 FROM rescoring
    WHERE rescoring.submission_id = score.submission_id AND rescoring.truth_id = score.truth_id
)
"""


def upgrade() -> None:
    """Nothing in the row tells which metric an older interval is of, or why there is none: all are computed again.

    A row without any, too: after a change of `best_by` it would stand without one beside new rows that have it.
    """
    now = sa.bindparam("now", datetime.now(UTC), type_=UtcDateTime())
    op.get_bind().execute(sa.text(_WISH).bindparams(now))
