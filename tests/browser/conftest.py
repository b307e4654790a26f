"""One browser and one filled server for all tests of pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from server.services.accounts import SignedUp
from server.services.receiving import receive
from tests.browser.site import ARGUMENTS, SAMPLES, Screen, Site, find_browser, running_site
from tests.server.making import write_round
from tests.server.web.browsing import add_scored
from tests.waiting import wait_until

# Shown harmlessly, should one ever get past the forms.
HOSTILE_NAME = "<script>alert(1)</script>\u202egnp.\u200b"

# Who led the past round, from its first day on.
PAST = (
    ("Past masters", 0.31), ("Slow starters", 0.34), ("University of the North", 0.262), ("Past rivals", 0.281),
    ("Late bloomers", 0.164), ("Followers", 0.172), ("Two last steps", 0.148), ("The winners", 0.117),
    ("Far off", 0.97),
)  # fmt: skip


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    path = find_browser()
    if path is None:
        pytest.skip("no Chromium on this machine's PATH")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def site(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A server that scores: the sample round of digits, a past round, and a board of 500 rows."""
    folder = tmp_path_factory.mktemp("site")
    now = datetime.now(UTC)
    rounds = [
        SAMPLES / "digits-cls",
        write_round(folder / "past", slug="past", closes=now - timedelta(days=3)),
        write_round(folder / "big", slug="big", closes=now + timedelta(days=12), rows="entry"),
        write_round(folder / "coming", slug="coming", opens=now + timedelta(days=2)),
    ]
    with running_site(folder / "data", *rounds, worker_count=1, show_mail=True) as site:
        for place in range(500):
            scores = {f"top{k}_error": (place * 7919 % 5000) / 5000 / k for k in range(1, 6)}
            name = HOSTILE_NAME if place == 0 else f"Laboratory {place}"
            add_scored(site.deployment, scores, team=name, method=f"Network {place * 31 % 97}", slug="big")
        for place, (team, error) in enumerate(PAST):
            at = now - timedelta(days=90 - 9 * place)
            add_scored(site.deployment, {"top5_error": error}, team=team, slug="past", at=at)
        yield site


@pytest.fixture(scope="package")
def member(site: Site) -> SignedUp:
    """A team with one scored and one rejected file in the round of digits, where it has a rival."""
    member, rival = site.member("Two Rounds of Boosting"), site.member("Rival Questions")
    entries = SAMPLES / "digits-cls" / "entries"
    good = (entries / "forest.txt").read_bytes()
    lines = good.decode().splitlines()
    lines[3], lines[8], lines[20] = "99 1", "1 two 3", "<b>x</b>"
    for team, method, content in (
        (member, "Random forest", good),
        (member, "Broken forest", "\n".join(lines[:800]).encode()),
        (rival, "Four questions", (entries / "four_questions.txt").read_bytes()),
    ):
        made = receive(
            site.deployment, [content], slug="digits-cls", team_id=team.team_id, person_id=team.person_id,
            method=method, now=datetime.now(UTC), file_name="forest.txt",
        )  # fmt: skip
        wait_until(lambda number=made.id: _is_over(site, number), what="the end of the submission")
    return member


@pytest.fixture(scope="package")
def still_site(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A server that scores nothing: what is sent stays queued."""
    folder = tmp_path_factory.mktemp("still")
    with running_site(folder / "data", write_round(folder / "round")) as site:
        yield site


@pytest.fixture
def screen(browser: Browser) -> Iterator[Callable[..., Screen]]:
    """Makes windows, and closes them after the test."""
    made: list[Screen] = []

    def make(site: Site, *, width: int = 1280, scheme: str = "light", **options: Any) -> Screen:
        made.append(Screen(browser, site, width=width, scheme=scheme, **options))
        return made[-1]

    yield make
    for window in made:
        window.close()


def _is_over(site: Site, number: int) -> bool:
    from server.db.tables import State, Submission

    with site.deployment.database.read() as session:
        submission = session.get(Submission, number)
        return submission is not None and not State(submission.state).is_open


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    folder = Path(__file__).parent
    for item in items:
        if item.path.parent == folder:
            item.add_marker("browser")
