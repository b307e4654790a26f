"""Boards with what their images can tell of them: the ranks each entry may truly have, and what can be told apart."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from sqlmodel import Session

from leaderboard.board import Board, Row
from leaderboard.visibility import Split, Viewer
from server.db.standings import outcome_keys
from server.db.truths import first_digest
from server.deployment import Deployment
from server.services.boards import KEPT_BOARDS, BoardAnswer, Boards
from server.services.newest import Newest
from server.services.rounds import RoundFacts
from server.services.statistics import Question, Statistics, StatisticsUnderWay, question_of


class RankedBoards:
    """The boards of one running server, once their statistics are computed."""

    def __init__(self, boards: Boards, statistics: Statistics) -> None:
        self.boards = boards
        self.statistics = statistics
        self._kept: Newest[BoardAnswer] = Newest(limit=KEPT_BOARDS)

    def at(
        self, deployment: Deployment, session: Session, *,
        slug: str, viewer: Viewer, now: datetime, split: Split | None = None,
    ) -> BoardAnswer:  # fmt: skip
        """As `Boards.at`; with rank intervals from the moment they are known, which changes the tag.

        Raises:
            RoundNotFound: there is no such round, or it is not theirs to see.
        """
        answer = self.boards.at(session, slug=slug, viewer=viewer, now=now, split=split)
        place = (answer.round.id, answer.board.split, answer.board.visibility)
        kept = self._kept.find(place, answer.etag)
        if kept is not None:
            return replace(kept, round=answer.round)
        try:
            ranked = self._ranked(deployment, session, answer)
        except StatisticsUnderWay:
            return replace(answer, is_provisional=True)
        self._kept.keep(place, answer.etag, ranked)
        return ranked

    def _ranked(self, deployment: Deployment, session: Session, answer: BoardAnswer) -> BoardAnswer:
        questions = tuple(_questions(session, answer.round, answer.board))
        found = [(question, self.statistics.rank(deployment, question)) for question in questions]
        known = [(question, statistics) for question, statistics in found if statistics is not None]
        if not known:
            return answer
        ranks = {
            one.submission: interval
            for question, statistics in known
            for one, interval in zip(question.standings, statistics.ranks, strict=True)
        }
        _, largest = max(known, key=lambda pair: len(pair[0].standings))
        board = replace(
            answer.board,
            rows=tuple(replace(row, rank_interval=ranks.get(row.submission)) for row in answer.board.rows),
            resolvable=largest.resolvable,
        )
        tag = hashlib.sha256(f"{answer.etag} with ranks".encode()).hexdigest()[:32]
        return replace(answer, board=board, etag=f'"{tag}"')


def _questions(session: Session, facts: RoundFacts, board: Board) -> Iterator[Question]:
    """One for each track with something to compare."""
    tracks: dict[str, list[Row]] = {}
    for row in board.rows:
        if row.rank is not None:
            tracks.setdefault(row.track, []).append(row)
    tracks = {track: rows for track, rows in tracks.items() if len(rows) > 1}
    if not tracks or facts.truth_id is None:
        return
    keys = outcome_keys(session, truth_id=facts.truth_id, split=board.split)
    first = first_digest(session, facts.id)
    for rows in tracks.values():
        question = question_of(facts, board, rows, outcome_keys=keys, split_truth_digest=first)
        if question is not None:
            yield question
