"""The world of payloads in a real browser: no dialog opens, nothing runs, and the policy has nothing to refuse."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser

from tests.browser.site import NOTE_VIOLATIONS, Site, running_site
from tests.hostile.payload_world import SLUG, Filled, fill, write_payload_round

PAGES = (
    "/", f"/rounds/{SLUG}", f"/rounds/{SLUG}/board", f"/rounds/{SLUG}/data", "/entries/1", "/entries/2", "/teams/1",
    "/teams/4", "/mail", "/join/{invitation}",
)  # fmt: skip
OWN_PAGES = (
    "/me",
    "/teams/1",
    f"/rounds/{SLUG}/submit",
    f"/rounds/{SLUG}",
    "/submissions/1",
    "/submissions/2",
    "/entries/1/appeal",
)
ORGANIZERS_PAGES = ("/organize", f"/organize/{SLUG}", f"/organize/{SLUG}/policy")


@pytest.fixture(scope="module")
def hostile_site(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, Filled]]:
    folder = tmp_path_factory.mktemp("hostile")
    with running_site(folder / "data", write_payload_round(folder / "round"), show_mail=True) as site:
        yield site, fill(site.deployment, now=datetime.now(UTC))


@pytest.mark.parametrize(("viewer", "pages"), [("nobody", PAGES), ("team", OWN_PAGES), ("organizer", ORGANIZERS_PAGES)])
def test_no_payload_runs_and_none_meets_the_policy(
    browser: Browser, hostile_site: tuple[Site, Filled], viewer: str, pages: tuple[str, ...]
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
    for path in pages:
        answer = page.goto(path.format(invitation=filled.invitation), wait_until="load")
        assert answer is not None and answer.status == 200, path
        page.mouse.move(200, 300)
        page.keyboard.press("Tab")
        assert page.evaluate("[typeof window.__pwned, window.violations.length]") == ["undefined", 0], path
        assert "__pwned" in page.content(), path  # they are there, as text
        assert told == [], path
    context.close()
