"""Every route of the application, as the application itself lists them, and a way to call each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts
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


def queries(app: FastAPI) -> dict[str, frozenset[str]]:
    """The query parameters that each route declares, itself or by what it depends on."""
    return {
        f"{method} {context.path}": frozenset(_query_names(context.original_route.dependant))
        for context in iter_route_contexts(app.routes)
        if isinstance(context.original_route, APIRoute)
        for method in (context.methods or ())
    }


def _query_names(dependant: Dependant) -> Iterator[str]:
    yield from (parameter.alias for parameter in dependant.query_params)
    for inner in dependant.dependencies:
        yield from _query_names(inner)


@dataclass(frozen=True, kw_only=True)
class Call:
    """How a route is called: what its path needs, and what it is sent."""

    path: Mapping[str, object] = field(default_factory=dict)
    query: Mapping[str, str | Sequence[str]] = field(default_factory=dict)
    json: Any = None
    form: Mapping[str, str] | None = None
    content: bytes | None = None
    file: bytes | None = None  # beside what the form says

    def send(self, client: TestClient, route: str, headers: Mapping[str, str]) -> Response:
        method, _, path = route.partition(" ")
        return client.request(
            method,
            path.format(**self.path),
            params=self.query,
            json=self.json,
            data=self.form,
            content=self.content,
            files=None if self.file is None else {"file": self.file},
            headers=headers,
        )
