"""What every page needs to know of a request: who asks, when, and the server's parts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from urllib.parse import quote, urlencode

from fastapi import Depends, Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Match

from server.auth.viewer import Viewer
from server.deployment import Deployment
from server.doors import BoardsDep, DeploymentDep, NowDep, RankedBoardsDep, ViewerDep
from server.services.boards import Boards
from server.services.ranked_boards import RankedBoards
from server.web.fields import local_path

_WAYS_IN = frozenset({"/log-in", "/sign-up"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Visit:
    """One request for a page."""

    request: Request
    deployment: Deployment
    boards: Boards
    ranked_boards: RankedBoards
    viewer: Viewer
    now: datetime


async def _visit(
    *, request: Request, deployment: DeploymentDep, boards: BoardsDep, ranked_boards: RankedBoardsDep,
    viewer: ViewerDep, now: NowDep,
) -> Visit:  # fmt: skip
    request.state.viewer = viewer  # for the frame of an error page
    return Visit(
        request=request, deployment=deployment, boards=boards, ranked_boards=ranked_boards, viewer=viewer, now=now
    )


VisitDep = Annotated[Visit, Depends(_visit)]


def go_to(address: str) -> Response:
    """The answer to a form that is done, or to who must do something else first: look there."""
    return RedirectResponse(address, status_code=303)


def first_to(page: str, visit: Visit) -> Response:
    """Send a visitor to `page` (log-in or sign-up), and back here afterwards."""
    return go_to(f"{page}?next={quote(page_of(visit.request))}")


def page_of(request: Request) -> str:
    """The page that was asked for; of a form, the nearest one above its address, which may take forms alone."""
    path = request.url.path
    if request.method not in {"GET", "HEAD"}:
        while path and not _is_page(request, path):
            path = path.rpartition("/")[0]
    return path or "/"


def way_back(request: Request) -> str:
    """The query that the ways in have in the head of a page, back to a round or an invitation; "" elsewhere."""
    path = page_of(request)
    if path in _WAYS_IN:
        path = local_path(request.query_params.get("next", "/"))
    elif not path.startswith(("/rounds/", "/join/")):
        path = "/"
    return "" if path == "/" else f"?{urlencode({'next': path}, safe='/')}"


def _is_page(request: Request, path: str) -> bool:
    scope = {**request.scope, "method": "GET", "path": path}
    return any(route.matches(scope)[0] is Match.FULL for route in request.app.routes)
