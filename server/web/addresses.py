"""Whole addresses of this server's pages, to be copied by whoever sees them."""

from __future__ import annotations

from server.web.visits import Visit


def shown_address(visit: Visit, path: str) -> str:
    """The address of `path` as the visitor reaches this server; for their own eyes, as Host is what they sent."""
    base = visit.deployment.settings.public_url or str(visit.request.base_url)
    return base.rstrip("/") + path
