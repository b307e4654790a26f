"""Queries about scores. A score is immutable: there is no update here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import NamedTuple

from sqlmodel import Session, col, func, select

from server.db.tables import Round, Score, Submission, TruthVersion


class ScoredWith(NamedTuple):
    """A score and the truth it was scored with."""

    score: Score
    truth_digest: str


class ShownScore(NamedTuple):
    """A score against a truth that a board shows or has shown."""

    submission_id: int
    version: int  # of the truth
    scorer_version: str
    split: str
    scored_at: datetime
    scores: Mapping[str, float | None]


def shown_scores_of_round(session: Session, round_id: int) -> list[ShownScore]:
    """Every score of the round against every truth that was shown, in the order they were made."""
    rows = session.exec(
        select(Score.submission_id, TruthVersion.number, Score.scorer_version, Score.split,  # type: ignore[call-overload]  # SQLModel types four columns at most
               Score.created_at, Score.scores)
        .join(TruthVersion, col(TruthVersion.id) == col(Score.truth_id))
        .where(TruthVersion.round_id == round_id, col(TruthVersion.activated_at).is_not(None))
        .order_by(col(Score.id))
    )  # fmt: skip
    return [ShownScore(*row) for row in rows]


def active_scores_of(session: Session, submissions: Collection[Submission]) -> dict[int, dict[str, ScoredWith]]:
    """The scores of each of these submissions against the active truth of its round, by submission id and split.

    Where several scorers have scored it, the newest.
    """
    ids = [submission.id for submission in submissions]
    newest = (
        select(func.max(col(Score.id)))
        .join(Submission, col(Submission.id) == col(Score.submission_id))
        .join(Round, col(Round.id) == col(Submission.round_id))
        .where(col(Score.submission_id).in_(ids), Score.truth_id == Round.active_truth_id)
        .group_by(col(Score.submission_id), col(Score.split))
    )
    found = session.exec(
        select(Score, TruthVersion.digest)
        .join(TruthVersion, col(TruthVersion.id) == col(Score.truth_id))
        .where(col(Score.id).in_(newest))
    )
    scores: defaultdict[int, dict[str, ScoredWith]] = defaultdict(dict)
    for score, digest in found:
        scores[score.submission_id][score.split] = ScoredWith(score, digest)
    return dict(scores)


def earlier_scores_of(
    session: Session, submission_id: int, *, active_truth_id: int | None
) -> dict[int, dict[str, Mapping[str, float | None]]]:
    """The scores of a submission against every truth that was shown before the active one, by truth id and split.

    Where several scorers have scored it, the newest.
    """
    newest = (
        select(func.max(col(Score.id)))
        .join(TruthVersion, col(TruthVersion.id) == col(Score.truth_id))
        .where(
            Score.submission_id == submission_id,
            Score.truth_id != active_truth_id,
            col(TruthVersion.activated_at).is_not(None),
        )
        .group_by(col(Score.truth_id), col(Score.split))
    )
    scores: defaultdict[int, dict[str, Mapping[str, float | None]]] = defaultdict(dict)
    for truth_id, split, found in session.exec(
        select(Score.truth_id, Score.split, Score.scores).where(col(Score.id).in_(newest))
    ):
        scores[truth_id][split] = found
    return dict(scores)
