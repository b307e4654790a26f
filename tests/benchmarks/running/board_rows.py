"""What stands on the board, and how it is read. Runs in Heldout's environment."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlmodel import Session, SQLModel

from server.db.events import append_event
from server.db.rounds import round_by_slug
from server.db.tables import Entry, Score, State, Submission, Team, stored_id
from server.deployment import Deployment

CONNECTIONS = 8
CHANGES = 40  # after each of them the page is made anew
SLUG = "board"

# What is timed apart from reading, as the report names it.
FIRST_BYTE = "first byte of a page made anew, 95th percentile"
COMMIT_TO_PAGE = "from a commit to a page that shows it, the longest"


def add_score(deployment: Deployment, team: str, *, error: float) -> None:
    """A team with a scored submission, and the event that tells of it, in one transaction."""
    now = datetime.now(UTC)
    with deployment.database.write() as session:
        found = round_by_slug(session, SLUG)
        assert found is not None and found.truth is not None
        round_id, truth_id = stored_id(found.round.id), stored_id(found.truth.id)
        team_id = _stored(session, Team(name=team, name_key=team.casefold(), created_at=now))
        entry_id = _stored(session, Entry(round_id=round_id, team_id=team_id, method="Network", created_at=now))
        number = _stored(
            session,
            Submission(
                entry_id=entry_id, round_id=round_id, team_id=team_id, state=State.SCORED, blob_key=team,
                sha256="0" * 64, size_bytes=1, upload_started_at=now, accepted_at=now, finished_at=now,
            ),
        )  # fmt: skip
        session.add(
            Score(
                submission_id=number, truth_id=truth_id, scorer_version="1", counts={}, per_class=[],
                scores={f"top{k}_error": error / k for k in range(1, 6)},
                intervals={"top5_error": {"0.95": [error / 5 - 0.01, error / 5 + 0.01]}}, created_at=now,
            )
        )  # fmt: skip
        append_event(
            session, at=now, actor="system", action="submission.scored", object_type="submission", object_id=number,
            round_id=round_id,
        )  # fmt: skip


def _stored(session: Session, row: SQLModel) -> int:
    session.add(row)
    session.flush()
    return stored_id(row.id)  # type: ignore[attr-defined]
