"""The board of a round for a viewer and a moment, computed from scores and kept until something happens."""

from __future__ import annotations

import hashlib
from collections import OrderedDict, defaultdict
from dataclasses import dataclass, replace
from datetime import datetime
from threading import Lock

from sqlmodel import Session

from leaderboard.board import Board, build_board
from leaderboard.entries import Entry, ScoredSubmission
from leaderboard.visibility import Viewer, visible
from scoring.tasks import find_task
from server.db.standings import entry_rows, last_event_id, scored_rows
from server.services.rounds import RoundFacts, find_round

# Boards that stay in memory. A board of 500 rows takes about half a megabyte; a server has a few dozen rounds.
KEPT_BOARDS = 64


@dataclass(frozen=True, kw_only=True, slots=True)
class BoardAnswer:
    """A board, its round, and the tag that changes whenever its viewer would see something else."""

    round: RoundFacts
    board: Board
    etag: str  # quoted, as the header has it


class Boards:
    """The boards of one running server."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Board] = OrderedDict()
        self._lock = Lock()

    def at(self, session: Session, *, slug: str, viewer: Viewer, now: datetime) -> BoardAnswer:
        """The board of a round as `viewer` may see it at `now`.

        Raises:
            RoundNotFound: there is no such round.
        """
        facts = find_round(session, slug)
        seen = visible(facts.policy, viewer, now)
        # Two viewers with the same right to the scores share a board; a phase that ends needs no event.
        key = repr((facts.id, facts.policy, facts.truth_digest, last_event_id(session, round_id=facts.id), seen.scores))
        board = self._kept_board(key)
        if board is None:
            board = _compute(session, facts, viewer=viewer, now=now)
            self._keep(key, board)
        tag = hashlib.sha256(repr((key, seen)).encode()).hexdigest()[:32]
        return BoardAnswer(round=facts, board=replace(board, visibility=seen), etag=f'"{tag}"')

    def __len__(self) -> int:
        return len(self._kept)

    def _kept_board(self, key: str) -> Board | None:
        with self._lock:
            board = self._kept.get(key)
            if board is not None:
                self._kept.move_to_end(key)
            return board

    def _keep(self, key: str, board: Board) -> None:
        with self._lock:
            self._kept[key] = board
            while len(self._kept) > KEPT_BOARDS:
                self._kept.popitem(last=False)


def _compute(session: Session, facts: RoundFacts, *, viewer: Viewer, now: datetime) -> Board:
    sent: defaultdict[int, list[ScoredSubmission]] = defaultdict(list)
    if facts.truth_id is not None:
        for row in scored_rows(session, truth_id=facts.truth_id):
            sent[row.entry_id].append(
                ScoredSubmission(id=row.submission_id, submitted_at=row.submitted_at, scores=row.scores)
            )
    entries = [
        Entry(
            id=row.id,
            team_id=row.team_id,
            team=row.team,
            method=row.method,
            submissions=tuple(sent[row.id]),
            submissions_spent=row.scored_count,
        )
        for row in entry_rows(session, round_id=facts.id)
    ]
    return build_board(
        entries,
        facts.policy,
        round_slug=facts.slug,
        task=find_task(facts.task),
        truth_digest=facts.truth_digest,
        viewer=viewer,
        now=now,
    )
