"""The pages on which an organizer looks for faults in the truth and corrects it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from server.auth.viewer import Viewer
from server.services.accounts import add_organizer
from server.services.image_reports import report_image
from tests.browser.site import PASSWORD, Screen, Site, running_site
from tests.server.making import organize_all, predictions, send, write_round

MakeScreen = Callable[..., Screen]


@pytest.fixture(scope="module")
def organized(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A server that scores nothing, with a report, a submission and an organizer."""
    folder = tmp_path_factory.mktemp("organized")
    now = datetime.now(UTC)
    with running_site(folder / "data", write_round(folder / "round")) as site:
        member = site.member("Reporting Team of a long name")
        send(site.deployment, member.team_id, predictions(), now=now)
        viewer = Viewer(person_id=member.person_id, team_id=member.team_id)
        report_image(site.deployment, viewer, slug="tiny", image="4", text="I see a fox, not a dog.", now=now)
        database = site.deployment.database
        organize_all(
            database, add_organizer(database, name="Organizer", email="o@host.example", password=PASSWORD, now=now)
        )
        yield site


@pytest.mark.parametrize("javascript", [True, False], ids=["with script", "without script"])
def test_a_doubtful_image_becomes_a_correction(
    screen: MakeScreen, organized: Site, tmp_path: Path, javascript: bool
) -> None:
    window = screen(organized, javascript=javascript)
    page = window.page
    page.goto("/log-in")
    page.get_by_label("E-mail").fill("o@host.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Log in").click()
    page.wait_for_url("**/")
    page.goto("/organize/tiny")
    window.examine_both_ways("organize-round")
    page.get_by_role("link", name="Doubtful images").click()
    expect(page.get_by_role("main")).to_contain_text("I see a fox")
    page.get_by_role("button", name="Look for them").click()
    window.examine_both_ways("doubtful-images")
    page.get_by_role("link", name="Corrections").click()
    draft = tmp_path / "draft.csv"
    draft.write_text(f"image,present,suggested\n4,4,{5 + javascript}\n")
    page.get_by_label("What the file is").select_option("changes")
    page.get_by_label("File", exact=True).set_input_files(draft)
    page.get_by_role("button", name="Send and score everything").click()
    heading = re.compile(r"Version [23], in preparation")  # each has a number of its own
    expect(page.get_by_role("heading", name=heading)).to_be_visible(timeout=30_000)
    window.examine_both_ways("corrections")
