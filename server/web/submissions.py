"""/submissions/{id}: how far a submission is, what is wrong with its file, and what it scored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Path
from starlette.responses import Response

from leaderboard.board import Board
from leaderboard.exports import shown_metrics, standing_word
from leaderboard.numbers import difference_text, score_text, shown_name
from leaderboard.policy import phase
from scoring.tasks import Metric, find_task
from server.db.tables import State
from server.routers import page_router
from server.services.rounds import RoundFacts, stored_round
from server.services.submissions import SubmissionFacts, submission_facts, submissions_of_team
from server.web.earlier_scores import earlier_facts
from server.web.fields import Problem
from server.web.findings import Kind, kinds
from server.web.lives import Step, fault_count, status_sentence, steps
from server.web.pages import render_page, size_text
from server.web.submit import Fact
from server.web.visits import VisitDep, first_to
from server.web.wording import empty_board, finals_rule

router = page_router()


@dataclass(frozen=True, kw_only=True, slots=True)
class ScoreView:
    """What a submission scored."""

    text: str
    exact: str
    metric: str
    direction: str
    comparison: str  # with the best of the team's other submissions
    signal: str
    figures: tuple[Fact, ...]  # its rank and the other metrics


@dataclass(frozen=True, kw_only=True, slots=True)
class ChoiceView:
    """What a team may choose for the final ranking, and has chosen."""

    rule: str
    chosen: tuple[int, ...]
    where: str  # in which track; "" where the round has none


@dataclass(frozen=True, kw_only=True, slots=True)
class SubmissionPage:
    """One submission, as its team sees it."""

    title: str
    id: int
    round_slug: str
    round_title: str
    team: str
    method: str
    state: State
    position: str  # as the API's twin has it; "" for none
    is_live: bool
    status: str
    steps: tuple[Step, ...]
    failure: Problem | None
    score: ScoreView | None
    why_no_score: str  # of a file that is scored; "" where the score stands there
    findings_title: str
    findings: tuple[Kind, ...]
    can_send_again: bool
    is_own: bool  # of the viewer's team, who may act on it
    can_withdraw: bool
    is_queued: bool
    can_choose: bool
    choice: ChoiceView | None  # None where nothing is to be chosen any more
    is_final: bool
    is_withdrawn: bool
    split_scores: tuple[Fact, ...]  # the deciding score on every split the viewer may see, and before corrections
    facts: tuple[Fact, ...]
    sha256: str
    entry_id: int
    disqualified_for: str  # the public reason; "" for none


_LEFT_OUT = (
    "The truth was corrected, and this file could not be scored against it, so it is off the board until it can be. The"
    " organizers see why, and can try again."
)


@router.get("/submissions/{submission_id}")
def submission_page(submission_id: Annotated[int, Path(ge=1, le=2**62)], visit: VisitDep) -> Response:
    viewer, now = visit.viewer, visit.now
    if visit.viewer.is_anonymous:
        return first_to("/log-in", visit)
    with visit.deployment.database.read() as session:
        facts = submission_facts(session, submission_id, viewer=viewer, now=now)
        round_ = stored_round(session, facts.round_slug)
        score, why_no_score = None, ""
        if facts.state == State.SCORED:
            board = visit.boards.at(session, slug=facts.round_slug, viewer=viewer, now=now).board
            why_no_score = _LEFT_OUT if facts.is_left_out else ""
            if not board.visibility.scores:
                why_no_score = empty_board(board.visibility)
            if facts.scores is not None:
                others = submissions_of_team(
                    session, team_id=facts.team_id, viewer=viewer, now=now, slug=facts.round_slug
                )
                score = _score(facts, board, others=others)
    failure = facts.failure
    page = SubmissionPage(
        title=f"Submission {facts.id}",
        id=facts.id,
        round_slug=facts.round_slug,
        round_title=facts.round_title,
        team=shown_name(facts.team),
        method=shown_name(facts.method),
        state=facts.state,
        position="" if facts.queue_position is None else str(facts.queue_position),
        is_live=facts.state.is_open,
        status=status_sentence(facts, "" if score is None else f"{score.text} {score.metric}"),
        steps=steps(facts, now),
        failure=None if failure is None else Problem(message=failure.message, advice=failure.advice),
        score=score,
        why_no_score=why_no_score,
        findings_title=f"{fault_count(facts)} in the file" if facts.state == State.REJECTED else "Notices",
        findings=kinds(facts.findings),
        can_send_again=facts.state == State.REJECTED,
        is_own=facts.team_id == viewer.team_id,
        can_withdraw=facts.can_withdraw,
        is_queued=facts.state == State.QUEUED,
        can_choose=facts.can_choose,
        choice=_choice(facts, round_, now),
        is_final=facts.is_final,
        is_withdrawn=facts.withdrawn_at is not None,
        split_scores=(
            *_split_scores(facts),
            *earlier_facts(facts.earlier_scores, find_task(facts.task).metric(facts.metric)),
        ),
        facts=_file_facts(facts),
        sha256=facts.sha256,
        entry_id=facts.entry_id,
        disqualified_for=facts.disqualified_for,
    )
    return render_page(visit.request, "submission.html", page, viewer=viewer)


def _choice(facts: SubmissionFacts, round_: RoundFacts, now: datetime) -> ChoiceView | None:
    finals = facts.finals
    if finals is None or phase(round_.policy, now) == "closed":
        return None
    where = f" in the track {finals.track}" if finals.track else ""
    return ChoiceView(rule=finals_rule(round_), chosen=finals.chosen, where=where)


def _file_facts(facts: SubmissionFacts) -> tuple[Fact, ...]:
    lines = () if facts.lines is None else (Fact("Lines", f"{facts.lines:,}"),)
    name = (Fact("Name", shown_name(facts.file_name)),) if facts.file_name else ()
    return *name, Fact("Size", size_text(facts.size_bytes)), *lines


def _split_scores(facts: SubmissionFacts) -> tuple[Fact, ...]:
    if len(facts.scores_by_split) < 2:
        return ()
    metric = find_task(facts.task).metric(facts.metric)
    return tuple(
        Fact(
            f"On the {split} images" if split != "all" else "On all images", score_text(scores.get(metric.name), metric)
        )
        for split, scores in facts.scores_by_split.items()
    )


def _score(facts: SubmissionFacts, board: Board, *, others: Sequence[SubmissionFacts]) -> ScoreView | None:
    assert facts.scores is not None  # noqa: S101 - a type narrowing
    metric = find_task(facts.task).metric(facts.metric)
    value = facts.scores.get(metric.name)
    best = _best(others, metric, but=facts.id)
    comparison, signal = _comparison(value, best, metric)
    rank = _rank(facts, board)
    row = next((row for row in board.rows if row.submission == facts.id), None)
    scores = facts.scores if row is None else {**row.scores, **facts.scores}  # a board may count what no file scores
    return ScoreView(
        text=score_text(value, metric),
        exact="" if value is None else repr(value),
        metric=metric.label,
        direction=metric.direction,
        comparison=comparison,
        signal=signal,
        figures=(
            *rank,
            *(
                Fact(other.label, score_text(scores[other.name], other))
                for other in shown_metrics(board.metrics, metric)[1:]
                if other.name in scores
            ),
        ),
    )


def _rank(facts: SubmissionFacts, board: Board) -> tuple[Fact, ...]:
    """Where the submission stands on the board; else where its team stands in its track, and by which submission."""
    rows = [row for row in board.rows if row.team_id == facts.team_id and row.track == facts.track]
    row = next((row for row in rows if row.submission == facts.id), rows[0] if rows else None)
    if row is None:
        return ()
    ranked = sum(other.rank is not None and other.track == row.track for other in board.rows)
    place = standing_word(row) if row.rank is None else f"{row.rank} of {ranked:,}"
    if row.submission == facts.id:
        return (Fact("Rank", place),)
    return (Fact("Your team's rank", place, f"by submission {row.submission}"),)


def _best(others: Sequence[SubmissionFacts], metric: Metric, *, but: int) -> tuple[float, int] | None:
    """The best value of the team's other submissions, and the number of the first that has it."""
    values = [
        (value, other.id)
        for other in others
        if other.id != but and other.scores is not None and (value := other.scores.get(metric.name)) is not None
    ]
    return min(values, key=lambda found: (found[0] if metric.is_lower_better else -found[0], found[1]), default=None)


def _comparison(value: float | None, best: tuple[float, int] | None, metric: Metric) -> tuple[str, str]:
    """The difference to the team's own best, in words, and the signal beside it."""
    if value is None:
        return "This metric is undefined for the round.", ""
    if best is None:
        return "Your team's first score in this round.", ""
    difference = value - best[0]
    told = f"your best other submission, {score_text(best[0], metric)} (submission {best[1]})"
    if difference == 0:
        return f"The same as {told}.", ""
    is_better = (difference < 0) == metric.is_lower_better
    sign = difference_text(difference, metric)
    return (f"{sign} against {told}: better.", "good") if is_better else (f"{sign} against {told}: worse.", "")
