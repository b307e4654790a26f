"""The world of payloads in a real browser: no dialog opens, nothing runs, and the policy has nothing to refuse."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice

import pytest
from playwright.sync_api import Browser, BrowserContext

from server.app import create_app
from server.settings import Settings
from tests.browser.site import NOTE_VIOLATIONS, Site, running_site
from tests.browser.test_every_page import NO_PAGES
from tests.hostile.payload_world import SILENT, Filled, addresses, fill, write_payload_round
from tests.hostile.routes import every_route


@pytest.fixture(scope="module")
def hostile_site(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, Filled]]:
    folder = tmp_path_factory.mktemp("hostile")
    with running_site(folder / "data", write_payload_round(folder / "round"), show_mail=True) as site:
        yield site, fill(site.deployment, now=datetime.now(UTC))


# What an entry and a team show is the same for all, so nobody in particular looks at all of them.
VIEWERS = {"nobody": 30, "team": 2, "organizer": 2}


@pytest.mark.parametrize("viewer", VIEWERS)
def test_no_payload_runs_and_none_meets_the_policy(
    browser: Browser, hostile_site: tuple[Site, Filled], viewer: str
) -> None:
    site, filled = hostile_site
    token = filled.tokens.get(viewer)
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    context = browser.new_context(base_url=site.address, extra_http_headers=headers)
    context.add_init_script(NOTE_VIOLATIONS)
    page = context.new_page()
    told: list[str] = []
    page.on("dialog", lambda dialog: (told.append(dialog.message), dialog.dismiss()))
    page.on("console", lambda message: told.append(message.text) if message.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: told.append(str(error)))
    page.on("request", lambda request: None if request.url.startswith(site.address) else told.append(request.url))
    visited, shown = set[str](), set[str]()
    for route, path in _addresses(filled, most=VIEWERS[viewer]):
        if not _is_page(context, path):
            continue
        page.goto(path, wait_until="load")
        page.mouse.move(200, 300)
        page.keyboard.press("Tab")
        assert page.evaluate("[typeof window.__pwned, window.violations.length]") == ["undefined", 0], path
        assert told == [], path
        visited.add(route)
        shown |= {route} if "__pwned" in page.locator("main").inner_html() else set()  # they are there, as text
    assert len(visited) >= 20
    assert visited - shown <= {*SILENT, *({"/organize"} if viewer == "team" else ())}
    context.close()


def _addresses(filled: Filled, *, most: int) -> Iterator[tuple[str, str]]:
    """Every page's route with so many of its addresses; of submissions there is one of each kind."""
    routes = sorted(route.removeprefix("GET ") for route in every_route(create_app(Settings())) if "GET /" in route)
    for route in routes:
        if route not in NO_PAGES and not route.startswith("/api/"):
            yield from ((route, path) for path in islice(addresses(route, filled), most))


def _is_page(context: BrowserContext, path: str) -> bool:
    answer = context.request.get(path, max_redirects=0)
    return answer.status == 200 and answer.headers["content-type"].startswith("text/html")
