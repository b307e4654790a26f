"""How much of a request's body is taken in: little, unless a route says that it streams an upload to the disk."""

from __future__ import annotations

import anyio
from fastapi import HTTPException, Request
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Forms and JSON of this server are a few hundred bytes; a page of text fits many times over.
MAX_SMALL_BODY_BYTES = 64 * 1024

# Most clients read an answer only after they have sent their whole body, and closing on them loses the answer.
# So a refused body is read and dropped for a while; whoever sends more than this is cut off.
MAX_DROPPED_BYTES = 64 * 1024**2
MAX_DROPPING_SECONDS = 5.0

_STREAMS = "heldout.streams_its_body"


def stream_body(request: Request) -> None:
    """Lift the small cap for this request: its route counts the bytes itself and keeps none in memory."""
    request.scope[_STREAMS] = True


class Bodies:
    """Caps small bodies, and reads refused ones away before the answer leaves."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body = _Body(scope, receive)

        async def send_after_body(message: Message) -> None:
            if message["type"] == "http.response.start":
                await body.drop_the_rest()
            await send(message)

        await self._app(scope, body.receive, send_after_body)


class _Body:
    def __init__(self, scope: Scope, receive: Receive) -> None:
        headers = Headers(scope=scope)
        length = headers.get("content-length", "")
        self._scope = scope
        self._receive = receive
        self._declared_bytes = int(length) if length.isascii() and length.isdigit() else None
        self._has_body = self._declared_bytes != 0 and (
            self._declared_bytes is not None or "transfer-encoding" in headers
        )
        # A client that asked first waits for our word; reading would tell it to go on.
        self._waits = headers.get("expect", "").lower() == "100-continue"
        self._received_bytes = 0
        self._is_complete = False

    async def receive(self) -> Message:
        """The next part of the body.

        Raises:
            HTTPException: 413, over the small cap.
        """
        is_capped = not self._scope.get(_STREAMS, False)
        if is_capped and (self._declared_bytes or 0) > MAX_SMALL_BODY_BYTES:
            raise HTTPException(413)
        message = await self._take()
        if is_capped and self._received_bytes > MAX_SMALL_BODY_BYTES:
            raise HTTPException(413)
        return message

    async def drop_the_rest(self) -> None:
        """Read on until the body ends, within reason."""
        too_much = (self._declared_bytes or 0) - self._received_bytes > MAX_DROPPED_BYTES
        if self._is_complete or not self._has_body or too_much or (self._waits and not self._received_bytes):
            return
        limit_bytes = self._received_bytes + MAX_DROPPED_BYTES
        with anyio.move_on_after(MAX_DROPPING_SECONDS):
            while self._received_bytes < limit_bytes:
                message = await self._take()
                if not _has_more(message):
                    return

    async def _take(self) -> Message:
        message = await self._receive()
        self._received_bytes += len(message.get("body", b""))
        self._is_complete = not _has_more(message)
        return message


def _has_more(message: Message) -> bool:
    return message["type"] == "http.request" and bool(message.get("more_body", False))
