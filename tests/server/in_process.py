"""Requests to an application in the test's own process, each with one change of threads there and one back.

Starlette's test client changes threads eight times for a request, which takes longer than most answers do.
"""

from __future__ import annotations

import asyncio

from anyio.from_thread import BlockingPortal
from fastapi import FastAPI
from httpx2 import BaseTransport, ByteStream, Request, Response
from starlette.types import Message, Scope

# Whom the application sees; as of Starlette's test client.
CLIENT = ("testclient", 50000)


class InProcess(BaseTransport):
    """Runs each request in the event loop of the application's lifespan, to the end of its answer."""

    def __init__(self, app: FastAPI, portal: BlockingPortal) -> None:
        self._app = app
        self._loop = portal.call(_running_loop)

    def handle_request(self, request: Request) -> Response:
        answering = _Answering(request.read(), is_head=request.method == "HEAD")
        running = asyncio.run_coroutine_threadsafe(answering.run(self._app, _scope(request)), self._loop)
        running.result()
        return Response(answering.status, headers=answering.headers, stream=ByteStream(b"".join(answering.pieces)))


class _Answering:
    """One request, and what is answered."""

    def __init__(self, body: bytes, *, is_head: bool) -> None:
        self._body = [body]
        self._is_head = is_head
        self._is_over = asyncio.Event()
        self.status = 500  # of an application that broke off before it answered
        self.headers: list[tuple[bytes, bytes]] = []
        self.pieces: list[bytes] = []

    async def run(self, app: FastAPI, scope: Scope) -> None:
        try:
            await app(scope, self._receive, self._send)
        except Exception:  # it has answered 500 and raises for the log, or broke its answer off
            self._is_over.set()

    async def _receive(self) -> Message:
        if self._body:
            return {"type": "http.request", "body": self._body.pop(), "more_body": False}
        await self._is_over.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], list(message["headers"])
            return
        if not self._is_head:
            self.pieces.append(message.get("body", b""))
        if not message.get("more_body", False):
            self._is_over.set()


async def _running_loop() -> asyncio.AbstractEventLoop:
    return asyncio.get_running_loop()


def _scope(request: Request) -> Scope:
    url = request.url
    return {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": request.method,
        "scheme": url.scheme, "path": url.path, "raw_path": url.raw_path.split(b"?")[0], "root_path": "",
        "query_string": url.query, "headers": [(name.lower(), value) for name, value in request.headers.raw],
        "client": CLIENT, "server": (url.host, url.port or 80),
    }  # fmt: skip
