"""/entries/{id}/details: what a team says of a method that it has sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import Form, Path
from starlette.responses import Response

from leaderboard.numbers import shown_name
from server.errors import InvalidDetail, NotPossible, ServerError, status_of
from server.organizing_errors import InvalidText
from server.routers import page_router
from server.services.entry_details import read_details
from server.services.own_entries import OwnEntry, describe_entry, entry_to_describe
from server.services.policy_values import shown_digest
from server.web.fields import Problem, problem_of
from server.web.pages import render_page
from server.web.visits import Visit, VisitDep, first_to, go_to

router = page_router()

EntryId = Annotated[int, Path(ge=1, le=2**62)]
Text = Annotated[str, Form()]

_FIELDS = ("description", "paper", "code", "anonymous", "not_competing")


@dataclass(frozen=True, kw_only=True, slots=True)
class DetailsPage:
    """The form, as the method is described or as it was filled in."""

    title: str
    entry_id: int
    slug: str
    round_title: str
    method: str
    track: str
    description: str
    paper: str
    code: str
    is_anonymous: bool
    is_not_competing: bool
    can_be_anonymous: bool
    is_open: bool  # whether these may change
    shown: str  # digests of what the fields hold, for the form to send along
    was_saved: bool
    problem: Problem | None


@router.get("/entries/{entry_id}/details")
def details_form(entry_id: EntryId, visit: VisitDep, saved: str = "") -> Response:
    if visit.viewer.is_anonymous:
        return first_to("/log-in", visit)
    return _page(entry_id, visit, was_saved=bool(saved))


@router.post("/entries/{entry_id}/details")
def details_sent(
    entry_id: EntryId, visit: VisitDep, *, description: Text = "", paper: Text = "", code: Text = "",
    anonymous: Text = "", not_competing: Text = "", ticks: Text = "", shown: Text = "",
) -> Response:  # fmt: skip
    fields = {"description": description.replace("\r\n", "\n"), "paper": paper, "code": code}
    if ticks:  # a box without a tick is not sent: the form says that it has shown them
        fields |= {"anonymous": anonymous, "not_competing": not_competing}
    fields = _touched(fields, shown)
    try:
        describe_entry(
            visit.deployment.database, visit.viewer, entry_id=entry_id, details=read_details(fields), now=visit.now
        )
    except (InvalidDetail, InvalidText, NotPossible) as error:
        return _page(entry_id, visit, error=error, fields=fields)
    return go_to(f"/entries/{entry_id}/details?saved=true")


def _touched(fields: Mapping[str, str], shown: str) -> dict[str, str]:
    """What the sender changed: a page that was open for long must not undo what a colleague has said meanwhile."""
    digests = dict(zip(_FIELDS, shown.split(","), strict=False))
    return {name: text for name, text in fields.items() if shown_digest(text) != digests.get(name)}


def _shown(found: OwnEntry) -> str:
    ticks = ("true" if is_ticked else "" for is_ticked in (found.is_anonymous, not found.is_competing))
    return ",".join(shown_digest(text) for text in (found.description, found.paper_url, found.code_url, *ticks))


def _page(
    entry_id: int, visit: Visit, *, error: ServerError | None = None, fields: Mapping[str, str] | None = None,
    was_saved: bool = False,
) -> Response:  # fmt: skip
    with visit.deployment.database.read() as session:
        found = entry_to_describe(session, visit.viewer, entry_id, now=visit.now)
    said = fields or {}
    page = DetailsPage(
        title="Say more about the method",
        entry_id=entry_id,
        slug=found.round_slug,
        round_title=found.round_title,
        method=shown_name(found.method),
        track=found.track,
        description=said.get("description", found.description),
        paper=said.get("paper", found.paper_url),
        code=said.get("code", found.code_url),
        is_anonymous=bool(said["anonymous"]) if "anonymous" in said else found.is_anonymous,
        is_not_competing=bool(said["not_competing"]) if "not_competing" in said else not found.is_competing,
        can_be_anonymous=found.can_be_anonymous,
        is_open=found.is_open,
        shown=_shown(found),
        was_saved=was_saved,
        problem=problem_of(error),
    )
    status = 200 if error is None else status_of(error)
    return render_page(visit.request, "entry_details.html", page, viewer=visit.viewer, status=status)
