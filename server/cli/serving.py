"""A uvicorn server that opens and closes the application itself, so that what goes wrong there reaches the command."""

from __future__ import annotations

import gc
import socket
from collections.abc import Callable
from contextlib import AsyncExitStack
from urllib.parse import urlunsplit

import uvicorn
from fastapi import FastAPI

from server.app import create_app
from server.cli.exits import CommandFailed, Exit
from server.settings import Settings

# Requests may finish this long after a stop; the workers drain after that, both within 30 seconds.
REQUEST_DRAIN_SECONDS = 5
KEEP_ALIVE_SECONDS = 30

# New objects before the youngest are searched for garbage; such searches before one of the middle-aged; those before
# one of all. What is not frozen is little: by Python's own numbers all of it would be searched every few boards.
_THRESHOLDS = (2_000, 20, 25)


class HeldoutServer(uvicorn.Server):
    """Serves a Heldout application from an open socket until it is told to stop."""

    def __init__(self, settings: Settings, *, on_ready: Callable[[], None]) -> None:
        self.app: FastAPI = create_app(settings)
        self._on_ready = on_ready
        self._opened = AsyncExitStack()
        super().__init__(
            uvicorn.Config(
                self.app,
                lifespan="off",  # opened in `startup` below
                access_log=False,  # the application keeps its own, free of secrets
                log_config=None,
                server_header=False,
                timeout_keep_alive=KEEP_ALIVE_SECONDS,
                timeout_graceful_shutdown=REQUEST_DRAIN_SECONDS,
            )
        )

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Open the application, then listen."""
        await self._opened.enter_async_context(self.app.router.lifespan_context(self.app))
        await super().startup(sockets)
        _keep_what_is_loaded()
        self._on_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Finish requests, then close the application. The signal has done its work: the command ends well."""
        self.app.state.streams.close()
        await super().shutdown(sockets)
        await self._opened.aclose()
        self._captured_signals.clear()


def _keep_what_is_loaded() -> None:
    """No later search for garbage goes through what is loaded: with a board of 500 rows it took half of the time.

    The garbage of the start, a megabyte, is kept with it: to look for it took a fifteenth of the start.
    """
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)
    gc.enable()


def listen(host: str, port: int) -> socket.socket:
    """A socket bound to the address; port 0 picks a free one.

    Raises:
        CommandFailed: the address is taken, or is none of this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio sends small packets at once only where the protocol is named; else each answer may wait 40 ms for an ACK
    bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
    except OSError as error:
        bound.close()
        raise CommandFailed(
            f"Cannot listen on {host} port {port}: {error.strerror}.",
            advice="Choose another --port, or stop what uses this one.",
            exit_code=Exit.SERVER,
        ) from None
    return bound


def address_of(bound: socket.socket) -> str:
    """The address people type to reach a bound socket."""
    host, port = bound.getsockname()[:2]
    if host in {"0.0.0.0", "::"}:  # noqa: S104 - recognised, not bound
        host = socket.gethostname()
    return urlunsplit(("http", f"[{host}]:{port}" if ":" in host else f"{host}:{port}", "", "", ""))
