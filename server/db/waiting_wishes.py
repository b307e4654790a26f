"""What of teams waits for the organizers of a round."""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import Session, col, func, select

from server.db.organizing_tables import Appeal, ImageReport, Question
from server.db.participations import ASKED
from server.db.people_tables import Participation
from server.db.tables import Entry


@dataclass(frozen=True, kw_only=True, slots=True)
class Waiting:
    """How many of each kind."""

    questions: int  # without an answer
    teams: int  # that ask to take part
    appeals: int  # not decided
    reports: int  # of images, not settled


def waiting_of(session: Session, round_id: int) -> Waiting:
    """Count what waits in the round."""
    questions = select(func.count()).where(Question.round_id == round_id, col(Question.answered_at).is_(None))
    teams = select(func.count()).where(Participation.round_id == round_id, Participation.state == ASKED)
    appeals = (
        select(func.count())
        .select_from(Appeal)
        .join(Entry, col(Entry.id) == col(Appeal.entry_id))
        .where(Entry.round_id == round_id, col(Appeal.decided_at).is_(None))
    )
    reports = select(func.count()).where(ImageReport.round_id == round_id, col(ImageReport.settled_at).is_(None))
    return Waiting(
        questions=session.exec(questions).one(),
        teams=session.exec(teams).one(),
        appeals=session.exec(appeals).one(),
        reports=session.exec(reports).one(),
    )
