"""How the server is doing, for anybody who waits: numbers alone, nobody's name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.metadata import version

from server.db.submissions import queue_of_server
from server.deployment import Deployment


@dataclass(frozen=True, kw_only=True, slots=True)
class ServerStatus:
    """The queue and who works on it."""

    queued: int
    running: int
    longest_wait: timedelta | None  # None where nothing waits
    alive_workers: int
    version: str


def server_status(deployment: Deployment, *, alive_workers: int, now: datetime) -> ServerStatus:
    """The state of the queue at `now`.

    Args:
        deployment: whose queue.
        alive_workers: of this server; a database may serve others beside it.
        now: the moment the waiting is told of.
    """
    with deployment.database.read() as session:
        queue = queue_of_server(session)
    oldest = queue.oldest_accepted_at
    return ServerStatus(
        queued=queue.queued,
        running=queue.running,
        longest_wait=None if oldest is None else max(now - oldest, timedelta(0)),
        alive_workers=alive_workers,
        version=version("heldout"),
    )
