"""Queries about the versions of a round's truth."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete
from sqlmodel import Session, col, select

from server.db.tables import Event, Round, TruthVersion


def versions_of(session: Session, round_id: int) -> Sequence[TruthVersion]:
    """Every version, the first one first."""
    return session.exec(
        select(TruthVersion).where(TruthVersion.round_id == round_id).order_by(col(TruthVersion.number))
    ).all()


def last_number(session: Session, round_id: int) -> int:
    """The greatest number that a version was ever given: whoever has looked at one never means another by it."""
    prepared = session.exec(
        select(Event.detail).where(
            Event.object_type == "round", Event.object_id == round_id, Event.action == "truth.prepared"
        )
    )
    kept = [version.number for version in versions_of(session, round_id)]
    return max(*kept, 0, *(int(detail["version"]) for detail in prepared))


def forget_versions(session: Session, round_id: int) -> None:
    """Delete every version of a draft, which nothing has been scored against."""
    session.exec(delete(TruthVersion).where(col(TruthVersion.round_id) == round_id))


def first_digest(session: Session, round_id: int) -> str:
    """Of the truth that the round was opened with."""
    return session.exec(
        select(TruthVersion.digest).where(TruthVersion.round_id == round_id).order_by(col(TruthVersion.number)).limit(1)
    ).one()


def wanted_versions(session: Session, round_id: int) -> list[int]:
    """The ids of the versions that everything is scored against: the one in preparation, if any, and the one shown."""
    prepared, shown = prepared_version(session, round_id), session.get_one(Round, round_id).active_truth_id
    ids = (None if prepared is None else prepared.id, shown)
    return [number for number in ids if number is not None]


def rounds_sharing_truth(session: Session, round_id: int) -> Sequence[Round]:
    """The other rounds, drafts too, of whose truth a version is one of this round's, whichever is shown."""
    own = select(TruthVersion.digest).where(TruthVersion.round_id == round_id)
    sharing = select(TruthVersion.round_id).where(TruthVersion.round_id != round_id, col(TruthVersion.digest).in_(own))
    return session.exec(select(Round).where(col(Round.id).in_(sharing))).all()


def prepared_version(session: Session, round_id: int) -> TruthVersion | None:
    """The version that is in preparation; there is one at most."""
    return session.exec(
        select(TruthVersion).where(TruthVersion.round_id == round_id, col(TruthVersion.activated_at).is_(None))
    ).first()
