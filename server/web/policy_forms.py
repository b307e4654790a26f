"""/organize/{slug}/policy: every key of a round's policy, with what it means and what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from scoring.faults import FaultLog
from scoring.tasks import find_task
from server.errors import ServerError, status_of
from server.organizing_errors import InvalidText, PolicyRefused
from server.services.policy_changes import change_policy, refused
from server.services.policy_values import KINDS, Kind, text_of, value_of, value_of_text
from server.services.round_affairs import Affairs, affairs_of
from server.services.rounds import RoundFacts
from server.services.time_zones import find_zone, zone_names
from server.web.draft_pages import OpenForm, open_form
from server.web.fields import Problem, fault_sentence
from server.web.pages import render_page
from server.web.policy_words import GROUPS, Words, note_hint
from server.web.visits import Visit, VisitDep, first_to, go_to

router = APIRouter()


@dataclass(frozen=True, kw_only=True, slots=True)
class PolicyField:
    """One key of the policy in a form."""

    key: str
    label: str
    kind: Kind
    hint: str
    choices: tuple[str, ...]
    value: str
    fault: str


@dataclass(frozen=True, kw_only=True, slots=True)
class PolicyGroup:
    """Keys that belong together: one form."""

    name: str
    title: str
    keys: str  # which the form is about, with commas
    note_hint: str
    fields: tuple[PolicyField, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class PolicyPage:
    """The whole policy."""

    title: str
    slug: str
    round_title: str
    note: str
    problem: Problem | None
    draft: OpenForm | None  # of a draft: it can be opened from here
    groups: tuple[PolicyGroup, ...]
    zones: tuple[str, ...]  # to choose from


@router.get("/organize/{slug}/policy")
def policy_form(slug: str, visit: VisitDep) -> Response:
    if visit.viewer.is_anonymous:
        return first_to("/log-in", visit)
    return _page(slug, visit)


@router.post("/organize/{slug}/policy")
async def policy_sent(slug: str, visit: VisitDep) -> Response:
    form = await visit.request.form(max_files=0)
    sent = {key: value for key, value in form.items() if isinstance(value, str)}
    return await run_in_threadpool(_change, slug, visit, sent=sent)


def _change(slug: str, visit: Visit, *, sent: Mapping[str, str]) -> Response:
    with visit.deployment.database.read() as session:
        facts = affairs_of(session, visit.viewer, slug=slug, now=visit.now).facts
    try:
        change_policy(
            visit.deployment,
            visit.viewer,
            slug=slug,
            changes=_changes(facts, sent),
            note=sent.get("note", ""),
            now=visit.now,
        )
    except (PolicyRefused, InvalidText) as error:
        return _page(slug, visit, sent=sent, error=error)
    return go_to(f"/organize/{slug}/policy?saved=true")


def _changes(facts: RoundFacts, sent: Mapping[str, str]) -> dict[str, Any]:
    """What the form says otherwise than the policy does now.

    Raises:
        PolicyRefused: it names times that there are not.
    """
    texts = {key: sent.get(key, "").replace("\r\n", "\n") for key in sent.get("keys", "").split(",") if key in KINDS}
    shown, faults = _zone(facts.policy.time_zone), FaultLog()
    meant = _zone(texts.get("time_zone", facts.policy.time_zone).strip())
    changes = {
        key: value_of_text(key, text, zone=meant, faults=faults)
        for key, text in texts.items()
        if text != text_of(key, value_of(facts.policy, key), zone=shown) or (KINDS[key] == "time" and meant != shown)
    }
    if faults:
        raise refused(faults)
    return changes


def _zone(name: str) -> ZoneInfo:
    """The zone of this name; where there is none, UTC, as the policy's reader refuses the name."""
    return find_zone(name) or ZoneInfo("UTC")


def _page(
    slug: str, visit: Visit, *, sent: Mapping[str, str] | None = None, error: ServerError | None = None
) -> Response:
    with visit.deployment.database.read() as session:
        affairs = affairs_of(session, visit.viewer, slug=slug, now=visit.now)
    policy = affairs.facts.policy
    values = {key: text_of(key, value_of(policy, key), zone=_zone(policy.time_zone)) for key in KINDS}
    sent = sent or {}
    values |= {key: sent.get(key, "") for key in sent.get("keys", "").split(",") if key in values}
    page = PolicyPage(
        title=f"Policy of {affairs.facts.title}",
        slug=slug,
        round_title=affairs.facts.title,
        note=sent.get("note", ""),
        problem=None if error is None else Problem(message=_message(error), advice=error.advice_given),
        draft=open_form(affairs) if affairs.facts.is_draft else None,
        groups=tuple(
            PolicyGroup(
                name=name,
                title=title,
                keys=",".join(words.key for words in group),
                note_hint=note_hint(name),
                fields=tuple(_field(words, affairs, values=values, faults=_faults(error)) for words in group),
            )
            for name, title, group in GROUPS
        ),
        zones=zone_names(),
    )
    status = 200 if error is None else status_of(error)
    return render_page(visit.request, "policy.html", page, viewer=visit.viewer, status=status)


def _message(error: ServerError) -> str:
    return "Nothing was changed. The faults stand at their fields." if _faults(error) else error.message


def _faults(error: ServerError | None) -> dict[str, str]:
    """What is wrong, by key."""
    told = [] if error is None else error.details.get("faults", [])
    return {fault["key"]: fault_sentence(fault) for fault in told}


def _field(words: Words, affairs: Affairs, *, values: Mapping[str, str], faults: Mapping[str, str]) -> PolicyField:
    task = find_task(affairs.facts.task)
    choices = tuple(metric.name for metric in task.metrics) if words.key == "best_by" else words.choices
    return PolicyField(
        key=words.key,
        label=words.label,
        kind=KINDS[words.key],
        hint=words.hint,
        choices=choices,
        value=values[words.key],
        fault=faults.get(words.key, ""),
    )
