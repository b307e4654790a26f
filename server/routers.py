"""Routers with what all their routes share, known when each route is declared.

FastAPI reads the signature of a route again for each router that includes its own, before the first request and while
everybody waits; and it asks one after the other for each request.
"""

from __future__ import annotations

from collections.abc import Iterable
from types import ModuleType

from fastapi import APIRouter, Depends
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute

from server.doors import current_viewer, refuse_forged

API_PREFIX = "/api/v1"


def api_router(tag: str) -> APIRouter:
    """For a module of the API, whose operations stand under `tag`.

    Credentials that are sent are looked at even where none are needed: a mistyped token is better told than ignored.
    """
    return APIRouter(
        prefix=API_PREFIX,
        tags=[tag],
        dependencies=[Depends(refuse_forged), Depends(current_viewer)],
        generate_unique_id_function=_operation_id,
    )


def page_router(prefix: str = "") -> APIRouter:
    """For a module of pages, which are no part of the API's document."""
    return APIRouter(prefix=prefix, dependencies=[Depends(refuse_forged)], include_in_schema=False)


def routes_of(modules: Iterable[ModuleType]) -> list[BaseRoute]:
    """The routes of the modules' `router`, in order."""
    return [route for module in modules for route in module.router.routes]


def _operation_id(route: APIRoute) -> str:
    return route.name
