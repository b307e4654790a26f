"""An organizer, from the files of a round to the open round: four screens, with the script and without."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from server.services.accounts import add_organizer
from tests.browser.site import PASSWORD, Screen, Site
from tests.scoring.making import round_files
from tests.server.drafting import archive_of

MakeScreen = Callable[..., Screen]


def _log_in(page: Page, site: Site, name: str) -> None:
    email = f"{name}@host.example"
    add_organizer(site.deployment.database, name=name, email=email, password=PASSWORD, now=datetime.now(UTC))
    page.goto("/log-in?next=/organize/new")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Log in").click()
    page.wait_for_url("**/organize/new")


@pytest.mark.parametrize(
    ("width", "scheme", "javascript"), [(375, "dark", True), (1280, "light", False)], ids=["phone", "without script"]
)
def test_from_files_to_an_open_round_in_four_screens(
    screen: MakeScreen, still_site: Site, tmp_path: Path, width: int, scheme: str, javascript: bool
) -> None:
    window = screen(still_site, width=width, scheme=scheme, javascript=javascript)
    page, slug = window.page, f"made-{width}"
    _log_in(page, still_site, f"maker-{width}")
    window.examine("organize-new")  # 1
    archive = tmp_path / "round.zip"
    archive.write_bytes(archive_of("det", slug=slug))
    page.get_by_label("The folder as one archive").set_input_files(archive)
    page.get_by_role("button", name="Make a draft of the folder").click()
    page.wait_for_url(f"**/organize/{slug}")
    expect(page.get_by_role("row", name="perfect")).to_contain_text("1.00000")
    window.examine("organize-draft")  # 2
    page.get_by_role("link", name="Change the policy").click()
    page.get_by_label("Submissions per day").fill("3")
    page.get_by_role("button", name="Save limits").click()
    page.wait_for_url("**/policy?saved=true")
    window.examine("organize-draft-policy")  # 3
    page.get_by_role("button", name="Open the round").click()
    page.wait_for_url(f"**/organize/{slug}")
    expect(page.get_by_role("button", name="Close the round now")).to_be_visible()  # 4
    page.get_by_role("link", name="Roster").click()
    page.get_by_label("Name, e-mail").fill(
        "Ada Example-With-A-Long-Name; ada.with.a.long.address@laboratory.example; A"
    )
    page.get_by_role("button", name="Save the roster").click()
    expect(page.get_by_role("row", name="Ada Example")).to_contain_text("none yet")
    window.examine("organize-roster")
    page.goto(f"/rounds/{slug}")
    expect(page.get_by_role("main")).to_contain_text("3 submissions")


def test_what_is_wrong_with_single_files_stands_where_it_is(
    screen: MakeScreen, still_site: Site, tmp_path: Path
) -> None:
    window = screen(still_site, width=375)
    page, files = window.page, round_files("det")
    _log_in(page, still_site, "maker-of-faults")
    for key in ("classes.txt", "boxes.csv"):
        (tmp_path / key).write_text(str(files[key]).replace("n00000001 2", f"n00000001 {'x' * 70}"))
    page.get_by_label("Slug").fill("faulty")
    page.get_by_label("Title").fill("A faulty round")
    page.get_by_label("Task").select_option("det")
    page.get_by_label("Number of images").fill("5")
    page.get_by_label("Class table").set_input_files(tmp_path / "classes.txt")
    page.get_by_label("Ground truth: boxes").set_input_files(tmp_path / "boxes.csv")
    page.get_by_role("button", name="Make a draft of these files").click()
    expect(page.get_by_role("alert")).to_contain_text("cannot be made of these files")
    expect(page.get_by_label("Title")).to_have_value("A faulty round")
    expect(page.get_by_role("row", name="classes.table, line 2")).to_be_visible()
    window.examine("organize-new-faults", statuses_told=1)
