"""/forgot, /reset/{secret} and /verify/{secret}: what is done by links in mail."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import quote

from fastapi import Form
from starlette.responses import Response

from server.doors import spend_mail
from server.errors import ServerError, WeakPassword, status_of
from server.routers import page_router
from server.services.password_reset import ask_for_reset, check_reset_link, reset_password
from server.services.verification import check_verify_link, verify
from server.web.accounts import EMAIL, NEW_PASSWORD, PASSWORD_RULE
from server.web.fields import Field, Problem, filled, problem_of
from server.web.pages import render_page
from server.web.visits import Visit, VisitDep, go_to

router = page_router()

Text = Annotated[str, Form()]

# Longer than either answer takes to find, so that the time does not tell whether an account exists.
FORGOT_SECONDS = 0.25

_NOT_KEPT = {"Cache-Control": "no-store"}


@dataclass(frozen=True, kw_only=True, slots=True)
class ForgotPage:
    """The form for who has forgotten their password, and what was done."""

    title: str
    is_done: bool
    problem: Problem | None
    email: Field


@dataclass(frozen=True, kw_only=True, slots=True)
class ResetPage:
    """The form for a new password."""

    title: str
    address: str
    password: Field
    password_rule: str


@dataclass(frozen=True, kw_only=True, slots=True)
class VerifyPage:
    """A button, so that a program which only looks at links verifies nothing."""

    title: str
    address: str
    email: str
    is_done: bool


@router.get("/forgot")
def forgot_form(visit: VisitDep) -> Response:
    return _forgot_page(visit)


@router.post("/forgot")
def forgot_sent(visit: VisitDep, email: Text = "") -> Response:
    ends = time.monotonic() + FORGOT_SECONDS
    try:
        spend_mail(visit.request, email)
        ask_for_reset(visit.deployment.database, email=email, now=visit.now)
    except ServerError as error:
        return _forgot_page(visit, email=email, error=error)
    time.sleep(max(0.0, ends - time.monotonic()))
    return _forgot_page(visit, is_done=True)


@router.get("/reset/{secret}")
def reset_form(secret: str, visit: VisitDep) -> Response:
    check_reset_link(visit.deployment.database, secret, now=visit.now)
    return _reset_page(visit, secret)


@router.post("/reset/{secret}")
def reset_sent(secret: str, visit: VisitDep, password: Text = "") -> Response:
    try:
        reset_password(visit.deployment.database, secret=secret, password=password, now=visit.now)
    except WeakPassword as error:
        check_reset_link(visit.deployment.database, secret, now=visit.now)
        return _reset_page(visit, secret, error=error)
    return go_to("/log-in?next=/me")


@router.get("/verify/{secret}")
def verify_form(secret: str, visit: VisitDep) -> Response:
    email = check_verify_link(visit.deployment.database, secret, now=visit.now)
    return _verify_page(visit, secret, email=email, is_done=False)


@router.post("/verify/{secret}")
def verify_sent(secret: str, visit: VisitDep) -> Response:
    email = check_verify_link(visit.deployment.database, secret, now=visit.now)
    verify(visit.deployment.database, secret, now=visit.now)
    return _verify_page(visit, secret, email=email, is_done=True)


def _forgot_page(visit: Visit, *, email: str = "", error: ServerError | None = None, is_done: bool = False) -> Response:
    page = ForgotPage(
        title="A new password",
        is_done=is_done,
        problem=problem_of(error),
        email=filled(EMAIL, value=email, error=None),
    )
    return render_page(visit.request, "forgot.html", page, viewer=visit.viewer, status=_status(error))


def _reset_page(visit: Visit, secret: str, *, error: ServerError | None = None) -> Response:
    page = ResetPage(
        title="A new password",
        address=f"/reset/{quote(secret, safe='')}",
        password=filled(NEW_PASSWORD, value="", error=error),
        password_rule=PASSWORD_RULE,
    )
    return render_page(visit.request, "reset.html", page, viewer=visit.viewer, status=_status(error), headers=_NOT_KEPT)


def _verify_page(visit: Visit, secret: str, *, email: str, is_done: bool) -> Response:
    page = VerifyPage(
        title="Verify your address", address=f"/verify/{quote(secret, safe='')}", email=email, is_done=is_done
    )
    return render_page(visit.request, "verify.html", page, viewer=visit.viewer, headers=_NOT_KEPT)


def _status(error: ServerError | None) -> int:
    return 200 if error is None else status_of(error)
