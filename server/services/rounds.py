"""Rounds as everybody may know them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from leaderboard.policy import RoundPolicy
from server.db.rounds import RoundRow, all_rounds, round_by_slug
from server.db.tables import Round, stored_id
from server.errors import RoundNotFound
from server.services.quotas import QuotaPolicy


@dataclass(frozen=True, kw_only=True, slots=True)
class RoundFacts:
    """A round, read once."""

    id: int
    slug: str
    title: str
    challenge: str | None  # title of the challenge it belongs to
    challenge_slug: str | None
    task: str
    opens_at: datetime | None
    closes_at: datetime | None
    submissions_per_day: int | None
    submissions_total: int | None
    rows: str  # of the board: one per "team" or per "entry"
    best_by: str
    max_upload_bytes: int
    max_unpacked_bytes: int
    max_lines: int
    image_count: int
    class_count: int
    rules: str | None
    public_digest: str
    truth_id: int | None  # the version the board shows
    truth_digest: str | None
    created_at: datetime

    @property
    def policy(self) -> RoundPolicy:
        """What decides about visibility and ranks."""
        return _policy(self.opens_at, self.closes_at, rows=self.rows, best_by=self.best_by)

    @property
    def quota(self) -> QuotaPolicy:
        """What decides about one more submission."""
        return QuotaPolicy(per_day=self.submissions_per_day, total=self.submissions_total)


def list_rounds(session: Session) -> list[RoundFacts]:
    """Every round, newest first."""
    return [round_facts(row) for row in all_rounds(session)]


def find_round(session: Session, slug: str) -> RoundFacts:
    """The round of this short name.

    Raises:
        RoundNotFound: there is none.
    """
    row = round_by_slug(session, slug)
    if row is None:
        raise RoundNotFound(f'There is no round "{slug[:80]}" here.')
    return round_facts(row)


def policy_of(row: Round) -> RoundPolicy:
    """What decides about visibility and ranks, of a row of the table."""
    return _policy(row.opens_at, row.closes_at, rows=row.rows, best_by=row.best_by)


def round_facts(row: RoundRow) -> RoundFacts:
    """A row as a value."""
    found, challenge, truth = row
    return RoundFacts(
        id=stored_id(found.id),
        slug=found.slug,
        title=found.title,
        challenge=challenge.title if challenge else None,
        challenge_slug=challenge.slug if challenge else None,
        task=found.task,
        opens_at=found.opens_at,
        closes_at=found.closes_at,
        submissions_per_day=found.submissions_per_day,
        submissions_total=found.submissions_total,
        rows=found.rows,
        best_by=found.best_by,
        max_upload_bytes=found.max_upload_bytes,
        max_unpacked_bytes=found.max_unpacked_bytes,
        max_lines=found.max_lines,
        image_count=found.image_count,
        class_count=found.class_count,
        rules=found.rules,
        public_digest=found.public_digest,
        truth_id=truth.id if truth else None,
        truth_digest=truth.digest if truth else None,
        created_at=found.created_at,
    )


def _policy(opens: datetime | None, closes: datetime | None, *, rows: str, best_by: str) -> RoundPolicy:
    return RoundPolicy(opens=opens, closes=closes, rows="entry" if rows == "entry" else "team", best_by=best_by)
