"""Queries about entries: a team's methods in a round."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select

from server.db.tables import Entry, Submission, stored_id


def find_or_add_entry(
    session: Session, *, round_id: int, team_id: int, method: str, now: datetime
) -> tuple[Entry, bool]:
    """The team's entry with this method, and whether it is added: for the first file that is sent for it.

    The caller holds the team's lock, so two first files make one entry.
    """
    entry = session.exec(
        select(Entry).where(Entry.round_id == round_id, Entry.team_id == team_id, Entry.method == method)
    ).first()
    if entry is not None:
        lock_entry(session, stored_id(entry.id))
        return entry, False
    entry = Entry(round_id=round_id, team_id=team_id, method=method, created_at=now)
    session.add(entry)
    session.flush()
    return entry, True


def lock_entry(session: Session, entry_id: int) -> None:
    """Lock an entry's row until the transaction ends, and read it as it is now: nobody disqualifies it meanwhile.

    SQLite knows no row locks and needs none: the writing transaction holds the only write lock.
    """
    query = select(Entry).where(Entry.id == entry_id).with_for_update()
    session.exec(query.execution_options(populate_existing=True)).one()


def baselines_of_round(session: Session, round_id: int) -> list[tuple[Entry, Submission]]:
    """The organizers' own entries that are not withdrawn, each with its file."""
    rows = session.exec(
        select(Entry, Submission)
        .join(Submission, col(Submission.entry_id) == col(Entry.id))
        .where(Entry.round_id == round_id, col(Entry.is_baseline).is_(True), col(Entry.withdrawn_at).is_(None))
        .order_by(col(Submission.id))
    )
    return [(entry, submission) for entry, submission in rows]
