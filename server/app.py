"""The application: both doors before the same services, and what every request passes on its way in and out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from importlib.metadata import version

from fastapi import FastAPI
from starlette.middleware.gzip import GZipMiddleware

from server import reference
from server.api.routes import ROUTES as API_ROUTES
from server.bodies import Bodies
from server.deployment import open_deployment
from server.doors import new_limits, utc_now
from server.error_responses import install_error_responses
from server.event_streams import EventStreams
from server.head_requests import HeadRequests
from server.mail_sender import MailSender
from server.request_log import RequestLog
from server.security_headers import SecurityHeaders
from server.services.boards import Boards
from server.services.ranked_boards import RankedBoards
from server.services.statistics import Statistics
from server.settings import Settings
from server.web import ROUTES as PAGES
from server.web.kept_boards import KeptBoards, SentBoards
from server.workers import Workers

# Below this, compressing costs more than it saves.
MIN_COMPRESSED_BYTES = 1000

DESCRIPTION = """
Heldout evaluates prediction files against ground truth that stays held out, and ranks the results.

Send an API token as `Authorization: Bearer hld_...`. Every error has the one shape
`{"error": {"code", "message", "advice", "details"}}`.
"""


def create_app(settings: Settings) -> FastAPI:
    """A server on the settings' data folder; nothing is opened before its lifespan begins.

    While it lives, `app.state.deployment` holds what the services work with.
    """
    app = FastAPI(
        title="Heldout",
        summary="An ILSVRC-style challenge evaluation server.",
        description=DESCRIPTION,
        version=version("heldout"),
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        docs_url=None,  # both come from another host and need inline scripts; /docs is our own page
        redoc_url=None,
        routes=[*API_ROUTES, *reference.router.routes, *PAGES],
        # FastAPI would tell a collector every address, those of /join and /reset with their secrets too.
        telemetry={"tracing": False, "metrics": False, "logs": False},
        lifespan=_lifespan(settings),
    )
    app.state.boards, app.state.kept_boards = Boards(), KeptBoards()
    app.state.clock = utc_now
    app.state.ranked_boards = RankedBoards(app.state.boards, Statistics())
    app.state.limits = new_limits(settings)
    app.state.streams = EventStreams()
    install_error_responses(app)
    # The last added is the first to see a request, and the last to see its response.
    app.add_middleware(GZipMiddleware, minimum_size=MIN_COMPRESSED_BYTES)
    app.add_middleware(Bodies)
    app.add_middleware(SentBoards)
    app.add_middleware(HeadRequests)
    app.add_middleware(RequestLog)
    app.add_middleware(SecurityHeaders, https=settings.secure_cookies)
    return app


def _lifespan(settings: Settings) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        deployment = await asyncio.to_thread(open_deployment, settings)
        workers, mail = Workers(deployment), MailSender(deployment)
        try:
            await asyncio.to_thread(workers.start)
            mail.start()
            try:
                app.state.deployment = deployment
                app.state.workers = workers
                yield
            finally:
                app.state.streams.close()
                await asyncio.gather(asyncio.to_thread(mail.stop), asyncio.to_thread(workers.stop))
        finally:
            await asyncio.to_thread(deployment.close)
            await asyncio.to_thread(app.state.ranked_boards.statistics.close)

    return lifespan
