"""Thirty payloads in every text that people give, on every page, for everybody: none runs, loads or leads elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from tests.hostile.payload_world import SILENT, Filled, addresses, fill, write_payload_round
from tests.hostile.payloads import EVERYTHING, PAYLOADS, dangers
from tests.hostile.routes import every_route
from tests.server.making import write_round
from tests.server.running import DURING, app_of, deployment_of, running_app
from tests.server.web.browsing import BROWSER, browser, log_in_as_organizer, send_form, sign_up_by_form

VIEWERS = ("nobody", "team", "other team", "organizer")

# Words of a payload as they stand in a page that shows it as text.
SHOWN = "alert(window.__pwned=1)"

ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    folder = tmp_path_factory.mktemp("payloads")
    with running_app(folder / "data", write_payload_round(folder / "round"), now=DURING, show_mail=True) as client:
        client.headers.update(BROWSER)
        yield client


@pytest.fixture(scope="module")
def filled(client: TestClient) -> Filled:
    return fill(deployment_of(client))


def _assert_harmless(answer: Response, place: str) -> None:
    assert re.match("/(?!/)|$", answer.headers.get("location", "")), place
    kind = answer.headers.get("content-type", "").partition(";")[0]
    if kind == "text/html":
        assert dangers(answer.text) == [], place
    elif kind == "application/atom+xml":
        links = [link.get("href", "") for link in ET.fromstring(answer.text).iter(f"{ATOM}link")]
        assert links and all(link.startswith(("http://testserver/", "http://127.0.0.1")) for link in links), place
    else:
        is_own = "/static/" in place
        assert is_own or kind in {
            "", "application/json", "text/csv", "text/plain", "application/zip", "application/octet-stream",
            "text/event-stream",
        }, place  # fmt: skip
    assert answer.headers["x-content-type-options"] == "nosniff"
    policy = answer.headers["content-security-policy"]
    assert "script-src 'self'" in policy and "unsafe" not in policy, place


def _content(page: str) -> str:
    """What a page is about: above it stands the name of whoever is logged in."""
    return page.partition("<main")[2].partition("</main>")[0]


def test_there_are_thirty_payloads_and_the_search_finds_each_that_is_not_escaped() -> None:
    assert len(set(PAYLOADS)) == 30
    assert all(dangers(text) for text in PAYLOADS if text.startswith("<") and not text.startswith("<javascript"))
    assert all(dangers(f'<input value="{text}">') for text in PAYLOADS if text.startswith('"'))
    assert all(
        dangers(f'<a href="{address}">x</a>') for address in ("javascript:x", "java\nscript:x", "//evil", "data:x")
    )
    assert dangers('<a href="/me">x</a><a href="https://example.org">y</a><a href="#z">z</a>') == []


def test_no_payload_does_anything_on_any_page_and_every_page_shows_one_as_text(
    client: TestClient, filled: Filled
) -> None:
    answered, pages, shown = set[str](), set[str](), set[str]()
    paths = sorted(route.removeprefix("GET ") for route in every_route(app_of(client)) if route.startswith("GET "))
    for viewer in VIEWERS:
        headers = {} if viewer == "nobody" else {"Authorization": f"Bearer {filled.tokens[viewer]}"}
        for path in paths:
            for address in addresses(path, filled):
                answer = client.get(address, headers=headers)
                assert answer.status_code < 500, address
                _assert_harmless(answer, f"{viewer} at {address}")
                answered |= {path} if answer.status_code == 200 else set()
                if answer.status_code == 200 and answer.headers["content-type"].startswith("text/html"):
                    pages.add(path)
                    shown |= {path} if SHOWN in _content(answer.text) else set()
    assert set(paths) - answered == {"/favicon.ico"}
    assert pages - shown == set(SILENT)


def test_what_forms_refuse_is_shown_as_text(tmp_path: Path) -> None:
    with browser(tmp_path / "data", write_round(tmp_path / "round")) as client:

        def send(path: str, **fields: str) -> None:
            answer = client.post(path, data=fields)
            assert answer.status_code < 500, path
            _assert_harmless(answer, path)

        for text in PAYLOADS:
            send("/sign-up", name=text, email=text, password="short", team=text, affiliation=text)
            _assert_harmless(client.get("/rounds/tiny/board", params={"find": text, "sort": text}), "a filtered board")
            _assert_harmless(client.get("/sign-up", params={"next": text}), "a way back")
        sign_up_by_form(client, "Lab")
        for text in PAYLOADS:
            send("/me/tokens", label=text * 9)
        send("/log-in", email=EVERYTHING, password=EVERYTHING, next=EVERYTHING)
        send("/forgot", email=EVERYTHING)
        for text in (PAYLOADS[0], PAYLOADS[7], PAYLOADS[9], EVERYTHING):
            _assert_harmless(send_form(client, method=text * 9, description=text, paper=text, code=text), "an upload")
            send("/rounds/tiny/join", code=text)
        send("/teams/1", affiliation=EVERYTHING * 9, abstract=EVERYTHING * 9)
        send("/rounds/tiny/questions", text=EVERYTHING * 9)
        client.cookies.clear()
        log_in_as_organizer(client)
        send("/organize/tiny/policy", keys="time_zone,domains,tracks", time_zone=EVERYTHING, domains=EVERYTHING)
        send("/organize/tiny/announcements", text=EVERYTHING * 99)
        send("/organize/tiny/schedule", act="extend", closes=EVERYTHING, time_zone=EVERYTHING)
        send("/organize/tiny/organizers", email=EVERYTHING)
