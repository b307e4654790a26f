"""Queries about scores that are due: of scored submissions against another version of the truth, or a new scorer."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement
from sqlmodel import Session, and_, col, delete, exists, func, insert, or_, select, update

from server.db.organizing_tables import Rescoring
from server.db.tables import Entry, Round, Score, State, Submission, Team, TruthVersion, stored_id

Due = tuple[Submission, Round, TruthVersion]


class GivenUp(NamedTuple):
    """A submission that could not be scored against a version of the truth."""

    submission_id: int
    truth_id: int
    attempts: int
    failure: str
    team: str
    method: str


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


def due_against(session: Session, *, truth_id: int, scorer_version: str) -> set[int]:
    """The submissions that wait for their score against this truth, those that were given up included.

    Not those that stand on no board: they are scored, too, and nothing need wait for them.
    """
    found = session.exec(
        select(Submission.id)
        .join(Entry, col(Entry.id) == col(Submission.entry_id))
        .join(Round, col(Round.id) == col(Submission.round_id))
        .join(TruthVersion, col(TruthVersion.round_id) == col(Round.id))
        .where(TruthVersion.id == truth_id, _is_due(scorer_version), _stands())
    )
    return {stored_id(number) for number in found}


def scored_count(session: Session, round_id: int) -> int:
    """How many submissions of the round have a score; not those that stand on no board."""
    return session.exec(
        select(func.count())
        .select_from(Submission)
        .join(Entry, col(Entry.id) == col(Submission.entry_id))
        .where(Submission.round_id == round_id, Submission.state == State.SCORED, _stands())
    ).one()


def note_failure(session: Session, *, submission_id: int, truth_id: int, failure: str) -> None:
    """Count one more attempt that came to nothing."""
    row = session.get(Rescoring, (submission_id, truth_id))
    if row is None:
        row = Rescoring(submission_id=submission_id, truth_id=truth_id, attempts=0, failure="")
    row.attempts, row.failure = row.attempts + 1, failure
    session.add(row)


def wish(session: Session, submission_ids: Collection[int], *, truth_id: int, now: datetime) -> None:
    """Have submissions scored again against this truth, with all their attempts before them.

    By a few statements however many they are: nobody writes meanwhile.
    """
    again = {"truth_id": truth_id, "attempts": 0, "failure": "", "wished_at": now}
    known = set(session.exec(select(Rescoring.submission_id).where(Rescoring.truth_id == truth_id)))
    for statement, numbers in (
        (update(Rescoring), known.intersection(submission_ids)),
        (insert(Rescoring), set(submission_ids) - known),
    ):
        if numbers:
            session.exec(statement, params=[{"submission_id": number, **again} for number in sorted(numbers)])


def fulfil(session: Session, *, submission_id: int, truth_id: int, scorer_version: str) -> None:
    """Make way for new scores of this scorer, where somebody has wished for them."""
    row = session.get(Rescoring, (submission_id, truth_id))
    if row is not None and row.wished_at is not None:
        session.exec(
            delete(Score).where(
                col(Score.submission_id) == submission_id,
                col(Score.truth_id) == truth_id,
                col(Score.scorer_version) == scorer_version,
            )
        )
    if row is not None:
        session.delete(row)
    session.flush()


def failures_of(session: Session, *, truth_ids: Collection[int], max_attempts: int) -> list[GivenUp]:
    """What could not be scored again, after all attempts; not what stands on no board."""
    found = session.exec(
        select(Rescoring.submission_id, Rescoring.truth_id, Rescoring.attempts, Rescoring.failure,  # type: ignore[call-overload]  # SQLModel types four columns at most
               Team.name, Entry.method)
        .join(Submission, col(Submission.id) == col(Rescoring.submission_id))
        .join(Entry, col(Entry.id) == col(Submission.entry_id))
        .join(Team, col(Team.id) == col(Submission.team_id))
        .where(col(Rescoring.truth_id).in_(truth_ids), Rescoring.attempts >= max_attempts, _stands())
        .order_by(col(Rescoring.submission_id), col(Rescoring.truth_id))
    )  # fmt: skip
    return [GivenUp(*row) for row in found]


def forget_failures(session: Session, *, truth_ids: Collection[int]) -> int:
    """Give everything that failed against these truths its attempts back; how many."""
    changed = session.exec(
        update(Rescoring)
        .where(col(Rescoring.truth_id).in_(truth_ids), col(Rescoring.attempts) > 0)
        .values(attempts=0, failure="")
        .execution_options(synchronize_session=False)
    )
    return changed.rowcount


def _is_due(scorer_version: str) -> ColumnElement[bool]:
    has_score = exists().where(
        col(Score.submission_id) == col(Submission.id),
        col(Score.truth_id) == col(TruthVersion.id),
        col(Score.scorer_version) == scorer_version,
    )
    # versions that were shown once and are no more keep the scores they have
    is_wished = exists().where(
        col(Rescoring.submission_id) == col(Submission.id),
        col(Rescoring.truth_id) == col(TruthVersion.id),
        col(Rescoring.wished_at).is_not(None),
    )
    is_wanted = or_(TruthVersion.id == Round.active_truth_id, col(TruthVersion.activated_at).is_(None))
    return and_(Submission.state == State.SCORED, is_wanted, or_(~has_score, is_wished))


def _stands() -> ColumnElement[bool]:
    return and_(col(Submission.withdrawn_at).is_(None), col(Entry.withdrawn_at).is_(None))


def _is_given_up(max_attempts: int) -> ColumnElement[bool]:
    return exists().where(
        col(Rescoring.submission_id) == col(Submission.id),
        col(Rescoring.truth_id) == col(TruthVersion.id),
        col(Rescoring.attempts) >= max_attempts,
    )
