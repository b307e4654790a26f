"""/join/{secret}: where an invitation leads, with an account or without."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import quote

from fastapi import Form
from starlette.responses import Response

from server.errors import ServerError, status_of
from server.routers import page_router
from server.services.invitations import Invited, invited_to
from server.services.memberships import join, join_as_new_person
from server.web.accounts import EMAIL, NAME, NEW_PASSWORD, PASSWORD_RULE, logged_in
from server.web.fields import Field, Problem, filled, problem_of
from server.web.moments import Moment, moment
from server.web.pages import render_page
from server.web.visits import Visit, VisitDep, go_to

router = page_router()

Text = Annotated[str, Form()]


@dataclass(frozen=True, kw_only=True, slots=True)
class JoinPage:
    """An invitation, with the form for who has no account yet."""

    title: str
    address: str  # of this page
    log_in: str  # which leads back here
    team: str
    made_by: str
    ends: Moment
    person: str  # who would join; "" where nobody is logged in
    problem: Problem | None
    name: Field
    email: Field
    password: Field
    password_rule: str


@router.get("/join/{secret}")
def invitation(secret: str, visit: VisitDep) -> Response:
    return _page(visit, secret)


@router.post("/join/{secret}")
def joined(*, secret: str, visit: VisitDep, name: Text = "", email: Text = "", password: Text = "") -> Response:
    invited = invited_to(visit.deployment.database, secret, now=visit.now)
    towards = f"/teams/{invited.team_id}"
    try:
        if not visit.viewer.is_anonymous:
            join(visit.deployment.database, visit.viewer, secret=secret, now=visit.now)
            return go_to(towards)
        viewer = join_as_new_person(
            visit.deployment.database, secret=secret, name=name, email=email, password=password, now=visit.now
        )
    except ServerError as error:
        return _page(visit, secret, name=name, email=email, error=error)
    return logged_in(visit, viewer, towards=towards)


def _page(visit: Visit, secret: str, *, name: str = "", email: str = "", error: ServerError | None = None) -> Response:
    invited: Invited = invited_to(visit.deployment.database, secret, now=visit.now)
    address = f"/join/{quote(secret, safe='')}"
    page = JoinPage(
        title=f"Join {invited.team}",
        address=address,
        log_in=f"/log-in?next={address}",
        team=invited.team,
        made_by=invited.made_by,
        ends=moment(invited.expires_at, visit.now),
        person=visit.viewer.person_name or "",
        problem=None if error is not None and "field" in error.details else problem_of(error),
        name=filled(NAME, value=name, error=error),
        email=filled(EMAIL, value=email, error=error),
        password=filled(NEW_PASSWORD, value="", error=error),
        password_rule=PASSWORD_RULE,
    )
    status = 200 if error is None else status_of(error)
    headers = {"Cache-Control": "no-store"}  # the address is a secret
    return render_page(visit.request, "join.html", page, viewer=visit.viewer, status=status, headers=headers)
