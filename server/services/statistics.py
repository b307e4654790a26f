"""What two entries, or all of a board, differ by: computed by a child from kept outcomes, and kept in memory.

Everything here can be computed again from the scores; a key holds all that a result depends on, so nothing grows stale.
"""

from __future__ import annotations

import json
import logging
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from threading import Lock
from typing import Any
from uuid import uuid4

from leaderboard.board import Board, Row
from leaderboard.comparison import BoardStatistics, Comparison, paired_by
from leaderboard.rank_intervals import RankInterval
from server.deployment import Deployment
from server.errors import ServerBusy
from server.jobs.orders import COMPARE_TASK, CURVE_TASK, RANK_TASK, ComparingOrder
from server.jobs.scoring_process import ChildDied, MemoryLimitHit, TaskFault, TimeLimitHit
from server.services.rounds import RoundFacts

log = logging.getLogger(__name__)

# Boards that change faster than they can be computed wait no longer than this many others.
_WAITING = 8

# Results that stay in memory, by the files they tell of: of each some 300 bytes, a comparison or a curve a kilobyte or
# two. Of boards, 64 of 500 rows, and as many more as they are smaller: a round of many tracks has one for each.
KEPT_FILES = {COMPARE_TASK: 2 * 1024, CURVE_TASK: 1024, RANK_TASK: 64 * 500}

_NOT_KEPT = object()


class StatisticsUnderWay(Exception):
    """The statistics of this board are being computed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """One side of a comparison: a scored file, and where its outcomes are."""

    submission: int
    score: float
    outcomes_key: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """Which files are compared, and on which images. It is also the key of its answer."""

    slug: str
    public_digest: str
    truth_digest: str
    split: str
    split_seed: str | None
    split_truth_digest: str  # of the round's first truth
    metric: str
    standings: tuple[Standing, ...]


def question_of(
    facts: RoundFacts, board: Board, rows: Sequence[Row], *, outcome_keys: Mapping[int, str], split_truth_digest: str
) -> Question | None:
    """The question about these rows of a board; None where one of them has no score or no outcomes."""
    scores = [row.scores.get(board.metric.name) for row in rows]
    if (
        paired_by(facts.task, board.metric.name) is None
        or facts.truth_digest is None
        or any(score is None for score in scores)
        or any(row.submission not in outcome_keys for row in rows)
    ):
        return None
    return Question(
        slug=facts.slug,
        public_digest=facts.public_digest,
        truth_digest=facts.truth_digest,
        split=board.split,
        split_seed=facts.split_seed,
        split_truth_digest=split_truth_digest,
        metric=board.metric.name,
        standings=tuple(
            Standing(submission=row.submission, score=score, outcomes_key=outcome_keys[row.submission])
            for row, score in zip(rows, scores, strict=True)
            if score is not None
        ),
    )


class Statistics:
    """The results of one running server."""

    def __init__(self) -> None:
        self._kept: dict[str, OrderedDict[Question, Any]] = {task: OrderedDict() for task in KEPT_FILES}
        self._under_way: set[Question] = set()
        self._lock = Lock()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="board-statistics")

    def compare(self, deployment: Deployment, question: Question) -> Comparison | None:
        """Compare two files now; None where nothing can be said.

        Raises:
            ServerBusy: not now.
        """
        found = self._look(COMPARE_TASK, question)
        if found is _NOT_KEPT:
            found = self._ask(deployment, COMPARE_TASK, question)
        return None if found is None else Comparison(**found)

    def curve(self, deployment: Deployment, question: Question) -> Sequence[float] | None:
        """The precision of one file at each recall; None where no class has a positive, or nothing can be said.

        Raises:
            ServerBusy: not now.
        """
        found = self._look(CURVE_TASK, question)
        if found is _NOT_KEPT:
            found = self._ask(deployment, CURVE_TASK, question)
        return None if found is None else tuple(found)

    def rank(self, deployment: Deployment, question: Question) -> BoardStatistics | None:
        """Compare all files of a board; None where nothing can be said.

        Raises:
            StatisticsUnderWay: it is computed behind the scenes, for whoever looks later.
        """
        found = self._look(RANK_TASK, question)
        if found is _NOT_KEPT:
            self._begin(deployment, question)
            raise StatisticsUnderWay
        if found is None:
            return None
        return BoardStatistics(
            ranks=tuple(RankInterval(**ends) for ends in found["ranks"]), resolvable=found["resolvable"]
        )

    def close(self) -> None:
        """Wait for the thread; its child is ended by who owns it."""
        self._thread.shutdown(cancel_futures=True)

    def _look(self, task: str, question: Question) -> Any:
        with self._lock:
            kept = self._kept[task]
            if question not in kept:
                return _NOT_KEPT
            kept.move_to_end(question)
            return kept[question]

    def _begin(self, deployment: Deployment, question: Question) -> None:
        with self._lock:
            if question in self._under_way or len(self._under_way) > _WAITING:
                return
            self._under_way.add(question)
        self._thread.submit(self._work, deployment, question)

    def _work(self, deployment: Deployment, question: Question) -> None:
        try:
            self._ask(deployment, RANK_TASK, question)
        except ServerBusy:
            log.warning("the board of %s has no rank intervals for now", question.slug)
        finally:
            with self._lock:
                self._under_way.discard(question)

    def _ask(self, deployment: Deployment, task: str, question: Question) -> Any:
        """Let the child answer, and keep the answer; what the child cannot do is kept as None, and not tried again."""
        try:
            answer = _run(deployment, task, question)
        except (TimeLimitHit, MemoryLimitHit, TaskFault, FileNotFoundError) as error:
            log.warning("nothing is told of %d files of %s: %s", len(question.standings), question.slug, error)
            answer = None
        except ChildDied as error:
            raise ServerBusy("The comparison was interrupted.") from error
        with self._lock:
            kept = self._kept[task]
            kept[question] = answer
            too_many = sum(len(one.standings) for one in kept) - KEPT_FILES[task]
            while too_many > 0 and len(kept) > 1:
                too_many -= len(kept.popitem(last=False)[0].standings)
        return answer


def _run(deployment: Deployment, task: str, question: Question) -> Any:
    folders = deployment.folders
    result_file = folders.work / f"{uuid4().hex}.json"
    with ExitStack() as stack:
        stack.callback(result_file.unlink, missing_ok=True)
        files = [stack.enter_context(deployment.blobs.as_file(one.outcomes_key)) for one in question.standings]
        order = ComparingOrder(
            public_half=folders.public_half(question.slug),
            public_digest=question.public_digest,
            truth_file=folders.truth_file(question.slug, question.truth_digest),
            split=question.split,
            split_seed=question.split_seed,
            split_truth_file=folders.truth_file(question.slug, question.split_truth_digest),
            metric=question.metric,
            scores=tuple(one.score for one in question.standings),
            outcomes_files=tuple(files),
            result_file=result_file,
        )
        (deployment.ranker if task == RANK_TASK else deployment.comparer).run(task, order)
        return json.loads(result_file.read_text("utf-8"))
