"""A real server on a free port, and a real browser before it that notices what goes wrong."""

from __future__ import annotations

import re
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from typing import Any

import uvicorn
from axe_playwright_python.base import AXE_SCRIPT, AxeResults
from playwright.sync_api import Browser, ConsoleMessage, Page

from server.app import create_app
from server.deployment import Deployment
from server.services.accounts import SignedUp, sign_up
from server.services.opening import open_folder
from tests.server.making import CALM, quick_deployment, quick_settings
from tests.waiting import wait_until

SCREENSHOTS = Path(__file__).parent / "screenshots"
SAMPLES = Path(__file__).parents[2] / "data"
PASSWORD = "four words in a row"

# The names that distributions and vendors give it; first the one without a window, which takes a quarter less time and
# loads, lays out and draws pages as the others do.
BROWSERS = (
    "chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome",
)  # fmt: skip

# A window of Chromium loads two pages for its address bar, which nobody sees here, and a process in reserve: half of
# what a window takes. The last list of features counts, so those that Playwright does without are here, too.
UNUSED = (
    "WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "SpareRendererForSitePerProcess",
    "AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "HttpsUpgrades", "MediaRouter",
    "OptimizationHints", "PaintHolding", "ThirdPartyStoragePartitioning",
)  # fmt: skip
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", f"--disable-features={','.join(UNUSED)}",
]  # fmt: skip

# Layout depends on the width alone, contrast on the scheme alone: no rule of the style sheet depends on both.
WAYS = ((375, "dark"), (1280, "light"))

ASK_AXE = "axe.run({resultTypes: ['violations']}).then((found) => ({...found, passes: [], inapplicable: []}))"

# What the strict policy refuses is told to the page itself, whatever the console says.
NOTE_VIOLATIONS = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) => window.violations.push(event.violatedDirective));
"""


def find_browser() -> str | None:
    """The system's Chromium, if there is one."""
    return next((path for name in BROWSERS if (path := shutil.which(name))), None)


@dataclass(frozen=True, kw_only=True)
class Site:
    """A running server."""

    address: str
    deployment: Deployment  # the server's own, for filling it

    def member(self, team: str) -> SignedUp:
        """A new team with one person."""
        return sign_up(
            self.deployment.database,
            name="Ada Example",
            email=f"{team.split(' ', maxsplit=1)[0].lower()}@team.example",
            password=PASSWORD,
            team=team,
            now=datetime.now(UTC),
        )


@contextmanager
def running_site(data: Path, *rounds: Path, **settings: Any) -> Iterator[Site]:
    """A server with these rounds open; without `worker_count` it scores nothing."""
    chosen = quick_settings(data, **{**CALM, **settings})
    deployment = quick_deployment(chosen)
    for folder in rounds:
        open_folder(deployment, folder, now=datetime.now(UTC))
    deployment.close()
    app = create_app(chosen)
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
        thread = Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            wait_until(lambda: server.started or not thread.is_alive(), what="the start of the server")
            assert server.started
            address = f"http://127.0.0.1:{listener.getsockname()[1]}"
            yield Site(address=address, deployment=app.state.deployment)
        finally:
            server.should_exit = True
            thread.join()


