"""/rounds/{slug}: a round's task, dates, top ten, formats and rules; and a sample file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup
from sqlmodel import Session
from starlette.responses import Response, StreamingResponse

from leaderboard.board import Board
from leaderboard.figures import progress_figure
from leaderboard.history import past_winners
from leaderboard.render import board_table
from scoring.rounds import load_public_round
from scoring.samples import sample_file
from scoring.splits import seed_commitment
from scoring.tasks import Format, find_task
from server.routers import page_router
from server.services.admission import is_open_to_all, is_turned_away, may_submit
from server.services.announcements import Answered, Told, corrections_of, told_of
from server.services.round_formats import formats_of
from server.services.rounds import RoundFacts, RoundState, find_round
from server.services.spending import read_quota
from server.services.truth_seals import sealed
from server.web.challenges import ChallengeLine, challenge_lines
from server.web.moments import Moment, moment
from server.web.obstacles import Obstacle, address_note
from server.web.pages import render_page
from server.web.round_dates import RoundDate, round_dates
from server.web.rule_books import message_html, rule_book_html
from server.web.visits import VisitDep
from server.web.wording import (
    TURNED_AWAY,
    empty_board,
    quota_left,
    quota_rule,
    resolution_note,
    rows_rule,
    rows_told,
    split_note,
    teams_rule,
)

router = page_router()

TOP_ROWS = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class AnnouncementLine:
    """One announcement, as everybody reads it."""

    text: Markup
    at: Moment


@dataclass(frozen=True, kw_only=True, slots=True)
class CorrectionLine:
    """What was wrong with the ground truth, and since when the board shows it corrected."""

    text: str
    at: Moment


@dataclass(frozen=True, kw_only=True, slots=True)
class AnswerLine:
    """A question of some team, and its answer."""

    question: str
    text: Markup
    at: Moment


@dataclass(frozen=True, kw_only=True, slots=True)
class RoundPage:
    """A round, as everybody may see it."""

    title: str
    slug: str
    challenge: str  # "" for a round on its own
    of_challenge: tuple[ChallengeLine, ...]  # its rounds, where there are others
    sentence: str  # the task in one sentence
    task: str
    images: int
    classes: int
    state: RoundState
    dates: tuple[RoundDate, ...]
    quota_left: str  # of the viewer's team; "" for others
    table: Markup  # the top of the board
    progress: Markup  # "" before the first score
    row_count: int
    shown_count: int
    rows_told: str  # 12 teams and 2 baselines
    empty_board: str
    metric: str
    direction: str
    rows_rule: str
    quota_rule: str
    teams_rule: str  # "" where teams are free to change
    resolution: str  # the smallest difference the images can tell; "" where that is not known
    split_note: str
    formats: tuple[Format, ...]
    max_upload_bytes: int
    rules: Markup | None
    split_commitment: str  # "" where all images are public
    split_seed: str  # told at the reveal; "" before
    truth_digest: str  # of the ground truth, told once no round holds it back; "" before
    truth_seal: str
    truth_sealed: str  # what was told before
    address_note: Obstacle | None  # what the viewer has to do about their e-mail address
    must_join: bool  # whether only admitted teams submit, and the viewer's is none yet
    turned_away: str  # what the viewer's team is told that the organizers have refused; "" for others
    has_data: bool
    organizes: bool
    announcements: tuple[AnnouncementLine, ...]
    corrections: tuple[CorrectionLine, ...]
    answers: tuple[AnswerLine, ...]
    can_ask: bool
    has_asked: bool
    has_reported: bool


@router.get("/rounds/{slug}")
def round_page(slug: str, visit: VisitDep, *, asked: str = "", reported: str = "") -> Response:
    viewer, now = visit.viewer, visit.now
    with visit.deployment.database.read() as session:
        answer = visit.ranked_boards.at(visit.deployment, session, slug=slug, viewer=viewer, now=now)
        facts, board = answer.round, answer.board
        quota = "You sign up on the way: yourself and your team, in one form." if viewer.is_anonymous else ""
        must_join, refusal = _admission(session, facts, viewer.team_id)
        if viewer.team_id is not None:
            quota = quota_left(read_quota(session, facts, team_id=viewer.team_id, now=now), now)
        note = None if refusal else address_note(session, facts, viewer, now)
        told, answered = told_of(session, facts.id)
        corrected = corrections_of(session, facts.id)
        of_challenge = challenge_lines(session, facts, viewer, now)
    task = find_task(facts.task)
    page = RoundPage(
        title=facts.title,
        slug=slug,
        challenge=facts.challenge or "",
        of_challenge=of_challenge,
        sentence=task.sentence,
        task=task.title,
        images=facts.image_count,
        classes=facts.class_count,
        state=facts.state(visit.now),
        dates=round_dates(facts, now),
        quota_left=quota,
        table=board_table(board, limit=TOP_ROWS),
        progress=_progress(facts, board, now),
        row_count=len(board.rows),
        shown_count=min(TOP_ROWS, len(board.rows)),
        rows_told=rows_told(facts, board),
        empty_board=empty_board(board.visibility),
        metric=board.metric.label,
        direction=board.metric.direction,
        rows_rule=rows_rule(facts),
        quota_rule=quota_rule(facts),
        teams_rule=teams_rule(facts),
        resolution=resolution_note(facts, board),
        split_note=split_note(facts, board),
        formats=formats_of(facts, visit.deployment.folders),
        max_upload_bytes=facts.policy.max_upload_bytes,
        rules=rule_book_html(facts.policy.rules) if facts.policy.rules else None,
        split_commitment="" if facts.split_seed is None else seed_commitment(facts.split_seed),
        split_seed=(facts.split_seed or "") if board.visibility.is_revealed else "",
        truth_digest="" if board.is_truth_sealed else (facts.truth_digest or ""),
        truth_seal="" if board.is_truth_sealed else facts.truth_seal,
        truth_sealed=sealed(facts.truth_digest or "", facts.truth_seal),
        address_note=note,
        must_join=must_join,
        turned_away=refusal,
        has_data=facts.policy.data is not None,
        organizes=viewer.organizes(facts.id),
        announcements=announcement_lines(told, now),
        corrections=tuple(CorrectionLine(text=one.text, at=moment(one.at, now)) for one in corrected),
        answers=_answer_lines(answered, now),
        can_ask=viewer.team_id is not None,
        has_asked=bool(asked),
        has_reported=bool(reported),
    )
    return render_page(visit.request, "round.html", page, viewer=viewer)


def _admission(session: Session, facts: RoundFacts, team_id: int | None) -> tuple[bool, str]:
    """Whether the team is still to be admitted, and what it is told if the organizers have refused it."""
    if team_id is None:
        return not is_open_to_all(facts), ""
    if may_submit(session, facts, team_id=team_id):
        return False, ""
    return True, TURNED_AWAY if is_turned_away(session, facts, team_id=team_id) else ""


def _progress(facts: RoundFacts, board: Board, now: datetime) -> Markup:
    metric = find_task(facts.task).metric(facts.policy.best_by)
    end = now if facts.policy.closes is None else min(now, facts.policy.closes)
    winners = past_winners(facts.task, metric.name, class_count=facts.class_count)
    return progress_figure(board, metric, start=facts.policy.opens, end=end, references=winners)


def announcement_lines(told: Sequence[Told], now: datetime) -> tuple[AnnouncementLine, ...]:
    """Announcements, ready to print."""
    return tuple(AnnouncementLine(text=message_html(one.text), at=moment(one.at, now)) for one in told)


def _answer_lines(answered: Sequence[Answered], now: datetime) -> tuple[AnswerLine, ...]:
    return tuple(
        AnswerLine(question=one.question, text=message_html(one.answer), at=moment(one.at, now)) for one in answered
    )


@router.get("/rounds/{slug}/sample.txt")
def sample(slug: str, visit: VisitDep) -> Response:
    with visit.deployment.database.read() as session:
        find_round(session, slug, visit.viewer)
    file = sample_file(load_public_round(visit.deployment.folders.public_half(slug)))
    return StreamingResponse(
        file.pieces,
        media_type=file.media_type,
        headers={
            "Content-Disposition": f'attachment; filename="{slug}-sample.{file.ending}"',
            "Cache-Control": "no-cache",
        },
    )
