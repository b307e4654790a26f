"""The documentation is complete, and is served without anybody else's script."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from server.errors import STATUS_OF
from tests.hostile.access_matrix import MATRIX
from tests.server.running import API, running_app


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with running_app(tmp_path_factory.mktemp("openapi") / "data") as client:
        yield client


@pytest.fixture(scope="module")
def document(client: TestClient) -> dict[str, Any]:
    document: dict[str, Any] = client.get("/openapi.json").json()
    return document


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, facts in methods.items():
            yield f"{method.upper()} {path}", facts


def test_every_interface_others_rely_on_is_there(document: dict[str, Any]) -> None:
    assert {
        f"POST {API}/teams",
        f"POST {API}/tokens",
        f"DELETE {API}/tokens/{{token_id}}",
        f"GET {API}/rounds",
        f"GET {API}/rounds/{{slug}}",
        f"POST {API}/rounds/{{slug}}/submissions",
        f"POST {API}/rounds/{{slug}}/check",
        f"GET {API}/submissions/{{submission_id}}",
        f"GET {API}/rounds/{{slug}}/board",
    } <= {name for name, _ in _operations(document)}


def test_only_the_api_is_documented(document: dict[str, Any]) -> None:
    assert all(path.startswith(API) for path in document["paths"])


def test_every_operation_says_what_it_does_what_it_answers_and_how_it_fails(document: dict[str, Any]) -> None:
    names = set()
    for name, facts in _operations(document):
        names.add(facts["operationId"])
        assert facts["summary"] and facts["description"] and facts["tags"], name
        successes = [status for status in facts["responses"] if status.startswith("2")]
        assert len(successes) == 1, name
        kinds = {"application/octet-stream", "application/zip", "text/csv", "text/event-stream"}
        is_file = bool(kinds & set(facts["responses"][successes[0]].get("content", {})))
        if successes != ["204"] and not is_file:
            content = facts["responses"][successes[0]]["content"]["application/json"]
            assert "$ref" in content["schema"], name
        for status in ("422", "503"):
            assert facts["responses"][status]["content"]["application/json"]["examples"], (name, status)
    assert len(names) == len(list(_operations(document)))


def test_every_parameter_and_body_field_is_described_and_exemplified(document: dict[str, Any]) -> None:
    for name, facts in _operations(document):
        for parameter in facts.get("parameters", ()):
            assert parameter.get("description"), (name, parameter["name"])
        for kind, body in facts.get("requestBody", {}).get("content", {}).items():
            if kind == "application/json":
                schema = document["components"]["schemas"][body["schema"]["$ref"].rpartition("/")[2]]
                assert schema["example"], name


def test_every_documented_error_has_the_one_shape_and_a_status_of_the_one_table(document: dict[str, Any]) -> None:
    statuses = {kind.code: status for kind, status in STATUS_OF.items()}
    seen = set()
    for name, facts in _operations(document):
        for status, answer in facts["responses"].items():
            examples = answer.get("content", {}).get("application/json", {}).get("examples", {})
            for code, example in examples.items():
                assert example["value"]["error"]["code"] == code, name
                assert statuses[code] == int(status), (name, code)
                seen.add(code)
    assert {"duplicate-file", "quota-spent", "round-closed", "too-large", "invalid-predictions"} <= seen


def test_whatever_keeps_a_team_from_submitting_is_documented(document: dict[str, Any]) -> None:
    answers = document["paths"][f"{API}/rounds/{{slug}}/submissions"]["post"]["responses"].values()
    codes = {code for answer in answers for code in answer["content"]["application/json"].get("examples", {})}
    assert {"no-team", "not-admitted", "teams-frozen", "second-team", "email-not-verified", "round-closed"} <= codes


def test_routes_that_need_an_account_say_so(document: dict[str, Any]) -> None:
    needing = {name for name, facts in _operations(document) if facts.get("security")}
    refused = {name for name, (_, (anonymous, *_)) in MATRIX.items() if API in name and anonymous == 401}
    assert needing == refused - {f"POST {API}/tokens"}  # which an e-mail and a password open, too
    assert len(needing) > 50


def test_the_page_shows_every_operation_and_loads_nothing_from_elsewhere(
    client: TestClient, document: dict[str, Any]
) -> None:
    answer = client.get("/docs")
    assert answer.status_code == 200
    for name, facts in _operations(document):
        assert f'id="{facts["operationId"]}"' in answer.text
        assert name in answer.text
    assert "too-many-open" in answer.text
    assert not re.search(r"<script|<style|style=|onclick=", answer.text)
    assert not re.search(r"(src|href)=\"(https?:)?//", answer.text)


def test_no_example_holds_anything_but_plain_json(document: dict[str, Any]) -> None:
    assert json.loads(json.dumps(document)) == document


def test_the_documents_of_two_servers_are_the_same(document: dict[str, Any], tmp_path: Path) -> None:
    with running_app(tmp_path / "data") as other:
        assert other.get("/openapi.json").json() == document
