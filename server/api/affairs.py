"""What teams ask of a round's organizers, and what they decide: questions, appeals, admission."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel, ConfigDict, Field

from server.api.errors import error_answers
from server.api.organizing import EntryId, Words
from server.api.rounds import Slug
from server.db.tables import stored_id
from server.doors import DeploymentDep, MemberDep, NowDep, PersonDep
from server.errors import InvalidToken, NoTeam, NotLoggedIn, RoundNotFound
from server.organizing_errors import (
    AnsweredAlready,
    AppealDecided,
    AppealedAlready,
    AppealNotFound,
    AppealTooLate,
    EntryNotFound,
    InvalidText,
    NotDisqualified,
    ParticipationNotFound,
    QuestionNotFound,
    TeamHasSubmitted,
    TooManyQuestions,
)
from server.services.admission import decide_admission
from server.services.announcements import answer_question, ask
from server.services.disqualifications import appeal, decide_appeal
from server.services.round_affairs import Affairs, affairs_of

router = APIRouter(tags=["organizing"])

_Number = Annotated[int, Path(ge=1, le=2**62, examples=[3], description="As the affairs name it.")]


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


class AffairsFacts(BaseModel):
    """What waits for the organizers, and what they have decided."""

    questions: list[QuestionFacts]
    appeals: list[AppealFacts]
    teams: list[TeamFacts]
    same_files: list[SameFileFacts] = Field(description="A sign, and no more, that one person plays for two teams.")


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
    "/rounds/{slug}/affairs",
    summary="Read what teams ask of a round's organizers",
    responses=error_answers(NotLoggedIn, InvalidToken, RoundNotFound),
)
def read_affairs(slug: Slug, *, person: PersonDep, deployment: DeploymentDep, now: NowDep) -> AffairsFacts:
    """Questions, appeals and teams, what waits first; and teams that have sent the same file."""
    with deployment.database.read() as session:
        affairs = affairs_of(session, person, slug=slug, now=now)
    return _facts(affairs)


@router.post(
    "/rounds/{slug}/questions",
    status_code=204,
    summary="Ask the organizers",
    responses=error_answers(NotLoggedIn, InvalidToken, NoTeam, RoundNotFound, InvalidText, TooManyQuestions),
)
def ask_question(slug: Slug, words: Words, *, member: MemberDep, deployment: DeploymentDep, now: NowDep) -> Response:
    """It is public once it is answered, without your team's name."""
    ask(deployment.database, member, slug=slug, text=words.text, now=now)
    return Response(status_code=204)


@router.post(
    "/rounds/{slug}/questions/{question_id}/answer",
    status_code=204,
    summary="Answer a question",
    responses=error_answers(NotLoggedIn, InvalidToken, RoundNotFound, QuestionNotFound, AnsweredAlready, InvalidText),
)
def answer(
    slug: Slug, question_id: _Number, words: Answer, *, person: PersonDep, deployment: DeploymentDep, now: NowDep
) -> Response:
    """For everybody who sees the round."""
    answer_question(deployment.database, person, slug=slug, question_id=question_id, answer=words.answer, now=now)
    return Response(status_code=204)


@router.post(
    "/entries/{entry_id}/appeal",
    status_code=204,
    summary="Appeal against a disqualification",
    responses=error_answers(
        NotLoggedIn, InvalidToken, NoTeam, EntryNotFound, NotDisqualified, AppealTooLate, AppealedAlready, InvalidText
    ),
)
def make_appeal(
    entry_id: EntryId, words: Words, *, member: MemberDep, deployment: DeploymentDep, now: NowDep
) -> Response:
    """Once, within the round's appeal days."""
    appeal(deployment.database, member, entry_id=entry_id, text=words.text, now=now)
    return Response(status_code=204)


@router.post(
    "/rounds/{slug}/appeals/{appeal_id}/decision",
    status_code=204,
    summary="Decide an appeal",
    responses=error_answers(NotLoggedIn, InvalidToken, AppealNotFound, AppealDecided, InvalidText),
)
def decide(
    slug: Slug, appeal_id: _Number, verdict: Decision, *, person: PersonDep, deployment: DeploymentDep, now: NowDep
) -> Response:
    """Granted, the entry is ranked again."""
    decide_appeal(
        deployment.database, person, appeal_id=appeal_id, is_granted=verdict.is_granted, answer=verdict.answer,
        slug=slug, now=now,
    )  # fmt: skip
    return Response(status_code=204)


@router.put(
    "/rounds/{slug}/teams/{team_id}/admission",
    status_code=204,
    summary="Admit a team, or turn it away",
    responses=error_answers(NotLoggedIn, InvalidToken, RoundNotFound, ParticipationNotFound, TeamHasSubmitted),
)
def admit(
    slug: Slug, team_id: _Number, verdict: Admission, *, person: PersonDep, deployment: DeploymentDep, now: NowDep
) -> Response:
    """One that has asked; either can be changed later."""
    decide_admission(deployment, person, slug=slug, team_id=team_id, is_admitted=verdict.is_admitted, now=now)
    return Response(status_code=204)


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
    )  # fmt: skip
