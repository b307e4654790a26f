"""Every route of the application, as the application itself lists them, and a way to call each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from fastapi.testclient import TestClient
from httpx2 import Response


def every_route(app: FastAPI) -> set[str]:
    """ "GET /rounds/{slug}" for each pair of method and path; HEAD goes with GET."""
    return {
        f"{method} {context.path}"
        for context in iter_route_contexts(app.routes)
        for method in (context.methods or ())
        if method != "HEAD"
    }


@dataclass(frozen=True, kw_only=True)
class Call:
    """How a route is called: what its path needs, and what it is sent."""

    path: Mapping[str, object] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    json: Any = None
    form: Mapping[str, str] | None = None
    content: bytes | None = None

    def send(self, client: TestClient, route: str, headers: Mapping[str, str]) -> Response:
        method, _, path = route.partition(" ")
        return client.request(
            method,
            path.format(**self.path),
            params=self.query,
            json=self.json,
            data=self.form,
            content=self.content,
            headers=headers,
        )
