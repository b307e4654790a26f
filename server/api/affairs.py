"""What teams ask of a round's organizers, and what they decide: questions, appeals, admission."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from server.api.acts import (
    ActDep,
    EntryId,
    ListedId,
    TeamActDep,
    TeamId,
    Words,
    organizer_errors,
    person_errors,
    team_errors,
)
from server.api.rounds import Slug
from server.db.tables import stored_id
from server.errors import RoundNotFound
from server.organizing_errors import (
    AnsweredAlready,
    AppealDecided,
    AppealedAlready,
    AppealNotFound,
    AppealTooLate,
    DomainNotAdmitted,
    EntryNotFound,
    InvalidText,
    NotAdmitted,
    NotDisqualified,
    ParticipationNotFound,
    QuestionNotFound,
    TeamHasSubmitted,
    TooManyQuestions,
    WrongJoinCode,
)
from server.people_errors import TeamsFrozen
from server.routers import api_router
from server.services.admission import decide_admission, join
from server.services.announcements import answer_question, ask
from server.services.disqualifications import appeal, decide_appeal
from server.services.round_affairs import Affairs, affairs_of

router = api_router("organizing")


class QuestionFacts(BaseModel):
    """A team's question."""

    id: int
    team: str
    text: str
    asked_at: datetime
    answer: str = Field(description="Empty while there is none.")
    answered_at: datetime | None


class AppealFacts(BaseModel):
    """What a team says against a disqualification."""

    id: int
    entry: int = Field(description="As the board names it.")
    method: str
    text: str
    appealed_at: datetime
    is_granted: bool | None = Field(description="Null while it is not decided.")
    answer: str


class TeamFacts(BaseModel):
    """A team that has asked to take part."""

    id: int
    name: str
    state: str = Field(description="asked, admitted or refused.")
    message: str
    asked_at: datetime


class SameFileFacts(BaseModel):
    """Two teams that have sent the same bytes."""

    teams: tuple[str, str]
    submissions: tuple[int, int] = Field(description="The first of this file by each.")
    sha256: str


class SameFiguresFacts(BaseModel):
    """Two teams whose files differ and score the same in every figure."""

    teams: tuple[str, str]
    submissions: tuple[int, int] = Field(description="The first that scores so by each.")


class AffairsFacts(BaseModel):
    """What waits for the organizers, and what they have decided."""

    questions: list[QuestionFacts]
    appeals: list[AppealFacts]
    teams: list[TeamFacts]
    same_files: list[SameFileFacts] = Field(description="A sign, and no more, that one person plays for two teams.")
    same_figures: list[SameFiguresFacts] = Field(
        description="On many images a strong sign that both teams sent the same predictions; on few it is chance."
    )


class Wish(BaseModel):
    """A team's wish to take part."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"code": "", "message": "We teach a course on vision."}}
    )
    code: str = Field(default="", max_length=200, description="The round's join code, where the team has it.")
    message: str = Field(default="", max_length=5_000, description="To the organizers, where they decide.")


class ParticipationState(BaseModel):
    """What became of it."""

    state: Literal["asked", "admitted", "refused"]
    asked_at: datetime


class Answer(BaseModel):
    """An answer, public."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"answer": "In the open track."}})
    answer: str = Field(max_length=20_000, description="In Markdown.")


class Decision(BaseModel):
    """What becomes of an appeal."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"is_granted": True, "answer": "Sorry."}})
    is_granted: bool = Field(description="true reinstates the entry.")
    answer: str = Field(max_length=20_000, description="To the team.")


class Admission(BaseModel):
    """Whether a team takes part."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"is_admitted": True}})
    is_admitted: bool


@router.get(
    "/rounds/{slug}/affairs", summary="Read what teams ask of a round's organizers", responses=organizer_errors()
)
def read_affairs(slug: Slug, act: ActDep) -> AffairsFacts:
    """Questions, appeals and teams, what waits first; and teams that have sent the same file, or score alike."""
    with act.database.read() as session:
        affairs = affairs_of(session, act.viewer, slug=slug, now=act.now)
    return _facts(affairs)


