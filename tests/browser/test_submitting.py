"""Sending a file: with the script and without, right and wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from server.services.accounts import SignedUp
from tests.browser.site import SAMPLES, Screen, Site
from tests.server.making import predictions

MakeScreen = Callable[..., Screen]

ENTRIES = SAMPLES / "digits-cls" / "entries"
BOTH = pytest.mark.parametrize("javascript", [True, False], ids=["with script", "without script"])


def _fill_in(page: Page, file: Path, method: str) -> None:
    page.get_by_label("Prediction file").set_input_files(file)
    page.get_by_label("Method name").fill(method)
    for rules in page.get_by_label("accept them").all():  # once per version, where the round has some
        rules.check()
    page.get_by_role("button", name="Submit predictions").click()


@BOTH
def test_a_file_sent_twice_is_asked_about_and_then_taken(
    screen: MakeScreen, still_site: Site, tmp_path: Path, javascript: bool
) -> None:
    window = screen(still_site, javascript=javascript)
    window.log_in(still_site.member(f"Twice{javascript} Sent").email)
    file = tmp_path / "predictions.txt"
    file.write_bytes(predictions())
    window.page.goto("/rounds/tiny/submit")
    _fill_in(window.page, file, "Net")
    window.page.wait_for_url("**/submissions/*")
    window.page.goto("/rounds/tiny/submit")
    _fill_in(window.page, file, "Net")
    expect(window.page.get_by_role("alert")).to_contain_text("exactly this file")
    window.examine("submit-duplicate", statuses_told=1)
    if not javascript:  # a browser forgets the file with the page; the script keeps both
        window.page.get_by_label("Prediction file").set_input_files(file)
    window.page.get_by_label("Send this file again anyway").check()
    window.page.get_by_role("button", name="Submit predictions").click()
    window.page.wait_for_url("**/submissions/*")


@BOTH
def test_a_wrong_method_name_is_told_on_the_page(
    screen: MakeScreen, still_site: Site, tmp_path: Path, javascript: bool
) -> None:
    window = screen(still_site, width=375, scheme="dark", javascript=javascript)
    window.log_in(still_site.member(f"Wrong{javascript} Name").email)
    file = tmp_path / "predictions.txt"
    file.write_bytes(predictions())
    window.page.goto("/rounds/tiny/submit")
    _fill_in(window.page, file, "Net\u202eten")
    expect(window.page.get_by_role("alert")).to_contain_text("U+202E")
    window.examine("submit-wrong-name", statuses_told=1)


def test_a_queued_submission_shows_its_place(screen: MakeScreen, still_site: Site, tmp_path: Path) -> None:
    window = screen(still_site)
    window.log_in(still_site.member("Queue Standers").email)
    file = tmp_path / "predictions.txt"
    file.write_bytes(predictions(salt=1))
    window.page.goto("/rounds/tiny/submit")
    _fill_in(window.page, file, "Net")
    window.page.wait_for_url("**/submissions/*")
    expect(window.page.locator("[aria-current=step]")).to_contain_text("in line")
    expect(window.page.get_by_role("status")).to_contain_text("Queued,")
    window.examine_both_ways("queued")


def test_the_progress_of_an_upload_is_shown_and_told(screen: MakeScreen, site: Site, member: SignedUp) -> None:
    window = screen(site)
    window.log_in(member.email)
    window.page.goto("/rounds/digits-cls/submit")
    window.page.route("**/submit?key=*", lambda _: None)  # the server never answers
    _fill_in(window.page, ENTRIES / "ink.txt", "Ink")
    expect(window.page.get_by_role("progressbar", name="Upload")).to_be_visible()
    expect(window.page.get_by_role("button", name="Submit predictions")).to_be_disabled()


def test_a_broken_connection_keeps_the_form_and_says_so(screen: MakeScreen, site: Site, member: SignedUp) -> None:
    window = screen(site)
    window.log_in(member.email)
    window.page.goto("/rounds/digits-cls/submit")
    window.page.route("**/submit?key=*", lambda route: route.abort())
    _fill_in(window.page, ENTRIES / "ink.txt", "Ink")
    expect(window.page.get_by_text("The connection broke.")).to_be_visible()
    expect(window.page.get_by_role("button", name="Submit predictions")).to_be_enabled()


def test_a_token_is_made_shown_once_and_revoked(screen: MakeScreen, site: Site, member: SignedUp) -> None:
    window = screen(site, width=375)
    window.log_in(member.email)
    window.page.goto("/me")
    window.page.get_by_label("Label of a new token").fill("cluster")
    window.page.get_by_role("button", name="Create a token").click()
    expect(window.page.get_by_role("status")).to_contain_text("hld_")
    window.examine("token")
    window.page.goto("/me")
    expect(window.page.get_by_role("main")).not_to_contain_text("hld_")
    window.page.get_by_role("button", name="Revoke cluster").click()
    expect(window.page.get_by_role("button", name="Revoke cluster")).to_have_count(0)
