"""Submissions as their team may see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlmodel import Session

from leaderboard.visibility import Viewer, Visibility, visible
from server.db.scores import ScoredWith, active_scores_of
from server.db.submissions import SubmissionRow, queue_positions, rows_of_team, submission_row
from server.db.tables import State, Submission, stored_id
from server.errors import SubmissionNotFound
from server.jobs.failures import FAILURES, Failure
from server.services.earlier_scores import EarlierScores, earlier_scores
from server.services.finals import Finals, chosen_beside
from server.services.rounds import find_round, policy_of, ruled
from server.services.truth_seals import is_truth_told, told_digest


@dataclass(frozen=True, kw_only=True, slots=True)
class SubmissionFacts:
    """One submission as one viewer may see it."""

    id: int
    round_slug: str
    round_title: str
    metric: str  # the round's deciding metric
    task: str
    entry_id: int
    team_id: int
    team: str
    method: str
    track: str  # "" where the round has none
    state: State
    queue_position: int | None  # from 1, while it is queued
    file_name: str
    sha256: str
    size_bytes: int
    lines: int | None  # known once the file has been read
    findings: list[dict[str, Any]]  # as JSON shows them
    failure: Failure | None  # of failed and error
    scores: dict[str, float | None] | None  # None until scored, or while the viewer may not see them
    counts: dict[str, int] | None  # totals over hidden data: seen when per_class is
    per_class: list[dict[str, Any]] | None  # None while the viewer may not see them
    split: str  # of which images `scores` are
    scores_by_split: dict[str, dict[str, float | None]]  # of every split the viewer may see
    earlier_scores: tuple[EarlierScores, ...]  # before the truth was corrected; empty in lists
    is_final: bool  # chosen by its team
    can_withdraw: bool  # off the board, or out of the queue
    can_choose: bool  # to stand for its team, or no longer
    finals: Finals | None  # what its team has chosen beside it; None in lists, and where nothing is to be chosen
    disqualified_for: str  # the public reason, of its entry; "" for none
    withdrawn_at: datetime | None
    truth_digest: str | None  # which truth the scores come from; sealed until the reveal
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    attempt: int

    @property
    def is_left_out(self) -> bool:
        """Whether it is off the board because it could not be scored against the truth as it was corrected."""
        return self.state == State.SCORED and self.scores is None and bool(self.earlier_scores)


def submission_facts(session: Session, submission_id: int, *, viewer: Viewer, now: datetime) -> SubmissionFacts:
    """One submission, with everything the viewer may see of it.

    Raises:
        SubmissionNotFound: there is none, or it is another team's.
    """
    row = submission_row(session, submission_id)
    if row is None or not visible(ruled(row.round), viewer, now).may_see_submission_of(stored_id(row.team.id)):
        raise SubmissionNotFound(f"There is no submission {submission_id}.")
    seen = visible(ruled(row.round), viewer, now)
    return replace(
        _facts(session, [row], viewer=viewer, now=now)[0],
        finals=chosen_beside(session, row),
        earlier_scores=earlier_scores(session, row.round, submission_id, seen=seen, now=now),
    )


def submissions_of_team(
    session: Session, *, team_id: int, viewer: Viewer, now: datetime, slug: str | None = None, limit: int = 200
) -> list[SubmissionFacts]:
    """The team's submissions, newest first, without findings and figures per class; none if it is a foreign team.

    Raises:
        RoundNotFound: there is no round `slug`.
    """
    round_id = None if slug is None else find_round(session, slug, viewer).id
    rows = [
        row
        for row in rows_of_team(session, team_id=team_id, round_id=round_id, limit=limit)
        if visible(ruled(row.round), viewer, now).may_see_submission_of(team_id)
    ]
    return [replace(facts, findings=[], per_class=None) for facts in _facts(session, rows, viewer=viewer, now=now)]


def _facts(session: Session, rows: Sequence[SubmissionRow], *, viewer: Viewer, now: datetime) -> list[SubmissionFacts]:
    submissions = [row.submission for row in rows]
    positions = queue_positions(session, submissions)
    scores = active_scores_of(session, submissions)
    seen = {row.round.id: visible(ruled(row.round), viewer, now) for row in rows}
    is_told = {number: is_truth_told(session, stored_id(number), seen[number], now) for number in seen}
    return [
        _one(
            row,
            position=positions.get(stored_id(row.submission.id)),
            by_split=scores.get(stored_id(row.submission.id), {}),
            seen=seen[row.round.id],
            is_truth_told=is_told[row.round.id],
        )
        for row in rows
    ]


def _one(
    row: SubmissionRow, *,
    position: int | None, by_split: Mapping[str, ScoredWith], seen: Visibility, is_truth_told: bool,
) -> SubmissionFacts:  # fmt: skip
    submission, scored, policy = row.submission, by_split.get(seen.split), policy_of(row.round)
    score = scored.score if scored and seen.scores else None
    return SubmissionFacts(
        id=stored_id(submission.id),
        round_slug=row.round.slug,
        round_title=row.round.title,
        metric=policy.best_by,
        task=row.round.task,
        entry_id=stored_id(row.entry.id),
        team_id=stored_id(row.team.id),
        team=row.team.name,
        method=row.entry.method,
        track=row.entry.track,
        state=State(submission.state),
        queue_position=position,
        file_name=submission.file_name,
        sha256=submission.sha256,
        size_bytes=submission.size_bytes,
        lines=submission.lines,
        findings=submission.findings,
        failure=FAILURES.get(submission.failure or ""),
        scores=score.scores if score else None,
        counts=score.counts if score and seen.per_class else None,
        per_class=score.per_class if score and seen.per_class else None,
        split=seen.split,
        scores_by_split={
            split: dict(by_split[split].score.scores) for split in seen.splits if seen.scores and split in by_split
        },
        earlier_scores=(),
        is_final=submission.is_final,
        can_withdraw=_can_withdraw(submission, seen, is_disqualified=row.entry.disqualified_at is not None),
        can_choose=(
            policy.represents == "finals"
            and seen.phase != "closed"
            and submission.state == State.SCORED
            and submission.withdrawn_at is None
        ),
        finals=None,
        disqualified_for=row.entry.disqualified_for if row.entry.disqualified_at else "",
        withdrawn_at=submission.withdrawn_at,
        truth_digest=(
            told_digest(scored.truth_digest, row.round.truth_seal, is_told=is_truth_told) if scored and score else None
        ),
        created_at=submission.accepted_at,
        started_at=submission.started_at,
        finished_at=submission.finished_at,
        attempt=submission.attempt,
    )


def _can_withdraw(submission: Submission, seen: Visibility, *, is_disqualified: bool) -> bool:
    if seen.is_revealed:
        return False
    stands = submission.state == State.SCORED and submission.withdrawn_at is None
    return submission.state == State.QUEUED or (stands and not is_disqualified)
