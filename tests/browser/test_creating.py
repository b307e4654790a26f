"""An organizer, from the files of a round to the open round in at most five screens: by pointer and by keyboard alone.

Of widths, schemes and ways with and without the script each pair is walked once; by keyboard alone both widths, and
with and without the script.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import expect

from server.services.accounts import add_organizer
from tests.browser.hands import Hand, Keyboard
from tests.browser.site import PASSWORD, Screen, Site
from tests.scoring.making import round_files
from tests.server.drafting import archive_of

MakeScreen = Callable[..., Screen]

MOST_SCREENS = 5  # with the one that asks who it is

ROSTER = "Or as text: name, e-mail and, if there are any, team; a person a line"


def _log_in(user: Hand, site: Site, name: str) -> None:
    email = f"{name}@host.example"
    add_organizer(site.deployment.database, name=name, email=email, password=PASSWORD, now=datetime.now(UTC))
    user.page.goto("/log-in?next=/organize/new")
    user.write("E-mail", email)
    user.write("Password", PASSWORD)
    user.act("button", "Log in")
    user.page.wait_for_url("**/organize/new")


@pytest.mark.parametrize(
    ("hand", "width", "scheme", "javascript"),
    [
        (Hand, 375, "dark", True), (Hand, 1280, "dark", False),
        (Keyboard, 1280, "light", True), (Keyboard, 375, "light", False),
    ],
    ids=["pointer", "pointer without script", "keyboard", "keyboard without script"],
)  # fmt: skip
def test_from_files_to_an_open_round_in_at_most_five_screens(
    screen: MakeScreen, still_site: Site, tmp_path: Path, hand: type[Hand], width: int, scheme: str, javascript: bool
) -> None:
    window = screen(still_site, width=width, scheme=scheme, javascript=javascript)
    page, user, slug = window.page, hand(window.page), f"made-{hand.__name__.lower()}-{width}"
    _log_in(user, still_site, f"maker-{slug}")
    window.examine("organize-new")
    archive = tmp_path / "round.zip"
    archive.write_bytes(archive_of("det", slug=slug))
    user.choose_file("The folder as one archive", archive)
    user.act("button", "Make a draft of the folder")
    page.wait_for_url(f"**/organize/{slug}")
    expect(page.get_by_role("row", name="perfect")).to_contain_text("1.00000")
    window.examine("organize-draft")
    user.act("link", "Change the policy")
    user.write("Submissions per day", "3")
    user.act("button", "Save limits")
    page.wait_for_url("**/policy?saved=true")
    window.examine("organize-draft-policy")
    user.act("button", "Open the round")
    page.wait_for_url(f"**/organize/{slug}")
    expect(page.get_by_role("button", name="Close the round now")).to_be_visible()
    assert user.screens[-1] == f"/organize/{slug}" and len(user.screens) <= MOST_SCREENS, user.screens
    user.act("link", "Roster")
    user.write(ROSTER, "Ada Example-With-A-Long-Name; ada.with.a.long.address@laboratory.example; A")
    user.act("button", "Save the roster")
    expect(page.get_by_role("row", name="Ada Example")).to_contain_text("none yet")
    window.examine("organize-roster")
    page.goto(f"/rounds/{slug}")
    expect(page.get_by_role("main")).to_contain_text("3 submissions")


def test_what_is_wrong_with_single_files_stands_where_it_is(
    screen: MakeScreen, still_site: Site, tmp_path: Path
) -> None:
    window = screen(still_site, width=375)
    page, files = window.page, round_files("det")
    _log_in(Hand(page), still_site, "maker-of-faults")
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
