"""Errors as pages for people, as JSON for programs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from starlette.requests import Request

from server.web.errors import render_error
from tests.server.making import write_round
from tests.server.web.browsing import browser, sign_up_by_form


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    with browser(tmp_path / "data", write_round(tmp_path / "round")) as client:
        yield client


@pytest.mark.parametrize(
    ("method", "path", "status", "words"),
    [
        ("GET", "/nowhere", 404, "There is nothing at this address."),
        ("GET", "/rounds/none", 404, "There is no round"),
        ("GET", "/submissions/x", 404, "There is nothing at this address."),
        ("PUT", "/", 405, "Not done this way"),
    ],
)
def test_a_person_gets_a_page_with_a_way_on(
    client: TestClient, method: str, path: str, status: int, words: str
) -> None:
    answer = client.request(method, path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    assert words in answer.text
    assert "See the rounds" in answer.text


@pytest.mark.parametrize(
    ("path", "accept"), [("/nowhere", "application/json"), ("/nowhere", "*/*"), ("/api/v1/nowhere", "text/html")]
)
def test_a_program_gets_json(client: TestClient, path: str, accept: str) -> None:
    answer = client.get(path, headers={"Accept": accept})
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "not-found"


def test_a_form_that_is_too_big_is_refused_with_a_page(client: TestClient) -> None:
    answer = client.post("/log-in", data={"email": "x" * 100_000})
    assert answer.status_code == 413
    assert "Too large" in answer.text


@pytest.mark.parametrize("path", ["/entries/abc", "/entries/0", "/history/then", "/teams/1e9"])
def test_an_address_with_no_number_where_one_is_due_is_no_page(client: TestClient, path: str) -> None:
    answer = client.get(path, headers={"Accept": "text/html"})
    assert answer.status_code == 404 and "nothing at this address" in answer.text


def test_a_page_below_a_round_leads_back_to_it(client: TestClient) -> None:
    assert 'href="/rounds/tiny"' in client.get("/rounds/tiny/nothing").text


def test_a_page_below_a_round_that_is_none_leads_to_the_rounds(client: TestClient) -> None:
    page = client.get("/rounds/nowhere/board", headers={"Accept": "text/html"}).text
    assert "See the rounds" in page
    assert 'href="/rounds/nowhere"' not in page


def _request(path: str) -> Request:
    return Request({"type": "http", "method": "GET", "path": path, "headers": [], "query_string": b""})


def test_an_incident_shows_its_id_and_nothing_else() -> None:
    answer = render_error(
        _request("/me"), status=500, code="incident", message="Ours.", advice="Tell.", details={"incident": "a1b2"}
    )
    page = bytes(answer.body).decode()
    assert "Incident <code>a1b2</code>" in page and "Something went wrong" in page
    assert "Log in" not in page


def test_an_error_page_still_shows_who_is_logged_in(client: TestClient) -> None:
    assert "Log in" in client.get("/rounds/none").text
    sign_up_by_form(client, "Vision Lab")
    page = client.get("/rounds/none").text
    assert "Log out" in page and "Vision Lab" in page and "Log in" not in page


def test_who_is_not_logged_in_is_led_there_and_back() -> None:
    answer = render_error(_request("/me"), status=401, code="not-logged-in", message="Nobody.", advice="Log in.")
    assert 'href="/log-in?next=/me"' in bytes(answer.body).decode()
