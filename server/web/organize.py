"""/organize: the rounds that are the viewer's to run; /organize/{slug}: one of them, from its truth to its log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from starlette.responses import Response

from leaderboard.policy import is_revealed
from scoring.tasks import find_task
from server.db.organizing import Health
from server.downloads import zip_answer
from server.errors import ServerError, status_of
from server.routers import page_router
from server.services.admission import join_path
from server.services.drafts import may_create
from server.services.pauses import next_close
from server.services.policy_refusals import goes_on_with_note_alone
from server.services.round_affairs import Affairs, affairs_of, organized_rounds
from server.services.round_exports import export_zip
from server.services.rounds import RoundFacts, RoundState
from server.services.time_zones import shown_on, zone_names, zone_or_utc
from server.web.draft_pages import draft_page
from server.web.event_lines import EventLine, event_lines
from server.web.fields import Problem, problem_of
from server.web.moments import Moment, optional_moment
from server.web.organizing_lines import (
    AppealLine,
    EntryLine,
    OrganizerLine,
    PairLine,
    QuestionLine,
    TeamLine,
    UnfinishedLine,
    appeal_lines,
    entry_lines,
    organizer_lines,
    pair_lines,
    question_lines,
    team_lines,
    truth_facts,
    unfinished_lines,
    waiting_words,
)
from server.web.pages import render_page
from server.web.round_dates import RoundDate, freeze_dates
from server.web.rounds import AnnouncementLine, announcement_lines
from server.web.submit import Fact
from server.web.visits import Visit, VisitDep, first_to
from server.web.wording import close_tells, pause_note, quota_rule, reveal_tells, rows_rule

router = page_router()

# Longer lists wait behind a click: the page is for acting, and what follows them must be in reach.
_SHORT_LIST = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class OrganizedLine:
    """One round in the list, with how it is doing."""

    slug: str
    title: str
    state: RoundState | Literal["draft"]
    health: Health
    waiting: str  # for its organizers: "1 question, 2 teams"; "" for nothing
    closes: Moment | None


@dataclass(frozen=True, kw_only=True, slots=True)
class OrganizePage:
    """The rounds that are the viewer's to run."""

    title: str
    can_create: bool
    rounds: tuple[OrganizedLine, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class NewClose:
    """The form that moves a round's close, as it is filled in."""

    closes: str
    time_zone: str  # on whose clocks


@dataclass(frozen=True, kw_only=True, slots=True)
class OrganizedRoundPage:
    """One round, as its organizers know it."""

    title: str
    slug: str
    task: str
    state: RoundState
    problem: Problem | None  # with what was done to its dates
    is_revealed: bool
    can_close: bool  # for good, where it is paused
    can_reveal: bool
    close_tells: str  # what everybody sees once it is closed
    reveal_tells: str  # and once it is revealed
    needs_note: bool  # for a new close: it goes by the form of the policy, which has a note
    health: Health
    opens: Moment | None
    freezes: tuple[RoundDate, ...]
    closes: Moment | None
    reveals: Moment | None
    new_close: NewClose
    pause_note: str  # what was scheduled before a pause, and what becomes of it; "" where it is not paused
    zones: tuple[str, ...]  # to choose from
    truth: tuple[Fact, ...]
    rules: tuple[str, ...]  # of the policy, in sentences
    split_commitment: str
    seed_warning: str  # "" where the seed cannot be guessed
    join_address: str  # with the code; "" for none
    entries: tuple[EntryLine, ...]
    appeals: tuple[AppealLine, ...]
    teams: tuple[TeamLine, ...]
    decided_count: int  # of those teams
    shows_lists: bool  # whether every entry and team is in sight at once
    organizers: tuple[OrganizerLine, ...]
    questions: tuple[QuestionLine, ...]
    announcements: tuple[AnnouncementLine, ...]
    unfinished: tuple[UnfinishedLine, ...]
    events: tuple[EventLine, ...]
    same_files: tuple[PairLine, ...]
    same_figures: tuple[PairLine, ...]  # of files that differ


@router.get("/organize")
def organize(visit: VisitDep) -> Response:
    if visit.viewer.is_anonymous:
        return first_to("/log-in", visit)
    with visit.deployment.database.read() as session:
        found = organized_rounds(session, visit.viewer)
    lines = tuple(
        OrganizedLine(
            slug=one.facts.slug,
            title=one.facts.title,
            state="draft" if one.facts.is_draft else one.facts.state(visit.now),
            health=one.health,
            waiting=waiting_words(one.waiting),
            closes=_next_or_last_close(one.facts, visit.now),
        )
        for one in found
    )
    page = OrganizePage(title="Organize", can_create=may_create(visit.viewer), rounds=lines)
    return render_page(visit.request, "organize.html", page, viewer=visit.viewer)


@router.get("/organize/{slug}")
def organized_round_page(slug: str, visit: VisitDep) -> Response:
    if visit.viewer.is_anonymous:
        return first_to("/log-in", visit)
    return render_organized(slug, visit)


def render_organized(
    slug: str, visit: Visit, *, sent: NewClose | None = None, error: ServerError | None = None
) -> Response:
    """The page of one round; after a step that was refused, with the reason and what was filled in."""
    with visit.deployment.database.read() as session:
        affairs = affairs_of(session, visit.viewer, slug=slug, now=visit.now)
    if affairs.facts.is_draft:
        if error is not None:  # of a form that a draft's page does not have
            raise error
        return render_page(visit.request, "organize_draft.html", draft_page(affairs, visit.now), viewer=visit.viewer)
    page = _page(affairs, visit.now, sent=sent, error=error)
    status = 200 if error is None else status_of(error)
    return render_page(visit.request, "organize_round.html", page, viewer=visit.viewer, status=status)


@router.get("/organize/{slug}/export.zip")
def export(slug: str, visit: VisitDep, *, files: bool = False) -> Response:
    if visit.viewer.is_anonymous:
        return first_to("/log-in", visit)
    pieces = export_zip(visit.deployment, visit.boards, visit.viewer, slug=slug, has_files=files, now=visit.now)
    return zip_answer(pieces, name=f"{slug}.zip")


def _next_or_last_close(facts: RoundFacts, now: datetime) -> Moment | None:
    """None where there is none, or a pause has put it off."""
    at = None if facts.state(now) == "paused" else facts.policy.closes
    return optional_moment(at, now, time_zone=facts.policy.time_zone)


def _new_close(facts: RoundFacts, now: datetime) -> NewClose:
    """The form as it comes: with the close as it is, or was before a pause, on the clocks of the round's own zone."""
    zone, closes = zone_or_utc(facts.policy.time_zone), facts.policy.closes
    if facts.kept_dates is not None and closes is not None:
        closes = next_close(facts.kept_dates, paused_at=closes, now=now)
    return NewClose(closes="" if closes is None else shown_on(closes, zone), time_zone=zone.key)


def _page(affairs: Affairs, now: datetime, *, sent: NewClose | None, error: ServerError | None) -> OrganizedRoundPage:
    facts, policy = affairs.facts, affairs.facts.policy
    state, revealed = facts.state(now), is_revealed(policy, now)
    return OrganizedRoundPage(
        title=facts.title,
        slug=facts.slug,
        task=find_task(facts.task).title,
        state=state,
        problem=problem_of(error, address="#dates", link="To the dates"),
        is_revealed=revealed,
        can_close=state in {"open", "paused"},
        can_reveal=state in {"paused", "closed"} and not revealed,
        close_tells=close_tells(facts),
        reveal_tells=reveal_tells(facts),
        needs_note=affairs.is_under_way and goes_on_with_note_alone(policy, now),
        health=affairs.health,
        opens=optional_moment(policy.opens, now, time_zone=policy.time_zone),
        freezes=freeze_dates(facts, now),
        closes=optional_moment(policy.closes, now, time_zone=policy.time_zone),
        reveals=optional_moment(facts.reveals_at(now), now, time_zone=policy.time_zone),
        new_close=sent or _new_close(facts, now),
        pause_note=pause_note(facts),
        zones=zone_names(),
        truth=truth_facts(affairs),
        rules=(rows_rule(facts), quota_rule(facts)),
        split_commitment=affairs.split_commitment or "",
        seed_warning=affairs.seed_warning,
        join_address="" if affairs.join_code is None else join_path(facts.slug, affairs.join_code),
        entries=entry_lines(affairs, now),
        appeals=appeal_lines(affairs, now),
        teams=(teams := team_lines(affairs, now)),
        decided_count=sum(not team.is_waiting for team in teams),
        shows_lists=max(len(affairs.entries), len(teams)) <= _SHORT_LIST,
        organizers=organizer_lines(affairs),
        questions=question_lines(affairs, now),
        announcements=announcement_lines(affairs.announcements, now),
        unfinished=unfinished_lines(affairs, now),
        events=event_lines(affairs, now),
        same_files=pair_lines(affairs.same_files),
        same_figures=pair_lines(affairs.same_figures),
    )
