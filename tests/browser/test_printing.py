"""What a printer makes of a page."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PAST
from tests.browser.site import Screen, Site

A4_LESS_MARGINS = 718

INK, MUTED = "rgb(25, 27, 32)", "rgb(88, 93, 104)"  # of the light scheme


@pytest.mark.parametrize("path", ["/rounds/past", "/rounds/past/board"])
def test_a_printed_page_has_its_table_and_the_light_colours_whatever_the_screen_shows(
    screen: Callable[..., Screen], site: Site, path: str
) -> None:
    page = screen(site, width=A4_LESS_MARGINS, scheme="dark").page
    page.goto(path)
    page.emulate_media(media="print", color_scheme="dark")
    for selector, colour in ((".brand", INK), (".lede", MUTED), (".board tbody .team", INK), (".board .date", MUTED)):
        expect(page.locator(selector).first).to_have_css("color", colour)
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "light"
    table = page.get_by_role("table").first.bounding_box()
    assert table is not None and table["height"] > 100 and table["x"] + table["width"] <= A4_LESS_MARGINS
    expect(page.get_by_role("table").first.get_by_role("row")).to_have_count(1 + len(PAST))
    for gone in ("Log in", "Filter rows", "Compare two entries", "Check a file"):
        expect(page.get_by_text(gone, exact=True).first).not_to_be_visible()