class Screen:
    """One window of one size, and everything its page complains about."""

    def __init__(self, browser: Browser, site: Site, *, width: int, scheme: Any, javascript: bool = True) -> None:
        self.site = site
        self._javascript = javascript
        self._see(width, scheme)
        self._complaints: list[str] = []
        self._browser = browser
        self._page_for_axe: Page | None = None
        self._context = browser.new_context(**self._looks, java_script_enabled=javascript, base_url=site.address)
        self._context.add_init_script(NOTE_VIOLATIONS)
        self.page: Page = self._context.new_page()
        self.page.on("console", self._note)
        self.page.on("pageerror", lambda error: self._complaints.append(str(error)))

    def turn_to(self, *, width: int, scheme: Any = "light") -> None:
        """Look at the same page in another window and light."""
        self._see(width, scheme)
        for page in (self.page, self._page_for_axe):
            if page is not None:
                page.set_viewport_size(self._looks["viewport"])
                page.emulate_media(color_scheme=scheme)

    def log_in(self, email: str) -> None:
        """Fill in the form."""
        self.page.goto("/log-in")
        self.page.get_by_label("E-mail").fill(email)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("main").get_by_role("button", name="Log in").click()
        self.page.wait_for_url("**/")

    def examine(self, name: str, *, statuses_told: int = 0) -> None:
        """Keep a picture of the page, then hold it to what every page promises.

        Args:
            name: of the picture.
            statuses_told: how many times the console may name a status of 400 or more (an error page's own).
        """
        self.measure(name, statuses_told=statuses_told)
        self.ask_axe()

    def examine_both_ways(self, name: str, *, statuses_told: int = 0) -> None:
        """As `examine`, narrow and dark, and wide and light."""
        for width, scheme in WAYS:
            self.turn_to(width=width, scheme=scheme)
            self.examine(name, statuses_told=statuses_told)

    def measure(self, name: str, *, statuses_told: int = 0) -> None:
        """As `examine`, but for what axe looks for."""
        SCREENSHOTS.mkdir(exist_ok=True)
        self.page.screenshot(path=SCREENSHOTS / f"{name}-{self.name}.png", full_page=True)
        told = [text for text in self._complaints if text.startswith("Failed to load resource: the server responded")]
        assert len(told) <= statuses_told
        assert [text for text in self._complaints if text not in told] == []
        assert not self._javascript or self.page.evaluate("window.violations") == []
        assert self.page.evaluate("document.documentElement.scrollWidth") <= self._width
        assert self.small_targets() == []
        description = self.page.locator("head > meta[name=description]").get_attribute("content")
        assert description is not None and len(description) > 20

    def ask_axe(self) -> None:
        """No rule of axe is broken."""
        page = self.page if self._javascript else self._shown_with_scripts()
        if not page.evaluate("'axe' in window"):
            page.evaluate(AXE_SCRIPT)
        found = AxeResults(page.evaluate(ASK_AXE))
        assert found.violations_count == 0, found.generate_report()

    def _see(self, width: int, scheme: Any) -> None:
        self._width = width
        self._looks: dict[str, Any] = {"viewport": {"width": width, "height": 900}, "color_scheme": scheme}
        self.name = f"{width}-{scheme}" if self._javascript else f"{width}-{scheme}-without-script"

    def _shown_with_scripts(self) -> Page:
        """Where scripts are off, as axe is one itself: the page's elements in a window that runs scripts."""
        seen = re.sub(r"<script\b.*?</script>", "", self.page.content(), flags=re.DOTALL)
        shown = re.sub(r"(</?)noscript\b", r"\1div", seen)  # or what it holds would not be looked at
        page = self._page_for_axe = self._page_for_axe or self._browser.new_context(**self._looks).new_page()
        page.unroute_all()
        page.route(self.page.url, lambda route: route.fulfill(body=shown, content_type="text/html; charset=utf-8"))
        page.goto(self.page.url)
        return page

    def small_targets(self) -> list[str]:
        """Links and buttons on their own that are less than 24 px high or wide; those within a sentence may be."""
        small: list[str] = self.page.evaluate(
            """() => [...document.querySelectorAll("button, input:not([type=hidden]), .links a, .top a, thead a")]
              .filter((element) => element.checkVisibility() && !element.matches(".skip"))
              .filter((element) => {
                const box = element.getBoundingClientRect();
                const parent = element.closest("label")?.getBoundingClientRect() ?? box;
                const [height, width] = [Math.max(box.height, parent.height), Math.max(box.width, parent.width)];
                return box.width > 1 && (height < 24 || width < 24);
              })
              .map((element) => element.outerHTML)"""
        )
        return small

    def close(self) -> None:
        self._context.close()
        if self._page_for_axe is not None:
            self._page_for_axe.context.close()

    def _note(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self._complaints.append(message.text)
