"""Queries about rounds, their challenges and the versions of their truth."""

from __future__ import annotations

from typing import NamedTuple

from sqlmodel import Session, col, select

from server.db.tables import Challenge, Round, TruthVersion


class RoundRow(NamedTuple):
    """A round with what belongs to it."""

    round: Round
    challenge: Challenge | None
    truth: TruthVersion | None  # the active version


def all_rounds(session: Session, *, challenge_slug: str | None = None) -> list[RoundRow]:
    """Every round, newest first; or those of one challenge."""
    query = (
        select(Round, Challenge, TruthVersion)
        .join(Challenge, col(Challenge.id) == col(Round.challenge_id), isouter=True)
        .join(TruthVersion, col(TruthVersion.id) == col(Round.active_truth_id), isouter=True)
        .order_by(col(Round.id).desc())
    )
    if challenge_slug is not None:
        query = query.where(Challenge.slug == challenge_slug)
    return [RoundRow(*row) for row in session.exec(query)]


def tasks_of_rounds(session: Session) -> frozenset[str]:
    """The tasks that there are rounds of."""
    return frozenset(session.exec(select(Round.task).distinct()))


def round_by_slug(session: Session, slug: str) -> RoundRow | None:
    """The round of this short name."""
    row = session.exec(
        select(Round, Challenge, TruthVersion)
        .join(Challenge, col(Challenge.id) == col(Round.challenge_id), isouter=True)
        .join(TruthVersion, col(TruthVersion.id) == col(Round.active_truth_id), isouter=True)
        .where(Round.slug == slug)
    ).first()
    return None if row is None else RoundRow(*row)


def challenge_by_slug(session: Session, slug: str) -> Challenge | None:
    """The challenge of this short name."""
    return session.exec(select(Challenge).where(Challenge.slug == slug)).first()


def lock_round(session: Session, round_id: int) -> Round:
    """The round's row as it is now, locked until the transaction ends: of two changes each sees the other.

    SQLite knows no row locks and needs none: the writing transaction holds the only write lock.
    """
    query = select(Round).where(Round.id == round_id).with_for_update()
    return session.exec(query.execution_options(populate_existing=True)).one()


def hold_round(session: Session, round_id: int) -> None:
    """Keep a round's row as it is until the transaction ends, beside others that keep it: nobody locks it meanwhile."""
    session.exec(select(Round.id).where(Round.id == round_id).with_for_update(read=True, key_share=True)).one()
