"""Whole addresses of this server's pages, to be copied or sent elsewhere."""

from __future__ import annotations

from server.settings import Settings
from server.web.visits import Visit


def shown_address(visit: Visit, path: str) -> str:
    """The address of `path` as the visitor reaches this server; for their own eyes, as Host is what they sent."""
    base = visit.deployment.settings.public_url or str(visit.request.base_url)
    return base.rstrip("/") + path


def server_address(settings: Settings) -> str:
    """The address of this server for everybody: never taken from a request, which anybody may send."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return (settings.public_url or f"http://{host}:{settings.port}").rstrip("/")
