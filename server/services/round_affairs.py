"""Everything about a round that its organizers look at, and the rounds that somebody organizes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from scoring.splits import seed_commitment
from server.auth.permissions import Action
from server.auth.viewer import Viewer
from server.db.event_names import EventNames, names_in
from server.db.organizers import organizers_of_round
from server.db.organizing import (
    AppealRow,
    Health,
    QuestionRow,
    SentEntry,
    TroubledRow,
    appeals_of_round,
    entries_of_round,
    health_of,
    latest_events,
    questions_of,
    unfinished_of,
)
from server.db.participations import ParticipationRow, has_entries, participations_of_round
from server.db.rounds import all_rounds
from server.db.same_figures import SameFigures, same_figures_of
from server.db.same_files import SameFile, same_files_of
from server.db.tables import Event, Person
from server.db.waiting_wishes import Waiting, waiting_of
from server.errors import NotLoggedIn
from server.services.announcements import Told, told_of
from server.services.organizing import organized_round
from server.services.round_queues import MAX_UNFINISHED
from server.services.rounds import RoundFacts, round_facts, stored_round
from server.services.split_seeds import seed_warning

# A page stays a page; everything is in the export.
MAX_EVENTS = 50
MAX_SAME_FILES = 50


@dataclass(frozen=True, kw_only=True, slots=True)
class OrganizedRound:
    """A round with how it is doing."""

    facts: RoundFacts
    health: Health
    waiting: Waiting  # for the organizers


@dataclass(frozen=True, kw_only=True, slots=True)
class Affairs:
    """One round, as its organizers know it."""

    facts: RoundFacts
    health: Health
    truth_report: dict[str, Any] | None  # as scoring/truth_reports.py counted it
    selftest: Sequence[Mapping[str, Any]]  # name, scores and faults of each file that was tried
    split_commitment: str | None
    seed_warning: str  # "" where the seed cannot be guessed
    join_code: str | None
    is_under_way: bool  # whether anything was sent
    entries: Sequence[SentEntry]
    appeals: Sequence[AppealRow]
    participations: Sequence[ParticipationRow]
    organizers: Sequence[Person]
    questions: Sequence[QuestionRow]
    announcements: Sequence[Told]
    unfinished: Sequence[TroubledRow]
    events: Sequence[Event]  # the last ones, newest first
    event_names: EventNames  # of all that they name
    same_files: Sequence[SameFile]  # that two teams have sent
    same_figures: Sequence[SameFigures]  # of files of two teams that differ


def organized_rounds(session: Session, viewer: Viewer) -> list[OrganizedRound]:
    """The rounds that are the viewer's to run, newest first.

    Raises:
        NotLoggedIn: nobody is logged in.
    """
    if viewer.is_anonymous:
        raise NotLoggedIn
    return [
        OrganizedRound(facts=facts, health=health_of(session, facts.id), waiting=waiting_of(session, facts.id))
        for facts in map(round_facts, all_rounds(session))
        if viewer.organizes(facts.id)
    ]


def affairs_of(session: Session, viewer: Viewer, *, slug: str, now: datetime) -> Affairs:
    """All there is to look at about one round.

    Raises:
        NotLoggedIn, RoundNotFound: it is not theirs.
    """
    organized = organized_round(session, viewer, slug, action=Action.ORGANIZE_ROUND, now=now)
    row, round_id = organized.row, organized.round_id
    events = latest_events(session, round_id, limit=MAX_EVENTS)
    facts = stored_round(session, slug)
    return Affairs(
        facts=facts,
        health=health_of(session, round_id),
        truth_report=row.truth_report,
        selftest=row.selftest or (),
        split_commitment=None if row.split_seed is None else seed_commitment(row.split_seed),
        seed_warning=seed_warning(facts, now),
        join_code=row.join_code,
        is_under_way=has_entries(session, round_id=round_id),
        entries=entries_of_round(session, round_id),
        appeals=appeals_of_round(session, round_id),
        participations=participations_of_round(session, round_id),
        organizers=organizers_of_round(session, round_id),
        questions=questions_of(session, round_id),
        announcements=told_of(session, round_id)[0],
        unfinished=unfinished_of(session, round_id, limit=MAX_UNFINISHED),
        events=events,
        event_names=names_in(session, events),
        same_files=same_files_of(session, round_id, limit=MAX_SAME_FILES),
        same_figures=same_figures_of(session, round_id, limit=MAX_SAME_FILES),
    )
