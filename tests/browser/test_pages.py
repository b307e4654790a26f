"""What pages show in more than one way: nothing scrolls sideways, nothing is refused, axe finds nothing.

Each page once is looked at in test_every_page.py, those on the way to a score in test_journey.py.
"""

from __future__ import annotations

from collections.abc import Callable

import httpx2
import pytest
from playwright.sync_api import expect
from sqlmodel import col, select

from server.db.tables import Submission
from server.services.accounts import SignedUp
from tests.browser.site import Screen, Site
from tests.waiting import wait_until

MakeScreen = Callable[..., Screen]


@pytest.mark.parametrize(
    ("name", "path", "heading"),
    [
        ("round-closed", "/rounds/past", "Round past"),
        ("board-sorted", "/rounds/big/board?sort=-date&find=Laboratory+49", "Board"),
        ("board-nothing-found", "/rounds/big/board?find=nobody", "Board"),
    ],
)
def test_public_pages_keep_every_promise(
    screen: MakeScreen, site: Site, member: SignedUp, name: str, path: str, heading: str
) -> None:
    window = screen(site)
    window.page.goto(path)
    expect(window.page.get_by_role("heading", level=1)).to_have_text(heading)
    window.examine_both_ways(name)


def test_a_teams_pages_keep_every_promise(screen: MakeScreen, site: Site, member: SignedUp) -> None:
    with site.deployment.database.read() as session:
        own = select(Submission.id).where(Submission.team_id == member.team_id)
        scored, rejected = session.exec(own.order_by(col(Submission.id))).all()
    window = screen(site)
    window.log_in(member.email)
    for name, path, words in (
        ("scored", f"/submissions/{scored}", "0.01335"),
        ("rejected", f"/submissions/{rejected}", "Send a mended file"),
        ("board-own", "/rounds/digits-cls/board", "your team"),
    ):
        window.page.goto(path)
        expect(window.page.get_by_role("main")).to_contain_text(words)
        window.examine_both_ways(name)


def test_the_ranks_a_row_may_have_come_to_the_board(screen: MakeScreen, site: Site, member: SignedUp) -> None:
    window = screen(site)

    def has_ranks() -> bool:
        window.page.goto("/rounds/digits-cls/board")
        return "told apart four times in five" in window.page.content()

    wait_until(has_ranks, what="the rank intervals")
    window.examine_both_ways("board-ranked")
    for box in window.page.get_by_role("checkbox").all()[:2]:
        box.check()
    window.page.get_by_role("button", name="Compare two entries").click()
    expect(window.page.get_by_role("heading", level=1)).to_have_text("Compare two entries")
    expect(window.page.get_by_role("main")).to_contain_text("Random forest")  # which leads this board


def test_all_findings_of_a_checked_file_keep_every_promise(screen: MakeScreen, site: Site) -> None:
    window = screen(site)
    window.page.goto("/check?round=digits-cls")
    faulty = {"name": "p.txt", "mimeType": "text/plain", "buffer": b"1 2 3\n99 1\n1 two 3\n" * 20}
    window.page.get_by_label("Prediction file").set_input_files([faulty])
    window.page.get_by_role("button", name="Check the file").click()
    expect(window.page.get_by_role("status")).to_contain_text("This file would be refused.")
    window.examine_both_ways("checked", statuses_told=1)


def test_an_error_page_keeps_every_promise(screen: MakeScreen, site: Site) -> None:
    window = screen(site)
    window.page.goto("/rounds/none/board")
    expect(window.page.get_by_role("heading", level=1)).to_have_text("Not found")
    window.examine_both_ways("not-found", statuses_told=1)


def test_a_board_of_500_rows_with_a_hostile_name_keeps_every_promise(screen: MakeScreen, site: Site) -> None:
    window = screen(site)
    window.page.goto("/rounds/big/board")
    expect(window.page.get_by_role("row")).to_have_count(501)
    expect(window.page.get_by_role("row").nth(1)).to_contain_text("<script>alert(1)</script>\\u202egnp.\\u200b")
    window.measure("board-500")
    window.page.evaluate("document.querySelectorAll('tbody tr:nth-child(n + 21)').forEach((row) => row.remove())")
    window.ask_axe()  # not of 500 rows that are all alike, which takes a quarter of a minute
    sent = httpx2.get(f"{site.address}/rounds/big/board")
    assert sent.headers["Content-Encoding"] == "gzip"
    assert int(sent.headers["Content-Length"]) < 60_000


def test_headings_sort_by_a_click_and_the_address_tells(screen: MakeScreen, site: Site) -> None:
    window = screen(site)
    window.page.goto("/rounds/big/board?find=Laboratory+49")
    window.page.get_by_role("link", name="Team", exact=True).click()
    assert window.page.url.endswith("/rounds/big/board?sort=team&find=Laboratory+49")
    expect(window.page.get_by_role("columnheader", name="Team")).to_have_attribute("aria-sort", "ascending")
    expect(window.page.get_by_role("row").nth(1)).to_contain_text("Laboratory 49")


def test_the_skip_link_is_the_first_stop_and_leads_to_the_content(screen: MakeScreen, site: Site) -> None:
    window = screen(site)
    window.page.goto("/")
    window.page.keyboard.press("Tab")
    expect(window.page.get_by_role("link", name="Skip to the content")).to_be_focused()
    expect(window.page.get_by_role("link", name="Skip to the content")).to_be_in_viewport()


def test_the_first_visit_to_a_board_needs_few_requests_and_shifts_nothing(screen: MakeScreen, site: Site) -> None:
    window = screen(site)
    requests: list[str] = []
    window.page.on("request", lambda request: requests.append(request.url))
    window.page.add_init_script(
        "window.shift = 0; new PerformanceObserver((list) => { for (const entry of list.getEntries())"
        " window.shift += entry.value; }).observe({type: 'layout-shift', buffered: true});"
    )
    window.page.goto("/rounds/big/board", wait_until="networkidle")
    assert len(requests) <= 8
    assert all(url.startswith(site.address) for url in requests)
    assert window.page.evaluate("window.shift") < 0.02
