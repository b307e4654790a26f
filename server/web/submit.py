"""/rounds/{slug}/submit: one form for one file."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from scoring.tasks import find_task
from server.errors import DuplicateFile, IdempotencyConflict, InvalidName, ServerError, status_of
from server.routers import page_router
from server.services.entry_details import read_details
from server.services.quotas import QuotaState
from server.services.receiving import begin_team_upload
from server.services.rounds import RoundFacts, find_round
from server.services.rules_acceptance import rules_to_accept
from server.services.spending import read_quota
from server.services.submissions import submissions_of_team
from server.services.tokens import require_acting_for
from server.uploads import Sent, discarding, take_file
from server.web.fields import Problem, problem_of
from server.web.moments import distance, moment
from server.web.obstacles import Obstacle, obstacle
from server.web.pages import render_page
from server.web.round_dates import RoundDate, close_date
from server.web.visits import Visit, VisitDep, first_to, go_to
from server.web.wording import counted

router = page_router()

MAX_KEY_CHARACTERS = 100


class Fact(NamedTuple):
    """A label with its value."""

    label: str
    value: str
    more: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class DetailFields:
    """What may be said of the method, as it was filled in before."""

    tracks: tuple[str, ...]
    track: str
    description: str
    paper: str
    code: str
    is_anonymous: bool
    is_not_competing: bool
    can_be_anonymous: bool  # whether there is something to reveal later
    is_open: bool  # whether anything was filled in


@dataclass(frozen=True, kw_only=True, slots=True)
class SubmitPage:
    """The form, or why there is none."""

    title: str
    slug: str
    round_title: str
    team: str
    team_id: int | None  # sent with the form: whom it names, it is sent for
    sentence: str
    quota: tuple[Fact, ...]
    closes: RoundDate
    max_upload_bytes: int
    obstacle: Obstacle | None  # why there is no form
    key: str  # makes pressing the button twice one submission
    method: str
    details: DetailFields
    method_invalid: str  # "true" or "false", as the attribute has it
    methods: tuple[str, ...]  # the team's methods in this round so far
    has_rules: bool
    has_terms: bool  # on the data page
    rules_digest: str  # the version to be accepted with this form; "" where there is nothing to accept
    problem: Problem | None
    asks_again: bool  # whether the same bytes were sent before


@dataclass(frozen=True, kw_only=True, slots=True)
class _Attempt:
    """What was sent and why it was not accepted."""

    error: ServerError | None = None
    fields: Mapping[str, str] = field(default_factory=dict)


@router.get("/rounds/{slug}/submit")
def submit_form(slug: str, visit: VisitDep) -> Response:
    if visit.viewer.is_anonymous:
        return first_to("/sign-up", visit)
    return _form(slug, visit, attempt=_Attempt())


@router.post("/rounds/{slug}/submit")
async def submit_sent(slug: str, visit: VisitDep, *, key: str = "", team: int | None = None) -> Response:
    viewer, now = visit.viewer, visit.now
    if viewer.is_anonymous:
        return first_to("/sign-up", visit)
    sent = Sent()
    try:
        require_acting_for(viewer, team)  # known by the address: nobody sends a gigabyte in vain
        upload = await run_in_threadpool(
            begin_team_upload,
            visit.deployment,
            viewer,
            slug=slug,
            now=now,
            idempotency_key=key[:MAX_KEY_CHARACTERS] or None,
        )
        async with discarding(upload):
            sent = await take_file(visit.request, upload)
            receipt = await run_in_threadpool(
                upload.finish,
                method=sent.fields.get("method", ""),
                details=read_details({name: text for name, text in sent.fields.items() if text}),  # blank: as before
                file_name=sent.file_name,
                again=sent.fields.get("again", "") == "true",
                accepted_rules=sent.fields.get("accept_rules", "")[:MAX_KEY_CHARACTERS],
                now=now,
            )
    except ServerError as error:
        attempt = _Attempt(error=error, fields=sent.fields)
        return await run_in_threadpool(_form, slug, visit, attempt=attempt)
    return go_to(f"/submissions/{receipt.id}")


def _form(slug: str, visit: Visit, *, attempt: _Attempt) -> Response:
    viewer, now = visit.viewer, visit.now
    with visit.deployment.database.read() as session:
        facts = find_round(session, slug, viewer)
        quota, methods = None, dict[str, None]()
        rules_due = rules_to_accept(session, facts, person_id=viewer.person_id)
        if viewer.team_id is not None:
            quota = read_quota(session, facts, team_id=viewer.team_id, now=now)
            earlier = submissions_of_team(session, team_id=viewer.team_id, viewer=viewer, now=now, slug=slug)
            methods = dict.fromkeys(facts.method for facts in earlier)
        hindered = obstacle(session, facts, viewer, quota=quota, now=now)
    error = attempt.error
    page = SubmitPage(
        title="Submit predictions",
        slug=slug,
        round_title=facts.title,
        team=viewer.team_name or viewer.person_name or "",
        team_id=viewer.team_id,
        sentence=find_task(facts.task).sentence,
        quota=() if quota is None else _quota_facts(quota, now),
        closes=close_date(facts, now),
        max_upload_bytes=facts.policy.max_upload_bytes,
        obstacle=hindered,
        key=uuid.uuid4().hex,
        method=attempt.fields.get("method", "")[:200],
        details=_details(attempt.fields, facts),
        method_invalid="true" if isinstance(error, InvalidName) else "false",
        methods=tuple(methods),
        has_rules=facts.policy.rules is not None,
        has_terms=facts.policy.has_data_terms,
        rules_digest=rules_due or "",
        problem=_problem(error),
        asks_again=isinstance(error, DuplicateFile),
    )
    return render_page(
        visit.request, "submit.html", page, viewer=viewer, status=200 if error is None else status_of(error)
    )


def _details(fields: Mapping[str, str], facts: RoundFacts) -> DetailFields:
    texts = {name: fields.get(name, "")[:5000] for name in ("track", "description", "paper", "code")}
    ticks = {name: fields.get(name, "") == "true" for name in ("anonymous", "not_competing")}
    return DetailFields(
        tracks=facts.policy.tracks,
        track=texts["track"],
        description=texts["description"],
        paper=texts["paper"],
        code=texts["code"],
        is_anonymous=ticks["anonymous"],
        is_not_competing=ticks["not_competing"],
        can_be_anonymous=facts.policy.closes is not None,
        is_open=any(texts.values()) or any(ticks.values()),
    )


def _problem(error: ServerError | None) -> Problem | None:
    if not isinstance(error, DuplicateFile | IdempotencyConflict):
        return problem_of(error)
    earlier, message = error.details.get("submission"), error.message
    advice = "Nothing was kept and nothing was charged. Tick the box below to send it again anyway."
    if isinstance(error, IdempotencyConflict):  # the browser went back to a form that was used
        message = "The form you went back to has sent another file or method before."
        advice = "Choose the file again: the form below is a new one."
    return Problem(
        message=message,
        advice=advice,
        address=f"/submissions/{earlier}",
        link=f"See submission {earlier}",
    )


def _quota_facts(quota: QuotaState, now: datetime) -> tuple[Fact, ...]:
    if quota.remaining is None:
        return (Fact("Submissions left", "no limit"),)
    facts = [Fact("Submissions left now", str(quota.remaining))]
    if quota.per_day is not None:
        facts.append(
            Fact("Today, UTC", f"{quota.spent_today} of {quota.per_day} used", _reset(quota.day_resets_at, quota, now))
        )
    if quota.per_week is not None:
        used = f"{quota.spent_this_week} of {quota.per_week} used"
        facts.append(Fact("This week, from Monday, UTC", used, _reset(quota.week_resets_at, quota, now)))
    if quota.total is not None:
        facts.append(Fact("In all", f"{quota.spent_total} of {counted(quota.total, 'submission')} used"))
    return tuple(facts)


def _reset(at: datetime | None, quota: QuotaState, now: datetime) -> str:
    """When the count of a day or a week starts again; "" where no more is left in all than now."""
    if at is None:
        return "no reset before the close"
    return "" if quota.resets_at is None else f"next reset {distance(at, now)}, on {moment(at, now).text}"
