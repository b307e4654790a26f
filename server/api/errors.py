"""What the documentation says about errors: taken from the error classes themselves."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from pydantic import BaseModel, Field

from server.errors import DatabaseUnavailable, InvalidRequest, ServerError, status_of


class ErrorFacts(BaseModel):
    """One cause."""

    code: str = Field(description="What happened, for programs; stable across releases.")
    message: str = Field(description="What happened, for people.")
    advice: str = Field(description="How to go on.")
    details: dict[str, Any] = Field(description="The facts behind it, by name; empty where there are none.")


class ErrorBody(BaseModel):
    """The one shape of every error."""

    error: ErrorFacts


# Every route can meet these.
_EVERYWHERE: tuple[type[ServerError], ...] = (InvalidRequest, DatabaseUnavailable)


def error_answers(*causes: type[ServerError]) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route that may answer with these causes, each with an example."""
    answers: dict[int | str, dict[str, Any]] = {}
    for cause in (*causes, *_EVERYWHERE):
        error = cause()
        status = status_of(error)
        answer = answers.setdefault(
            status,
            {
                "model": ErrorBody,
                "description": HTTPStatus(status).phrase,
                "content": {"application/json": {"examples": {}}},
            },
        )
        example = {"summary": error.message, "value": error.as_json()}
        answer["content"]["application/json"]["examples"][error.code] = example
    return answers
