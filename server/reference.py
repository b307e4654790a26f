"""The page /docs: every operation of the API, written from the same OpenAPI document that programs read."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse

from server.doors import ViewerDep
from server.routers import page_router
from server.web.pages import render_page

router = page_router()


@dataclass(frozen=True, kw_only=True, slots=True)
class Field:
    """A parameter of an operation, or a field of its body."""

    name: str
    place: str  # "query", "path", "header" or "body"
    kind: str  # "integer", "string or null"
    is_required: bool
    description: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Cause:
    """One error that an operation may answer."""

    code: str
    message: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What an operation answers with one status."""

    status: str
    phrase: str
    example: str  # JSON; "" where there is none
    causes: tuple[Cause, ...]  # errors; empty for a success


@dataclass(frozen=True, kw_only=True, slots=True)
class Operation:
    """One route."""

    id: str
    method: str
    path: str
    summary: str
    description: str
    needs_account: bool
    fields: tuple[Field, ...]
    body_types: tuple[str, ...]  # content types of the body; empty without one
    body_example: str  # JSON; "" where there is none
    answers: tuple[Answer, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class ReferencePage:
    """All operations."""

    title: str
    operations: tuple[Operation, ...]


@router.get("/docs")
def read_docs(request: Request, viewer: ViewerDep) -> HTMLResponse:
    """The API, for people."""
    document = request.app.openapi()
    page = ReferencePage(title="API", operations=tuple(_operations(document)))
    return render_page(request, "reference.html", page, viewer=viewer)


def _operations(document: Mapping[str, Any]) -> Iterator[Operation]:
    for path, methods in document["paths"].items():
        for method, facts in methods.items():
            bodies = facts.get("requestBody", {}).get("content", {})
            schema = _resolved(document, bodies.get("application/json", {}).get("schema", {}))
            yield Operation(
                id=facts["operationId"],
                method=method.upper(),
                path=path,
                summary=facts["summary"],
                description=facts.get("description", ""),
                needs_account=bool(facts.get("security")),
                fields=(*_parameters(facts), *_body_fields(schema)),
                body_types=tuple(bodies),
                body_example=_json(schema.get("example")),
                answers=tuple(_answers(document, facts["responses"])),
            )


def _parameters(facts: Mapping[str, Any]) -> Iterator[Field]:
    for parameter in facts.get("parameters", ()):
        yield Field(
            name=parameter["name"],
            place=parameter["in"],
            kind=_kind(parameter["schema"]),
            is_required=parameter.get("required", False),
            description=parameter.get("description", ""),
        )


def _body_fields(schema: Mapping[str, Any]) -> Iterator[Field]:
    for name, facts in schema.get("properties", {}).items():
        yield Field(
            name=name,
            place="body",
            kind=_kind(facts),
            is_required=name in schema.get("required", ()),
            description=facts.get("description", ""),
        )


def _answers(document: Mapping[str, Any], responses: Mapping[str, Any]) -> Iterator[Answer]:
    for status, facts in sorted(responses.items()):
        content = facts.get("content", {}).get("application/json", {})
        examples = content.get("examples", {})
        schema = _resolved(document, content.get("schema", {}))
        yield Answer(
            status=status,
            phrase=HTTPStatus(int(status)).phrase,
            example="" if examples else _json(_example(document, schema)),
            causes=tuple(Cause(code=code, message=example["summary"]) for code, example in examples.items()),
        )


def _example(document: Mapping[str, Any], schema: Mapping[str, Any]) -> Any:
    """The schema's own example, else one put together from its parts."""
    schema = _resolved(document, schema)
    if "example" in schema:
        return schema["example"]
    if schema.get("examples"):
        return schema["examples"][0]
    if "properties" in schema:
        return {name: _example(document, part) for name, part in schema["properties"].items()}
    if schema.get("type") == "array":
        return [_example(document, schema.get("items", {}))]
    if "anyOf" in schema:
        return _example(document, schema["anyOf"][0])
    return schema.get("const", schema.get("enum", [_PLAIN.get(schema.get("type", ""))])[0])


_PLAIN: Mapping[str, Any] = {"string": "...", "integer": 1, "number": 0.5, "boolean": True, "object": {}}


def _resolved(document: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    reference = schema.get("$ref")
    if reference is None:
        return schema
    found: Mapping[str, Any] = document["components"]["schemas"][reference.rpartition("/")[2]]
    return found


def _kind(schema: Mapping[str, Any]) -> str:
    if "anyOf" in schema:
        return " or ".join(_kind(part) for part in schema["anyOf"])
    return str(schema.get("type", "object"))


def _json(example: Any) -> str:
    return "" if example is None else json.dumps(example, indent=2, ensure_ascii=False)