@router.post(
    "/rounds/{slug}/participation",
    summary="Take part in a round, or ask for it",
    responses=team_errors(RoundNotFound, WrongJoinCode, DomainNotAdmitted, NotAdmitted, TeamsFrozen, InvalidText),
)
def take_part(slug: Slug, wish: Wish, act: TeamActDep) -> ParticipationState:
    """Once is enough; repeating it tells what became of it."""
    known = join(act.deployment, act.viewer, slug=slug, code=wish.code, message=wish.message, now=act.now)
    return ParticipationState.model_validate(known, from_attributes=True)


@router.put(
    "/rounds/{slug}/teams/{team_id}/admission",
    status_code=204,
    summary="Admit a team, or turn it away",
    responses=organizer_errors(ParticipationNotFound, TeamHasSubmitted),
)
def admit(slug: Slug, team_id: TeamId, verdict: Admission, act: ActDep) -> None:
    """One that has asked; either can be changed later."""
    decide_admission(
        act.deployment, act.viewer, slug=slug, team_id=team_id, is_admitted=verdict.is_admitted, now=act.now
    )


@router.post(
    "/rounds/{slug}/questions",
    status_code=204,
    summary="Ask the organizers",
    responses=team_errors(RoundNotFound, InvalidText, TooManyQuestions),
)
def ask_question(slug: Slug, words: Words, act: TeamActDep) -> None:
    """It is public once it is answered, without your team's name."""
    ask(act.database, act.viewer, slug=slug, text=words.text, now=act.now)


@router.post(
    "/rounds/{slug}/questions/{question_id}/answer",
    status_code=204,
    summary="Answer a question",
    responses=organizer_errors(QuestionNotFound, AnsweredAlready, InvalidText),
)
def answer(slug: Slug, question_id: ListedId, words: Answer, act: ActDep) -> None:
    """For everybody who sees the round."""
    answer_question(act.database, act.viewer, slug=slug, question_id=question_id, answer=words.answer, now=act.now)


@router.post(
    "/entries/{entry_id}/appeal",
    status_code=204,
    summary="Appeal against a disqualification",
    responses=team_errors(EntryNotFound, NotDisqualified, AppealTooLate, AppealedAlready, InvalidText),
)
def make_appeal(entry_id: EntryId, words: Words, act: TeamActDep) -> None:
    """Once, within the round's appeal days."""
    appeal(act.database, act.viewer, entry_id=entry_id, text=words.text, now=act.now)


@router.post(
    "/rounds/{slug}/appeals/{appeal_id}/decision",
    status_code=204,
    summary="Decide an appeal",
    responses=person_errors(AppealNotFound, AppealDecided, InvalidText),
)
def decide(slug: Slug, appeal_id: ListedId, verdict: Decision, act: ActDep) -> None:
    """Granted, the entry is ranked again."""
    decide_appeal(
        act.database, act.viewer, appeal_id=appeal_id, is_granted=verdict.is_granted, answer=verdict.answer,
        slug=slug, now=act.now,
    )  # fmt: skip


def _facts(affairs: Affairs) -> AffairsFacts:
    """The affairs as JSON."""
    return AffairsFacts(
        questions=[
            QuestionFacts(
                id=stored_id(row.question.id), team=row.team.name, text=row.question.text,
                asked_at=row.question.asked_at, answer=row.question.answer, answered_at=row.question.answered_at,
            )
            for row in affairs.questions
        ],
        appeals=[
            AppealFacts(
                id=stored_id(row.appeal.id), entry=stored_id(row.entry.id), method=row.entry.method,
                text=row.appeal.text, appealed_at=row.appeal.appealed_at, is_granted=row.appeal.is_granted,
                answer=row.appeal.answer,
            )
            for row in affairs.appeals
        ],
        teams=[
            TeamFacts(
                id=stored_id(row.team.id), name=row.team.name, state=row.participation.state,
                message=row.participation.message, asked_at=row.participation.asked_at,
            )
            for row in affairs.participations
        ],
        same_files=[
            SameFileFacts(
                teams=(same.first_team, same.second_team), submissions=(same.first_submission, same.second_submission),
                sha256=same.sha256,
            )
            for same in affairs.same_files
        ],
        same_figures=[
            SameFiguresFacts(
                teams=(same.first_team, same.second_team), submissions=(same.first_submission, same.second_submission)
            )
            for same in affairs.same_figures
        ],
    )  # fmt: skip
