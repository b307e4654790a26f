"""One line of log per request, an id on every response, and an incident in place of a traceback."""

from __future__ import annotations

import logging
import secrets
import time

from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.error_responses import incident_response

REQUEST_ID_HEADER = "X-Request-ID"

access_log = logging.getLogger("heldout.access")
incident_log = logging.getLogger("heldout.incidents")

_REQUEST_ID = "heldout.request_id"

# What follows in these paths is a secret: a log is read by more people than may join a team or set a password.
_SECRET_PATHS = ("/join/", "/reset/", "/verify/")


def request_id(scope: Scope) -> str:
    """The id under which this request is found in the log."""
    return str(scope.get(_REQUEST_ID, ""))


class RequestLog:
    """Logs method, path, status and time. Query strings, headers and bodies may hold secrets, so none is logged."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        identity = scope[_REQUEST_ID] = secrets.token_hex(8)
        started, status = time.perf_counter(), 0

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                own = (REQUEST_ID_HEADER.lower().encode(), identity.encode())
                message = {**message, "headers": [*message["headers"], own]}
            await send(message)

        try:
            await self._app(scope, receive, send_with_id)
        except ClientDisconnect:
            status = status or 499  # nobody is left to be answered
        except Exception:
            incident_log.exception("incident %s: %s %s", identity, scope["method"], _path(scope))
            if status:
                raise  # the answer had begun; all that can be done is to break it off
            await incident_response(Request(scope), identity)(scope, receive, send_with_id)
        finally:
            milliseconds = 1000 * (time.perf_counter() - started)
            access_log.info("%s %s %s %d %.0fms", identity, scope["method"], _path(scope), status, milliseconds)


def _path(scope: Scope) -> str:
    """The path as it may stand in a log: one line, whatever was asked for."""
    path = str(scope["path"])
    if path.startswith(_SECRET_PATHS):
        path = f"/{path.split('/')[1]}/..."
    if path.isascii() and path.isprintable() and "\\" not in path:
        return path[:300]
    return path.encode("unicode_escape").decode("ascii")[:300]
