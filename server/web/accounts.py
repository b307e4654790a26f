"""/sign-up, /log-in, /log-out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Form
from starlette.responses import Response

from server.auth.cookies import clear_session_cookie, set_session_cookie
from server.auth.passwords import MAX_PASSWORD_CHARACTERS, MIN_PASSWORD_CHARACTERS
from server.auth.viewer import Viewer
from server.doors import log_in_limited, session_secret
from server.errors import ServerError, status_of
from server.routers import page_router
from server.services.accounts import end_session, sign_up, start_session
from server.web.fields import Field, Problem, filled, local_path, problem_of
from server.web.pages import render_page
from server.web.visits import Visit, VisitDep, go_to

router = page_router()

Text = Annotated[str, Form()]

NAME = Field(name="name", label="Your name", autocomplete="name")
EMAIL = Field(name="email", label="E-mail", kind="email", autocomplete="username", max_characters=254)
PASSWORD_RULE = f"At least {MIN_PASSWORD_CHARACTERS} characters. A few words in a row are fine."
_TEAM = Field(name="team", label="Team name", autocomplete="organization")
NEW_PASSWORD = Field(
    name="password",
    label="Password",
    kind="password",
    autocomplete="new-password",
    max_characters=MAX_PASSWORD_CHARACTERS,
)
_PASSWORD = Field(
    name="password",
    label="Password",
    kind="password",
    autocomplete="current-password",
    max_characters=MAX_PASSWORD_CHARACTERS,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class SignUpPage:
    """The form for a person and a team."""

    title: str
    next: str  # where the form leads
    towards: str  # the same in words; "" for the list of rounds
    problem: Problem | None
    name: Field
    email: Field
    password: Field
    password_rule: str
    team: Field


@dataclass(frozen=True, kw_only=True, slots=True)
class LogInPage:
    """The form for those who have an account."""

    title: str
    next: str
    towards: str
    problem: Problem | None
    email: Field
    password: Field


@router.get("/sign-up")
def sign_up_form(visit: VisitDep, next: str = "/") -> Response:  # noqa: A002 - as in the address
    if not visit.viewer.is_anonymous:
        return go_to(local_path(next))
    return _sign_up_page(visit, towards=next)


@router.post("/sign-up")
def sign_up_sent(
    *,
    visit: VisitDep,
    name: Text = "",
    email: Text = "",
    password: Text = "",
    team: Text = "",
    next: Text = "/",  # noqa: A002 - the field's name
) -> Response:
    try:
        made = sign_up(visit.deployment.database, name=name, email=email, password=password, team=team, now=visit.now)
    except ServerError as error:
        return _sign_up_page(visit, towards=next, name=name, email=email, team=team, error=error)
    return logged_in(visit, made.viewer, towards=next)


@router.get("/log-in")
def log_in_form(visit: VisitDep, next: str = "/") -> Response:  # noqa: A002 - as in the address
    if not visit.viewer.is_anonymous:
        return go_to(local_path(next))
    return _log_in_page(visit, towards=next)


@router.post("/log-in")
def log_in_sent(
    *,
    visit: VisitDep,
    email: Text = "",
    password: Text = "",
    next: Text = "/",  # noqa: A002 - the field's name
) -> Response:
    try:
        viewer = log_in_limited(visit.request, email=email, password=password)
    except ServerError as error:
        return _log_in_page(visit, towards=next, email=email, error=error)
    return logged_in(visit, viewer, towards=next)


@router.post("/log-out")
def log_out(visit: VisitDep) -> Response:
    secret = session_secret(visit.request)
    if secret is not None:
        end_session(visit.deployment.database, secret)
    response = go_to("/")
    clear_session_cookie(response, secure=visit.deployment.settings.secure_cookies)
    return response


def logged_in(visit: Visit, viewer: Viewer, *, towards: str) -> Response:
    """Start a session of somebody who has just proved who they are, and lead them on."""
    secret = start_session(visit.deployment.database, viewer, now=visit.now)
    response = go_to(local_path(towards))
    set_session_cookie(response, secret=secret, secure=visit.deployment.settings.secure_cookies)
    return response


def _sign_up_page(
    visit: Visit,
    *,
    towards: str,
    name: str = "",
    email: str = "",
    team: str = "",
    error: ServerError | None = None,
) -> Response:
    page = SignUpPage(
        title="Sign up",
        next=local_path(towards),
        towards=_in_words(local_path(towards)),
        problem=None if error is not None and "field" in error.details else problem_of(error),
        name=filled(NAME, value=name, error=error),
        email=filled(EMAIL, value=email, error=error),
        password=filled(NEW_PASSWORD, value="", error=error),
        password_rule=PASSWORD_RULE,
        team=filled(_TEAM, value=team, error=error),
    )
    return render_page(visit.request, "sign_up.html", page, viewer=Viewer(), status=_status(error))


def _log_in_page(visit: Visit, *, towards: str, email: str = "", error: ServerError | None = None) -> Response:
    page = LogInPage(
        title="Log in",
        next=local_path(towards),
        towards=_in_words(local_path(towards)),
        problem=problem_of(error),
        email=filled(EMAIL, value=email, error=None),
        password=filled(_PASSWORD, value="", error=None),
    )
    return render_page(visit.request, "log_in.html", page, viewer=Viewer(), status=_status(error))


def _status(error: ServerError | None) -> int:
    return 200 if error is None else status_of(error)


def _in_words(path: str) -> str:
    if path.startswith("/rounds/") and path.endswith("/submit"):
        return "send your predictions"
    if path.startswith("/join/"):
        return "join the team"
    return "your team's page" if path == "/me" else ""
