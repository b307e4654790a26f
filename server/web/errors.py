"""Errors as pages: what happened, and the way on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from fastapi import Request
from starlette.responses import Response

from server.auth.viewer import Viewer
from server.errors import RoundNotFound
from server.people_errors import MailLinkNotFound, SecondTeam, TeamNotFound
from server.web.pages import render_page
from server.web.visits import page_of

NEEDS_LOG_IN = 401

_TITLES: Mapping[int, str] = {
    401: "Please log in",
    403: "Not allowed",
    404: "Not found",
    405: "Not done this way",
    408: "The upload stalled",
    409: "In conflict",
    413: "Too large",
    422: "Cannot be used",
    429: "Too much at once",
    503: "Not available just now",
    507: "No room left",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class ErrorPage:
    """One error."""

    title: str
    status: str  # "Error 404"
    message: str
    advice: str
    towards: str  # the page that a log-in leads back to; "" where it needs none
    incident: str  # an id to ask the organizers about; "" where there is none
    way_out: str  # an address
    way_out_label: str


def wants_html(request: Request) -> bool:
    """Whether an error goes to a person in front of a page rather than to a program."""
    if request.url.path.startswith("/api/"):
        return False
    return "text/html" in request.headers.get("accept", "")


def render_error(
    request: Request,
    *,
    status: int,
    code: str,
    message: str,
    advice: str,
    details: Mapping[str, Any] | None = None,
) -> Response:
    """The page of an error. It says who is logged in only if that is known: the database may be what is missing."""
    viewer: Viewer | None = getattr(request.state, "viewer", None)
    way_out, label = _way_out(request, status, code)
    page = ErrorPage(
        title=_TITLES.get(status, "Something went wrong"),
        status=f"Error {status}, {code}",
        message=message,
        advice=advice,
        towards=page_of(request) if status == NEEDS_LOG_IN else "",
        incident=str((details or {}).get("incident", "")),
        way_out=way_out,
        way_out_label=label,
    )
    return render_page(request, "error.html", page, viewer=viewer, status=status, headers={"Cache-Control": "no-store"})


def _way_out(request: Request, status: int, code: str) -> tuple[str, str]:
    if status == NEEDS_LOG_IN:
        return f"/log-in?next={quote(page_of(request))}", "Log in"
    path = request.url.path.split("/")
    if len(path) > 3 and path[1] in {"rounds", "organize"} and code != RoundNotFound.code:
        return "/".join(path[:3]), "Back to the round"
    if code == MailLinkNotFound.code and path[1] == "reset":
        return "/forgot", "Ask for a new link"
    if code in {TeamNotFound.code, SecondTeam.code, MailLinkNotFound.code}:
        return "/me", "See your account"
    if request.method != "GET" and status != 404 and (page := page_of(request)) != "/":
        return page, "Back to the page"
    return "/", "See the rounds"
