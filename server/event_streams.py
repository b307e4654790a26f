"""Server-sent events: how far a submission is, told to whoever may see it, until it has ended or the stream's time has.

A stream holds no thread and no transaction while nothing happens: one task of the server feels the pulse of the queue
for all of them, and only when that changes do they look, a few at a time, in threads of their own.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from anyio import CapacityLimiter, to_thread
from fastapi import Depends, Path, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from server.auth.viewer import Viewer
from server.db.pulse import Pulse, pulse
from server.db.tables import State
from server.deployment import Deployment
from server.doors import DeploymentDep, NowDep, PersonDep, current_viewer
from server.errors import DatabaseUnavailable, ServerBusy, ServerError, TooManyStreams
from server.head_requests import is_head
from server.services.submissions import submission_facts

PULSE_SECONDS = 0.5

# Proxies close what has been silent for a minute, or half of one.
HEARTBEAT_SECONDS = 15.0

# A browser opens six connections to a host: with more tabs than this following, its other pages would wait for ever.
STREAMS_PER_VIEWER = 4
STREAMS = 500

# Looks at the database under way at once; every other request has threads of its own.
LOOKS_AT_ONCE = 4

# How soon a browser comes back when a stream has reached its end.
RETRY_MILLISECONDS = 2000

_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}  # nginx would hold the events back


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """How far a submission is: nothing but what reading it tells too."""

    id: int
    state: State
    queue_position: int | None

    def event(self) -> bytes:
        """As it goes over the wire."""
        data = {"id": self.id, "state": self.state, "queue_position": self.queue_position}
        return f"event: state\ndata: {json.dumps(data)}\n\n".encode()


class EventStreams:
    """All streams of one running server."""

    def __init__(self) -> None:
        self._open: Counter[int | None] = Counter()  # by person
        self._changed = asyncio.Event()
        self._felt: Pulse | None = None
        self._feeling: asyncio.Task[None] | None = None
        self._looks = CapacityLimiter(LOOKS_AT_ONCE)
        self._is_closing = False

    def close(self) -> None:
        """Let every stream end by itself, and begin none: the server stops."""
        self._is_closing = True
        self._changed.set()

    def require_place(self, viewer: Viewer) -> None:
        """Refuse one stream too many before its answer begins.

        Raises:
            TooManyStreams: the person has as many open as they may.
            ServerBusy: the server has, or it stops.
        """
        if self._is_closing or self._open.total() >= STREAMS:
            raise ServerBusy
        if self._open[viewer.person_id] >= STREAMS_PER_VIEWER:
            raise TooManyStreams

    async def follow(
        self, deployment: Deployment, look: Callable[[], Standing], *, first: Standing, viewer: Viewer
    ) -> AsyncIterator[bytes]:
        """The first standing and every change, with comments between, until the last one or the end of the time."""
        with suppress(TooManyStreams, ServerBusy):  # somebody was quicker
            self.require_place(viewer)
            self._open[viewer.person_id] += 1
            try:
                yield f"retry: {RETRY_MILLISECONDS}\n\n".encode() + first.event()
                async for piece in self._changes(deployment, look, told=first):
                    yield piece
            finally:
                self._open[viewer.person_id] -= 1
                self._open += Counter()  # forgets who has none

    async def _changes(
        self, deployment: Deployment, look: Callable[[], Standing], *, told: Standing
    ) -> AsyncIterator[bytes]:
        ends_at = time.monotonic() + deployment.settings.stream_seconds
        while told.state.is_open and not self._is_closing and (left := ends_at - time.monotonic()) > 0:
            changed = self._changed  # taken before the look: what moves meanwhile is not missed
            try:
                standing = await to_thread.run_sync(look, limiter=self._looks)
            except DatabaseUnavailable:
                standing = told
            except ServerError:  # they may not see it any more
                return
            yield b": still here\n\n" if standing == told else standing.event()
            told = standing
            if told.state.is_open:
                await self._wait(deployment, changed, seconds=min(left, HEARTBEAT_SECONDS))

    async def _wait(self, deployment: Deployment, changed: asyncio.Event, *, seconds: float) -> None:
        """Until something may have moved, for so long at most."""
        if self._feeling is None or self._feeling.done():
            self._feeling = asyncio.create_task(self._feel(deployment))
        with suppress(TimeoutError):
            await asyncio.wait_for(changed.wait(), seconds)

    async def _feel(self, deployment: Deployment) -> None:
        """Wake the streams whenever the pulse changes, as long as there are any."""
        while self._open and not self._is_closing:
            await asyncio.sleep(PULSE_SECONDS)
            with suppress(DatabaseUnavailable):
                felt = await to_thread.run_sync(_pulse_of, deployment, limiter=self._looks)
                if felt != self._felt:
                    self._felt = felt
                    self._changed.set()
                    self._changed = asyncio.Event()


def _streams(request: Request) -> EventStreams:
    streams: EventStreams = request.app.state.streams
    return streams


StreamsDep = Annotated[EventStreams, Depends(_streams)]


async def stream_of_submission(
    submission_id: Annotated[int, Path(ge=1, le=2**62, examples=[41], description="As the upload answered it.")],
    *,
    request: Request,
    deployment: DeploymentDep,
    viewer: PersonDep,
    streams: StreamsDep,
    now: NowDep,
) -> StreamingResponse:
    """The answer that follows one submission; both doors have the route.

    Raises:
        SubmissionNotFound: there is none, or it is not theirs to see.
        TooManyStreams, ServerBusy: not another one.
    """
    began = time.monotonic()

    def look() -> Standing:
        moment = now + timedelta(seconds=time.monotonic() - began)
        return _standing(deployment, submission_id, viewer=current_viewer(request, deployment, moment), now=moment)

    first = await run_in_threadpool(look)
    streams.require_place(viewer)
    events = iter(()) if is_head(request) else streams.follow(deployment, look, first=first, viewer=viewer)
    return StreamingResponse(events, media_type="text/event-stream", headers=_HEADERS)


def _standing(deployment: Deployment, submission_id: int, *, viewer: Viewer, now: datetime) -> Standing:
    with deployment.database.read() as session:
        facts = submission_facts(session, submission_id, viewer=viewer, now=now)
    return Standing(id=facts.id, state=facts.state, queue_position=facts.queue_position)


def _pulse_of(deployment: Deployment) -> Pulse:
    with deployment.database.read() as session:
        return pulse(session)
