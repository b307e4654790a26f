"""Requests to an application in the test's own process, each with one change of threads there and one back.

Starlette's test client changes threads eight times for a request, which takes longer than most answers do.
"""

from __future__ import annotations

from anyio.from_thread import BlockingPortal
from fastapi import FastAPI
from httpx2 import ASGITransport, BaseTransport, ByteStream, Request, Response

# Whom the application sees; as of Starlette's test client.
CLIENT = ("testclient", 50000)


class InProcess(BaseTransport):
    """Runs each request in the event loop of the application's lifespan, to the end of its answer."""

    def __init__(self, app: FastAPI, portal: BlockingPortal) -> None:
        self._portal = portal
        self._transport = ASGITransport(app, raise_app_exceptions=False, client=CLIENT)

    def handle_request(self, request: Request) -> Response:
        request.read()  # a body that is read can be sent from the loop
        return self._portal.call(self._answer, request)

    async def _answer(self, request: Request) -> Response:
        answer = await self._transport.handle_async_request(request)
        body = b"".join([piece async for piece in answer.aiter_raw()])
        return Response(answer.status_code, headers=answer.headers, stream=ByteStream(body))
