"""Errors as responses: one JSON shape for programs, one page for people."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from server.errors import DatabaseUnavailable, InvalidRequest, ServerError, status_of
from server.web.errors import render_error, wants_html

# A locked database is free again within seconds.
DATABASE_RETRY_SECONDS = 5


class NotFound(ServerError):
    """There is nothing at this address."""

    code = "not-found"
    advice = "Check the address; / lists the rounds and /docs the operations of the API."


class MethodNotAllowed(ServerError):
    """This address does not take that method."""

    code = "method-not-allowed"
    advice = "The Allow header names the methods it takes; /docs lists the operations of the API."


class BadRequest(ServerError):
    """The request could not be read."""

    code = "bad-request"
    advice = "Check that the body is complete and of the content type that the request declares."


class BodyTooBig(ServerError):
    """The body of the request is larger than this address takes."""

    code = "too-large"
    advice = "Send the fields alone; prediction files go to /api/v1/rounds/ROUND/submissions."


class Incident(ServerError):
    """Something went wrong on this server; it is not your file's or your request's fault."""

    code = "incident"
    advice = "Try again; if it goes on, tell the organizers the incident's id."


_OF_STATUS: Mapping[int, type[ServerError]] = {
    400: BadRequest, 404: NotFound, 405: MethodNotAllowed, 413: BodyTooBig, 422: InvalidRequest,
}  # fmt: skip


def install_error_responses(app: FastAPI) -> None:
    """Have every error of the application answered from here."""
    app.add_exception_handler(ServerError, _answer_server_error)
    app.add_exception_handler(RequestValidationError, _answer_invalid_request)
    app.add_exception_handler(HTTPException, _answer_http_exception)


def error_response(
    request: Request, error: ServerError, *, status: int | None = None, headers: Mapping[str, str] | None = None
) -> Response:
    """The response that tells this error to whoever asked."""
    status = status_of(error) if status is None else status
    if wants_html(request):
        response: Response = render_error(
            request,
            status=status,
            code=error.code,
            message=error.message,
            advice=error.advice_given,
            details=error.details,
        )
    else:
        response = JSONResponse(error.as_json(), status_code=status)
    response.headers.update({**_headers(error, status), **(headers or {})})
    return response


def incident_response(request: Request, incident: str) -> Response:
    """A 500 that shows an id to ask about, and no line of what happened."""
    return error_response(request, Incident(details={"incident": incident}), status=500)


async def _answer_server_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, ServerError)  # noqa: S101 - registered for this class
    return error_response(request, error)


async def _answer_invalid_request(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this class
    if wants_html(request) and all(fault["loc"][0] == "path" for fault in error.errors()):
        return error_response(request, NotFound(), status=404)  # a person has mistyped an address
    # Never what was sent: it may be a password.
    fields = [
        {"field": ".".join(str(part) for part in fault["loc"]), "message": fault["msg"]} for fault in error.errors()
    ]
    return error_response(request, InvalidRequest(details={"fields": fields}))


async def _answer_http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class
    kind = _OF_STATUS.get(error.status_code)
    shown = kind() if kind is not None else _Other(HTTPStatus(error.status_code))
    return error_response(request, shown, status=error.status_code, headers=error.headers)


def _headers(error: ServerError, status: int) -> dict[str, str]:
    headers: dict[str, Any] = {}
    if status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    if error.retry_at is not None:
        headers["Retry-After"] = str(max(1, math.ceil((error.retry_at - datetime.now(UTC)).total_seconds())))
    elif isinstance(error, DatabaseUnavailable):
        headers["Retry-After"] = str(DATABASE_RETRY_SECONDS)
    return headers


class _Other(BadRequest):
    """A refusal that has no name of its own here."""

    def __init__(self, status: HTTPStatus) -> None:
        super().__init__(f"{status.description or status.phrase}.")
