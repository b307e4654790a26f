"""One entry, as its row of the board and what its team says of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from leaderboard.board import Board, Row
from leaderboard.comparison import paired_by
from leaderboard.visibility import visible
from server.auth.viewer import Viewer
from server.db.scores import active_scores_of
from server.db.tables import Entry, Round, Submission
from server.deployment import Deployment
from server.errors import EntryNotFound, RoundNotFound, ServerBusy
from server.services.boards import Boards
from server.services.comparisons import question_about
from server.services.earlier_scores import EarlierScores, earlier_scores
from server.services.rounds import RoundFacts
from server.services.statistics import Statistics


@dataclass(frozen=True, kw_only=True, slots=True)
class EntryFacts:
    """An entry as one viewer may see it."""

    round: RoundFacts
    board: Board
    row: Row
    is_own: bool  # of the team that the viewer acts for
    description: str  # "" while its team is not named: it may say who they are
    sha256: str  # of the file that stands for it; before the reveal for its team and the organizers, "" for others
    scorer_version: str
    earlier_scores: tuple[EarlierScores, ...]  # before the truth was corrected
    per_class: Sequence[Mapping[str, Any]]  # empty where the viewer may not see them


def entry_facts(
    session: Session, boards: Boards, entry_id: int, *, slug: str = "", viewer: Viewer, now: datetime
) -> EntryFacts:
    """An entry that the viewer finds on the round's board; of an unlisted round, if they know its short name `slug`.

    Raises:
        EntryNotFound: there is none, or they do not see it.
    """
    entry = session.get(Entry, entry_id)
    found = None if entry is None else session.get(Round, entry.round_id)
    if entry is None or found is None:
        raise EntryNotFound(f"There is no entry {entry_id} here.")
    try:
        answer = boards.at(session, slug=found.slug, viewer=viewer, now=now, has_address=slug == found.slug)
    except RoundNotFound:
        raise EntryNotFound(f"There is no entry {entry_id} here.") from None
    board, seen = answer.board, visible(answer.round, viewer, now)
    row = next((row for row in board.rows if row.entry == entry_id), None)
    if row is None:
        raise EntryNotFound(f"There is no entry {entry_id} here.")
    submission = session.get_one(Submission, row.submission)
    scored = active_scores_of(session, [submission])[row.submission][board.split].score
    return EntryFacts(
        round=answer.round,
        board=board,
        row=row,
        is_own=viewer.team_id == entry.team_id,
        description=entry.description if row.is_named else "",
        sha256=submission.sha256 if seen.is_revealed or seen.may_see_submission_of(entry.team_id) else "",
        scorer_version=scored.scorer_version,
        earlier_scores=earlier_scores(session, found, row.submission, seen=board.visibility, now=now),
        per_class=scored.per_class if board.visibility.per_class else (),
    )


def entry_curve(deployment: Deployment, statistics: Statistics, facts: EntryFacts) -> Sequence[float] | None:
    """The precision over recall of an entry's detections; None where this viewer is not told, or not now.

    A curve is made of figures per class, and is seen by whom those are.
    """
    if not facts.board.visibility.per_class:
        return None
    metric = facts.board.metric.name
    if metric != "mean_ap" or paired_by(facts.round.task, metric) is None:
        return None
    with deployment.database.read() as session:
        question = question_about(session, facts.round, facts.board, [facts.row])
    try:
        return None if question is None else statistics.curve(deployment, question)
    except ServerBusy:
        return None  # the page is whole without it
