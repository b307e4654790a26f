"""What stands in the lists of a round's page for organizers, ready to print."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from leaderboard.numbers import shown_name
from server.db.participations import ADMITTED, ASKED
from server.db.same_figures import SameFigures
from server.db.same_files import SameFile
from server.db.tables import State, stored_id
from server.db.waiting_wishes import Waiting
from server.services.round_affairs import Affairs
from server.web.lives import STATE_WORDS
from server.web.moments import Moment, moment, optional_moment
from server.web.rule_books import message_html
from server.web.submit import Fact
from server.web.wording import counted


@dataclass(frozen=True, kw_only=True, slots=True)
class EntryLine:
    """One entry, and whether it is ranked."""

    id: int
    method: str
    team: str
    submissions: int
    disqualified_for: str  # "" for one that is ranked
    disqualified: Moment | None


@dataclass(frozen=True, kw_only=True, slots=True)
class AppealLine:
    """One appeal."""

    id: int
    method: str
    text: str
    appealed: Moment
    answer: str
    verdict: str  # "" while it is not decided


@dataclass(frozen=True, kw_only=True, slots=True)
class TeamLine:
    """One team that has asked to take part."""

    id: int
    name: str
    affiliation: str
    state: str
    message: str
    asked: Moment
    is_waiting: bool  # for the organizers' word
    can_admit: bool
    can_refuse: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class OrganizerLine:
    """One of those who run the round."""

    id: int
    name: str
    email: str
    is_unverified: bool  # nobody has shown that the address is theirs
    can_remove: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class QuestionLine:
    """One question."""

    id: int
    team: str
    text: str
    asked: Moment
    answer: Markup  # as everybody reads it; "" while it has none


@dataclass(frozen=True, kw_only=True, slots=True)
class UnfinishedLine:
    """One submission that waits, runs or went wrong."""

    id: int
    team: str
    state: str
    signal: str
    failure: str
    attempt: int
    received: Moment
    can_retry: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class PairLine:
    """Two teams that have something in common that a person with two accounts would have."""

    first_team: str
    second_team: str
    first_submission: int
    second_submission: int


def pair_lines(pairs: Sequence[SameFile] | Sequence[SameFigures]) -> tuple[PairLine, ...]:
    """Every pair, with everything they share."""
    return tuple(
        PairLine(
            first_team=shown_name(same.first_team),
            second_team=shown_name(same.second_team),
            first_submission=same.first_submission,
            second_submission=same.second_submission,
        )
        for same in pairs
    )


def organizer_lines(affairs: Affairs) -> tuple[OrganizerLine, ...]:
    """Everybody who runs the round; the only one stays."""
    return tuple(
        OrganizerLine(
            id=stored_id(person.id),
            name=shown_name(person.name),
            email=person.email,
            is_unverified=person.email_verified_at is None,
            can_remove=len(affairs.organizers) > 1,
        )
        for person in affairs.organizers
    )


def entry_lines(affairs: Affairs, now: datetime) -> tuple[EntryLine, ...]:
    """Every entry."""
    return tuple(
        EntryLine(
            id=stored_id(entry.id),
            method=shown_name(entry.method),
            team=shown_name(team.name),
            submissions=submissions,
            disqualified_for=entry.disqualified_for if entry.disqualified_at else "",
            disqualified=optional_moment(entry.disqualified_at, now),
        )
        for entry, team, submissions in affairs.entries
    )


def appeal_lines(affairs: Affairs, now: datetime) -> tuple[AppealLine, ...]:
    """Every appeal."""
    verdicts = {None: "", True: "granted", False: "denied"}
    return tuple(
        AppealLine(
            id=stored_id(appeal.id),
            method=shown_name(entry.method),
            text=appeal.text,
            appealed=moment(appeal.appealed_at, now),
            answer=appeal.answer,
            verdict=verdicts[appeal.is_granted],
        )
        for appeal, entry in affairs.appeals
    )


def team_lines(affairs: Affairs, now: datetime) -> tuple[TeamLine, ...]:
    """Every team that has asked."""
    senders = {row.team.id for row in affairs.entries}
    return tuple(
        TeamLine(
            id=stored_id(team.id),
            name=shown_name(team.name),
            affiliation=shown_name(team.affiliation),
            state=known.state,
            message=known.message,
            asked=moment(known.asked_at, now),
            is_waiting=known.state == ASKED,
            can_admit=known.state != ADMITTED,
            can_refuse=known.state in {ASKED, ADMITTED} and team.id not in senders,
        )
        for known, team in affairs.participations
    )


def question_lines(affairs: Affairs, now: datetime) -> tuple[QuestionLine, ...]:
    """Every question."""
    return tuple(
        QuestionLine(
            id=stored_id(question.id),
            team=shown_name(team.name),
            text=question.text,
            asked=moment(question.asked_at, now),
            answer=message_html(question.answer),
        )
        for question, team in affairs.questions
    )


def unfinished_lines(affairs: Affairs, now: datetime) -> tuple[UnfinishedLine, ...]:
    """Every submission that needs looking at."""
    lines = []
    for submission, team in affairs.unfinished:
        state, signal = STATE_WORDS[State(submission.state)]
        lines.append(
            UnfinishedLine(
                id=stored_id(submission.id),
                team=shown_name(team.name),
                state=state,
                signal=signal,
                failure=submission.failure or "",
                attempt=submission.attempt,
                received=moment(submission.accepted_at, now),
                can_retry=not State(submission.state).is_open,
            )
        )
    return tuple(lines)


def truth_facts(affairs: Affairs) -> tuple[Fact, ...]:
    """The truth report as labels and values."""
    facts, report = affairs.facts, affairs.truth_report
    first = (Fact("Images", f"{facts.image_count:,}"), Fact("Classes", f"{facts.class_count:,}"))
    if report is None or not report["objects"]:
        return (*first, Fact("Truth", (facts.truth_digest or "none")[:12]))
    return (
        *first,
        Fact("Objects", f"{report['objects']:,}"),
        Fact("Images without any", f"{report['images_without']:,}"),
        Fact("Told twice", f"{report['repeated']:,}"),
        Fact(
            "A class has",
            f"{report['least']:,} to {report['most']:,}",
            f"median {report['median']:g}; classes without any: {report['unused_classes']:,}",
        ),
        Fact("Truth", (facts.truth_digest or "none")[:12]),
    )


def waiting_words(waiting: Waiting) -> str:
    """What of teams waits for the organizers: "1 question, 2 teams"; "" for nothing."""
    counts = (
        (waiting.questions, "question"), (waiting.teams, "team"), (waiting.appeals, "appeal"),
        (waiting.reports, "image report"),
    )  # fmt: skip
    return ", ".join(counted(number, noun) for number, noun in counts if number)
