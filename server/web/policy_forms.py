"""/organize/{slug}/policy: every key of a round's policy, with what it means and what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from server.auth.permissions import Action
from server.errors import ServerError, status_of
from server.organizing_errors import AnnouncedAlready, InvalidText, PolicyOvertaken, PolicyRefused
from server.routers import page_router
from server.services.organizing import organized_round
from server.services.policy_changes import change_policy
from server.services.policy_values import KINDS, Kind, shown_digest, texts_of
from server.services.round_affairs import affairs_of
from server.services.round_metrics import metrics_of_round
from server.services.rounds import policy_of
from server.services.time_zones import zone_names
from server.web.draft_pages import OpenForm, open_form
from server.web.fields import Problem, fault_sentence, problem_of
from server.web.pages import render_page
from server.web.policy_sent import SentPolicy, read_sent
from server.web.policy_words import GROUPS, Words, note_hint
from server.web.visits import Visit, VisitDep, first_to, go_to

router = page_router()


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
    now: str | None  # of a text, where somebody else has changed it meanwhile


@dataclass(frozen=True, kw_only=True, slots=True)
class PolicyGroup:
    """Keys that belong together: one form."""

    name: str
    title: str
    keys: str  # which the form is about, with commas
    shown: str  # digests of what the policy says under them, in their order
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
    sent = read_sent({key: value for key, value in form.items() if isinstance(value, str)})
    return await run_in_threadpool(_change, slug, visit, sent=sent)


def _change(slug: str, visit: Visit, *, sent: SentPolicy) -> Response:
    with visit.deployment.database.read() as session:
        organized = organized_round(session, visit.viewer, slug, action=Action.ORGANIZE_ROUND, now=visit.now)
        policy = policy_of(organized.row)
    try:
        change_policy(
            visit.deployment,
            visit.viewer,
            slug=slug,
            changes=sent.changes(policy),
            relied_on=sent.relied_on(policy),
            note=sent.note,
            now=visit.now,
        )
    except (PolicyRefused, PolicyOvertaken, AnnouncedAlready, InvalidText) as error:
        return _page(slug, visit, sent=sent, error=error)
    return go_to(f"/organize/{slug}/policy?saved=true")


def _page(slug: str, visit: Visit, *, sent: SentPolicy | None = None, error: ServerError | None = None) -> Response:
    """The policy as it is; after a refusal, with what its sender changed."""
    with visit.deployment.database.read() as session:
        affairs = affairs_of(session, visit.viewer, slug=slug, now=visit.now)
    policy = affairs.facts.policy
    says = texts_of(policy)
    values = says if sent is None else says | sent.touched(policy)
    metrics = tuple(metric.name for metric in metrics_of_round(affairs.facts, visit.deployment.folders))
    page = PolicyPage(
        title=f"Policy of {affairs.facts.title}",
        slug=slug,
        round_title=affairs.facts.title,
        note="" if sent is None else sent.note,
        problem=_problem(error),
        draft=open_form(affairs) if affairs.facts.is_draft else None,
        groups=tuple(
            PolicyGroup(
                name=name,
                title=title,
                keys=",".join(words.key for words in group),
                shown=",".join(shown_digest(says[words.key]) for words in group),
                note_hint=note_hint(name),
                fields=tuple(_field(words, metrics, values=values, error=error) for words in group),
            )
            for name, title, group in GROUPS
        ),
        zones=zone_names(),
    )
    status = 200 if error is None else status_of(error)
    return render_page(visit.request, "policy.html", page, viewer=visit.viewer, status=status)


def _problem(error: ServerError | None) -> Problem | None:
    if isinstance(error, PolicyRefused) and _faults(error):
        return Problem(message="Nothing was changed. The faults stand at their fields.", advice=error.advice)
    return problem_of(error)


def _faults(error: ServerError | None) -> dict[str, Mapping[str, Any]]:
    """What is wrong, by key."""
    told = [] if error is None else error.details.get("faults", [])
    return {fault["key"]: fault for fault in told}


def _field(
    words: Words, metrics: tuple[str, ...], *, values: Mapping[str, str], error: ServerError | None
) -> PolicyField:
    fault, kind = _faults(error).get(words.key), KINDS[words.key]
    return PolicyField(
        key=words.key,
        label=words.label,
        kind=kind,
        hint=words.hint,
        choices=metrics if words.key == "best_by" else words.choices,
        value=values[words.key],
        fault="" if fault is None else fault_sentence(fault),
        now=fault["now"] if fault is not None and kind == "text" and "now" in fault else None,
    )
