"""HEAD wherever there is GET: the same headers, without the body. Link checkers and uptime probes ask so."""

from __future__ import annotations

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_IS_HEAD = "heldout.is_head"


def is_head(request: Request) -> bool:
    """Whether nobody will read the body: an answer without end need not begin."""
    return bool(request.scope.get(_IS_HEAD, False))


class HeadRequests:
    """Answers HEAD by what GET would answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return

        async def send_without_body(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        await self._app({**scope, "method": "GET", _IS_HEAD: True}, receive, send_without_body)
