"""What organizers tell everybody: announcements, corrections of the truth, and answers to the questions of teams."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from server.auth.permissions import Action, actor_of
from server.auth.viewer import Viewer
from server.db.engine import Database
from server.db.events import append_event
from server.db.organizing import announcements_of, open_question_count, questions_of, was_announced
from server.db.organizing_tables import Announcement, Question
from server.db.rounds import lock_round
from server.db.tables import stored_id
from server.db.truths import versions_of
from server.organizing_errors import AnnouncedAlready, AnsweredAlready, QuestionNotFound, TooManyQuestions
from server.services.notices import tell_of_announcement
from server.services.organizing import Organized, organized_round
from server.services.taking_part import round_for_team
from server.services.tokens import acting_team
from server.texts import clean_text

# Of one team in one round, without an answer: organizers are people.
MAX_OPEN_QUESTIONS = 5

# Longer than anybody waits for an answer before they try again.
TOLD_LATELY = timedelta(minutes=10)

MAX_QUESTION_CHARACTERS = 1_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """One announcement."""

    text: str  # Markdown; of a correction, plain text
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Answered:
    """One question with its answer, as everybody may read it: without who asked."""

    question: str
    answer: str  # Markdown
    at: datetime


def announce(database: Database, viewer: Viewer, *, slug: str, text: str, now: datetime) -> int:
    """Tell everybody who sees the round; the announcement's id.

    Raises:
        NotLoggedIn, RoundNotFound: it is not theirs.
        InvalidText: nothing to tell, or too much.
        AnnouncedAlready: in the same words, some minutes ago.
    """
    with database.write() as session:
        organized = organized_round(session, viewer, slug, action=Action.ANNOUNCE, now=now)
        lock_round(session, organized.round_id)
        words = clean_text(text, field="announcement")
        refuse_told_twice(session, organized, words)
        made = tell_everybody(session, organized, words)
        number = stored_id(made.id)
        organized.tell(session, "announcement.made", object_type="announcement", object_id=number)
        return number


def tell_everybody(session: Session, organized: Organized, text: str) -> Announcement:
    """Put a text, which is clean, on the round's page, and mail it to who takes part."""
    made = Announcement(
        round_id=organized.round_id, person_id=organized.viewer.person_id, text=text, announced_at=organized.now
    )
    session.add(made)
    session.flush()
    tell_of_announcement(session, organized.row, text=text, now=organized.now)
    return made


def refuse_told_twice(session: Session, organized: Organized, text: str) -> None:
    """Refuse what was announced in the same words just now: nobody clicks twice, or tries again, to mail it twice.

    Raises:
        AnnouncedAlready: it was.
    """
    if was_announced(session, round_id=organized.round_id, text=text, since=organized.now - TOLD_LATELY):
        raise AnnouncedAlready


def ask(database: Database, viewer: Viewer, *, slug: str, text: str, now: datetime) -> None:
    """Ask the organizers of a round; the question is public once it is answered.

    Raises:
        NotLoggedIn, NoTeam, RoundNotFound: only teams that see the round ask.
        InvalidText, TooManyQuestions: not so.
    """
    with database.write() as session:
        facts = round_for_team(session, viewer, slug, action=Action.ASK)
        team_id = acting_team(viewer)
        if open_question_count(session, round_id=facts.id, team_id=team_id) >= MAX_OPEN_QUESTIONS:
            raise TooManyQuestions
        made = Question(
            round_id=facts.id,
            team_id=team_id,
            person_id=viewer.person_id,
            text=clean_text(text, field="question", max_characters=MAX_QUESTION_CHARACTERS),
            asked_at=now,
        )
        session.add(made)
        session.flush()
        append_event(
            session, at=now, actor=actor_of(viewer), action="question.asked", object_type="question",
            object_id=stored_id(made.id), round_id=facts.id,
        )  # fmt: skip


def answer_question(
    database: Database, viewer: Viewer, *, slug: str, question_id: int, answer: str, now: datetime
) -> None:
    """Answer a question, for everybody to read.

    Raises:
        NotLoggedIn, RoundNotFound, QuestionNotFound: it is not theirs to answer.
        AnsweredAlready, InvalidText: not so.
    """
    with database.write() as session:
        organized = organized_round(session, viewer, slug, action=Action.ANSWER_QUESTION, now=now)
        question = session.get(Question, question_id)
        if question is None or question.round_id != organized.round_id:
            raise QuestionNotFound
        if question.answered_at is not None:
            raise AnsweredAlready
        question.answer, question.answered_at = clean_text(answer, field="answer"), now
        session.add(question)
        organized.tell(session, "question.answered", object_type="question", object_id=question_id)


def told_of(session: Session, round_id: int) -> tuple[tuple[Told, ...], tuple[Answered, ...]]:
    """What everybody who sees the round may read: announcements and answered questions, newest first."""
    told = tuple(Told(text=made.text, at=made.announced_at) for made in announcements_of(session, round_id))
    answered = tuple(
        Answered(question=question.text, answer=question.answer, at=question.answered_at)
        for question, _ in questions_of(session, round_id)
        if question.answered_at is not None
    )
    return told, answered


def corrections_of(session: Session, round_id: int) -> tuple[Told, ...]:
    """The public notes of the corrected truths that were shown, newest first, as plain text."""
    shown = [version for version in versions_of(session, round_id) if version.activated_at is not None]
    return tuple(
        Told(text=version.note, at=version.activated_at)
        for version in reversed(shown[1:])  # the first one corrects nothing
        if version.activated_at is not None
    )
