"""Queries about scores that are due: of scored submissions against another version of the truth, or a new scorer."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import ColumnElement
from sqlmodel import Session, and_, col, exists, func, or_, select

from server.db.organizing_tables import Rescoring
from server.db.tables import Round, Score, State, Submission, TruthVersion

Due = tuple[Submission, Round, TruthVersion]


def next_due(
    session: Session, *, scorer_version: str, max_attempts: int, but: Collection[tuple[int, int]] = ()
) -> Due | None:
    """The next scored submission without a score of this scorer against a truth that is shown or in preparation.

    Args:
        session: a transaction.
        scorer_version: of the scorer that runs here.
        max_attempts: how often a score is tried.
        but: (submission, truth) that somebody is at already.
    """
    found = session.exec(
        select(Submission, Round, TruthVersion)
        .join(Round, col(Round.id) == col(Submission.round_id))
        .join(TruthVersion, col(TruthVersion.round_id) == col(Round.id))
        .where(_is_due(scorer_version), ~_is_given_up(max_attempts))
        .order_by(col(TruthVersion.id), col(Submission.id))
        .limit(len(but) + 1)
    )
    return next((due for due in found if (due[0].id, due[2].id) not in but), None)


def count_due(session: Session, *, truth_id: int, scorer_version: str) -> int:
    """How many submissions still wait for their score against this truth, those that were given up included."""
    return session.exec(
        select(func.count(col(Submission.id)))
        .join(Round, col(Round.id) == col(Submission.round_id))
        .join(TruthVersion, col(TruthVersion.round_id) == col(Round.id))
        .where(TruthVersion.id == truth_id, _is_due(scorer_version))
    ).one()


def note_failure(session: Session, *, submission_id: int, truth_id: int, failure: str) -> None:
    """Count one more attempt that came to nothing."""
    row = session.get(Rescoring, (submission_id, truth_id))
    if row is None:
        row = Rescoring(submission_id=submission_id, truth_id=truth_id, attempts=0, failure="")
    row.attempts, row.failure = row.attempts + 1, failure
    session.add(row)


def _is_due(scorer_version: str) -> ColumnElement[bool]:
    has_score = exists().where(
        col(Score.submission_id) == col(Submission.id),
        col(Score.truth_id) == col(TruthVersion.id),
        col(Score.scorer_version) == scorer_version,
    )
    # versions that were shown once and are no more keep the scores they have
    is_wanted = or_(TruthVersion.id == Round.active_truth_id, col(TruthVersion.activated_at).is_(None))
    return and_(Submission.state == State.SCORED, is_wanted, ~has_score)


def _is_given_up(max_attempts: int) -> ColumnElement[bool]:
    return exists().where(
        col(Rescoring.submission_id) == col(Submission.id),
        col(Rescoring.truth_id) == col(TruthVersion.id),
        col(Rescoring.attempts) >= max_attempts,
    )
