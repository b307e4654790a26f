"""What holds for every response: its headers, its errors, and what the log says of it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from starlette.routing import Route

from server.app import create_app
from server.doors import current_viewer, refuse_forged
from server.security_headers import SECURITY_HEADERS
from server.settings import Settings
from tests.server.making import write_round
from tests.server.running import API, PASSWORD, app_of, error_of, running_app, sign_up, submit

HTML = {"Accept": "text/html,application/xhtml+xml"}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    folder = tmp_path_factory.mktemp("app")
    with running_app(folder / "data", write_round(folder / "round")) as client:

        @app_of(client).get("/api/v1/fault-of-ours", include_in_schema=False)
        def fault_of_ours() -> None:
            raise RuntimeError("label 7310537 is not what was expected")

        @app_of(client).get("/fault-of-ours", include_in_schema=False)
        def page_at_fault() -> None:
            raise RuntimeError("label 7310537 is not what was expected")

        yield client


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/rounds/tiny",
        "/docs",
        "/openapi.json",
        "/nowhere",
        f"{API}/rounds",
        f"{API}/nowhere",
        f"{API}/fault-of-ours",
    ],
)
def test_every_response_carries_the_security_headers(client: TestClient, path: str) -> None:
    headers = client.get(path, headers=HTML).headers
    assert {name: headers.get(name) for name in SECURITY_HEADERS} == SECURITY_HEADERS
    assert headers["x-request-id"]
    assert "cache-control" in headers
    assert "strict-transport-security" not in headers


@pytest.mark.parametrize("path", ["/", "/rounds/tiny", "/rounds/tiny/board.csv", f"{API}/rounds", "/nowhere"])
def test_head_answers_what_get_does_without_the_body(client: TestClient, path: str) -> None:
    of_get, of_head = client.get(path), client.head(path)
    assert of_head.content == b""
    assert of_head.status_code == of_get.status_code
    assert of_head.headers["Content-Type"] == of_get.headers["Content-Type"]


def test_under_https_browsers_are_told_to_stay_there(tmp_path: Path) -> None:
    with running_app(tmp_path / "data", secure_cookies=True) as client:
        assert client.get("/").headers["strict-transport-security"].startswith("max-age=")


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", f"{API}/nowhere", 404, "not-found"),
        ("GET", f"{API}/rounds/tiny/nowhere", 404, "not-found"),
        ("PUT", f"{API}/rounds", 405, "method-not-allowed"),
        ("GET", f"{API}/submissions/0", 422, "invalid-request"),
        ("GET", f"{API}/submissions/99999999999999999999999", 422, "invalid-request"),
        ("GET", f"{API}/submissions/abc", 422, "invalid-request"),
        ("POST", f"{API}/teams", 422, "invalid-request"),
        ("GET", f"{API}/fault-of-ours", 500, "incident"),
    ],
)
def test_every_error_of_the_api_has_the_one_shape(
    client: TestClient, method: str, path: str, status: int, code: str
) -> None:
    headers = sign_up(client, f"Team {path} {method}".replace("/", " ")).headers
    answer = client.request(method, path, headers=headers)
    assert (answer.status_code, error_of(answer)["code"]) == (status, code)


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"{", 422), (b"\xff\xfe", 422), (b"[" * 30_000, 400), (b'{"name": "\\ud800"}', 422), (b"7", 422)],
)
def test_a_body_that_is_no_json_is_refused_politely(client: TestClient, body: bytes, status: int) -> None:
    answer = client.post(f"{API}/teams", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == status
    assert error_of(answer)


def test_a_lone_surrogate_in_a_name_is_refused(client: TestClient) -> None:
    body = b'{"name": "\\ud800", "email": "s@team.example", "password": "four words in", "team": "\\udfff"}'
    answer = client.post(f"{API}/teams", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422


@pytest.mark.parametrize("path", [f"{API}/fault-of-ours", "/fault-of-ours"])
def test_a_fault_of_ours_shows_an_incident_and_nothing_of_the_fault(
    client: TestClient, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    answer = client.get(path, headers=HTML)
    incident = answer.headers["x-request-id"]
    assert answer.status_code == 500
    assert incident in answer.text
    assert "7310537" not in answer.text
    assert "Traceback" not in answer.text
    assert f"incident {incident}" in caplog.text


def test_people_get_a_page_and_programs_get_json(client: TestClient) -> None:
    page = client.get("/rounds/nowhere", headers=HTML)
    assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert error_of(client.get(f"{API}/rounds/nowhere", headers=HTML))["code"] == "round-not-found"


def test_the_log_tells_what_was_asked_and_no_secret(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="heldout.access")
    member = sign_up(client, "Loggers")
    submit(client, member, method="hidden method")
    client.get("/rounds/tiny%0Aforged line", headers=member.headers)
    assert f"POST {API}/rounds/tiny/submissions 201" in caplog.text
    assert "forged line" in caplog.text
    for record in caplog.records:
        assert "\n" not in record.getMessage()
    for secret in (member.token, PASSWORD, member.email, "hidden"):
        assert secret not in caplog.text


@pytest.mark.parametrize("path", ["/log-in", "/sign-up", "/log-out", f"{API}/tokens", f"{API}/teams"])
@pytest.mark.parametrize(
    "origin", [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.example"}]
)
def test_a_forged_request_is_refused_on_every_unsafe_route(
    client: TestClient, path: str, origin: dict[str, str]
) -> None:
    answer = client.post(path, json={}, headers=origin)
    assert answer.status_code == 403
    assert "cross-site-request" in answer.text or "another site" in answer.text


def test_every_route_stands_whole_in_the_application_itself(tmp_path: Path) -> None:
    """FastAPI makes those of an included router anew before it answers the first request."""
    for route in create_app(Settings(data=tmp_path)).routes:
        assert isinstance(route, Route)
        if isinstance(route, APIRoute):
            due = [refuse_forged, *([current_viewer] if route.path.startswith(API) else [])]
            assert [one.dependency for one in route.dependencies[: len(due)]] == due, route.path


def test_a_session_submits_from_our_own_pages_alone_and_a_token_from_anywhere(client: TestClient) -> None:
    member = sign_up(client, "Browsers")
    form = {"email": member.email, "password": PASSWORD}
    logged_in = client.post("/log-in", data=form, headers={"Sec-Fetch-Site": "same-origin"})
    assert logged_in.status_code in {302, 303}, logged_in.text
    address = f"{API}/rounds/tiny/submissions?method=m"
    forged = [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "http://evil.example"}, {}]
    for headers in forged:
        assert client.post(address, content=b"1\n", headers=headers).status_code == 403
    own = client.post(address, content=b"1\n", headers={"Origin": "http://testserver"})
    assert own.status_code == 201
    anywhere = {**member.headers, "Sec-Fetch-Site": "cross-site"}
    assert client.post(address, content=b"2\n", headers=anywhere).status_code == 201
    client.cookies.clear()


def test_where_a_token_is_sent_the_cookie_is_ignored(client: TestClient) -> None:
    first, second = sign_up(client, "Cookie team"), sign_up(client, "Token team")
    client.post("/log-in", data={"email": first.email, "password": PASSWORD})
    submit(client, second)
    mine = client.get(f"{API}/submissions", headers=second.headers).json()["submissions"]
    assert [one["entry"]["team"] for one in mine] == ["Token team"]
    refused = client.get(f"{API}/submissions", headers={"Authorization": "Bearer hld_wrong"})
    assert refused.status_code == 401
    client.cookies.clear()


def test_a_session_ends_with_the_log_out(client: TestClient) -> None:
    member = sign_up(client, "Leavers")
    client.post("/log-in", data={"email": member.email, "password": PASSWORD})
    cookie = dict(client.cookies)
    assert client.get(f"{API}/submissions").is_success
    client.post("/log-out", headers={"Sec-Fetch-Site": "same-origin"})
    client.cookies.clear()
    client.cookies.update(cookie)
    assert client.get(f"{API}/submissions").status_code == 401
    client.cookies.clear()
