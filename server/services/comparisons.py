"""Two entries of one board, side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from leaderboard.board import Board, Row
from leaderboard.comparison import Comparison
from leaderboard.visibility import Split, Viewer
from scoring.tasks import find_task
from server.db.scores import active_scores_of
from server.db.standings import outcome_keys
from server.db.tables import Entry, Round, Submission
from server.db.truths import first_digest
from server.deployment import Deployment
from server.errors import EntryNotFound, InvalidRequest, RoundNotFound
from server.services.boards import BoardAnswer, Boards
from server.services.rounds import RoundFacts
from server.services.statistics import Question, Statistics, question_of


@dataclass(frozen=True, kw_only=True, slots=True)
class ClassDifference:
    """How two entries fare in one class."""

    name: str
    first: float
    second: float

    @property
    def difference(self) -> float:
        return self.first - self.second


@dataclass(frozen=True, kw_only=True, slots=True)
class ComparedEntries:
    """Two rows of a board, and what can be said of their difference."""

    round: RoundFacts
    board: Board
    first: Row
    second: Row
    comparison: Comparison | None  # None where the metric has no test, or a score no outcomes
    classes: tuple[ClassDifference, ...]  # the largest difference first; empty where the viewer may not see them


def compare_entries(
    deployment: Deployment, boards: Boards, statistics: Statistics, *,
    pair: tuple[int, int], slug: str = "", viewer: Viewer, now: datetime, split: Split | None = None,
) -> ComparedEntries:  # fmt: skip
    """Compare two entries as far as the viewer sees them on the board; of an unlisted round, if they know its `slug`.

    Raises:
        EntryNotFound: no board shows them one of the two; whether it is there at all, nobody learns.
        InvalidRequest: it is one entry twice, or they stand in different rounds.
        ServerBusy: the comparison has to wait.
    """
    if pair[0] == pair[1]:
        raise InvalidRequest("This is one entry twice.", advice="Choose two different rows of a board.")
    with deployment.database.read() as session:
        answers = [
            _board_of(session, boards, number, slug=slug, viewer=viewer, now=now, split=split) for number in pair
        ]
        if answers[0].round.id != answers[1].round.id:
            raise InvalidRequest("These entries stand in different rounds.", advice="Choose two rows of one board.")
        facts, board = answers[0].round, answers[0].board
        rows = [_row(board, number) for number in pair]
        question = question_about(session, facts, board, rows)
        classes = _classes(session, board, rows) if board.visibility.per_class else ()
    return ComparedEntries(
        round=facts,
        board=board,
        first=rows[0],
        second=rows[1],
        comparison=None if question is None else statistics.compare(deployment, question),
        classes=classes,
    )


def _board_of(
    session: Session, boards: Boards, number: int, *, slug: str, viewer: Viewer, now: datetime, split: Split | None
) -> BoardAnswer:
    entry = session.get(Entry, number)
    found = None if entry is None else session.get(Round, entry.round_id)
    if found is None:
        raise _not_shown(number)
    try:
        has_address = slug == found.slug
        answer = boards.at(session, slug=found.slug, viewer=viewer, now=now, split=split, has_address=has_address)
    except RoundNotFound:
        raise _not_shown(number) from None
    _row(answer.board, number)
    return answer


def _row(board: Board, number: int) -> Row:
    row = next((row for row in board.rows if row.entry == number), None)
    if row is None:
        raise _not_shown(number)
    return row


def _not_shown(number: int) -> EntryNotFound:
    return EntryNotFound(
        f"No board that you may see shows an entry {number}.",
        advice="A blind round shows its entries at the reveal, not yet; a withdrawn entry is gone.",
    )


def question_about(session: Session, facts: RoundFacts, board: Board, rows: Sequence[Row]) -> Question | None:
    """What is asked about these rows; None where nothing can be said of them."""
    if facts.truth_id is None:
        return None
    keys = outcome_keys(session, truth_id=facts.truth_id, split=board.split)
    first = first_digest(session, facts.id)
    return question_of(facts, board, rows, outcome_keys=keys, split_truth_digest=first)


def _classes(session: Session, board: Board, rows: Sequence[Row]) -> tuple[ClassDifference, ...]:
    figure = find_task(board.task_slug).category_metric or board.metric.name
    submissions = [session.get_one(Submission, row.submission) for row in rows]
    scores = active_scores_of(session, submissions)
    first, second = (_figures(scores[row.submission][board.split].score.per_class, figure) for row in rows)
    found = [
        ClassDifference(name=name, first=value, second=other)
        for (name, value), (_, other) in zip(first, second, strict=True)
        if value is not None and other is not None and value != other
    ]
    return tuple(sorted(found, key=lambda one: -abs(one.difference)))


def _figures(per_class: Sequence[Mapping[str, Any]], figure: str) -> list[tuple[str, float | None]]:
    """(class, figure) in the order of ids."""
    return [(str(row["name"]), row.get(figure)) for row in per_class]
