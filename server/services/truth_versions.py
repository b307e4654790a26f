"""Versions of a round's truth as rows: one may be in preparation, and gives way to the next until it is shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, delete, select

from server.db.events import append_event
from server.db.organizing_tables import Rescoring
from server.db.rounds import lock_round
from server.db.tables import Score, TruthVersion, stored_id
from server.db.truths import last_number, versions_of
from server.errors import ErratumNotReady
from server.organizing_errors import TruthOvertaken


@dataclass(frozen=True, kw_only=True, slots=True)
class PreparedErratum:
    """A corrected truth that waits to be shown."""

    slug: str
    number: int
    digest: str
    changed: tuple[int, ...]  # indices of the images that it changes


def prepare_version(
    session: Session, round_id: int, *, digest: str, corrects: str, changed: int, note: str, now: datetime, actor: str
) -> int:
    """Record that everything is to be scored against this truth; the version's number.

    Args:
        session: the transaction.
        round_id: the round.
        digest: of the truth.
        corrects: digest of the truth that was shown when it was made.
        changed: how many images differ from that.
        note: public, once it is shown.
        now, actor: when it is prepared, and by whom.

    Raises:
        ErratumNotReady: it is the one that is shown.
        TruthOvertaken: another truth is shown since, so that this one may lack its corrections.
    """
    shown_id = lock_round(session, round_id).active_truth_id  # nobody shows the one before meanwhile
    shown = session.get_one(TruthVersion, shown_id)
    if shown.digest != corrects:
        raise TruthOvertaken(f"Version {shown.number} of the truth is shown now, and this corrects the one before it.")
    number = last_number(session, round_id) + 1
    for version in versions_of(session, round_id):
        if version.activated_at is None:
            forget_version(session, stored_id(version.id))
        elif version.id == shown_id and version.digest == digest:
            raise ErratumNotReady(
                f"This truth is version {version.number}, which the board shows.",
                advice="Change the truth's files first.",
            )
    session.add(TruthVersion(round_id=round_id, number=number, digest=digest, note=note, created_at=now))
    append_event(
        session, at=now, actor=actor, action="truth.prepared", object_type="round", object_id=round_id,
        round_id=round_id, detail={"version": number, "digest": digest, "changed_images": changed},
    )  # fmt: skip
    return number


def forget_version(session: Session, truth_id: int) -> None:
    """Forget a version that was never shown, with what was scored against it; one that was stays with its scores."""
    is_never_shown = (col(TruthVersion.id) == truth_id, col(TruthVersion.activated_at).is_(None))
    forgotten = select(TruthVersion.id).where(*is_never_shown)
    session.exec(delete(Score).where(col(Score.truth_id).in_(forgotten)))
    session.exec(delete(Rescoring).where(col(Rescoring.truth_id).in_(forgotten)))
    session.exec(delete(TruthVersion).where(*is_never_shown))
    session.flush()
