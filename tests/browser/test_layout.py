"""Where things stand on a page, measured."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from leaderboard.figures import progress_figure
from leaderboard.history import past_winners
from server.auth.permissions import COMMAND
from server.services.opening import open_folder
from server.services.policy_changes import change_policy
from tests.browser.site import SAMPLES, Screen, Site
from tests.leaderboard.making import DURING, TOP5, board_of, entry, submission
from tests.server.making import organize_all
from tests.server.web.browsing import add_scored

MakeScreen = Callable[..., Screen]

NARROW = 375
COLUMNS = 12
TABLE = "\n".join(
    "|" + " | ".join(cells) + "|"
    for cells in (["Model"] + ["Error"] * COLUMNS, ["---"] * (COLUMNS + 1), ["ResNet-152"] + ["0.0449"] * COLUMNS)
)


@pytest.mark.parametrize("page_of", ["", "/data"])
def test_a_table_in_markdown_keeps_its_head_on_a_narrow_screen_and_scrolls_in_itself(
    screen: MakeScreen, site: Site, page_of: str
) -> None:
    text = f"# Rules\n\nThe baselines:\n\n{TABLE}\n\n| a | b |\n|---|---|\n| 1 | 2 |\n"
    change_policy(site.deployment, COMMAND, slug="coming", changes={"rules": text, "data": text}, now=datetime.now(UTC))
    window = screen(site, width=NARROW)
    window.page.goto(f"/rounds/coming{page_of}")
    wide, small = window.page.locator(".prose table").all()
    for table, first in ((wide, "Model"), (small, "a")):
        head = table.get_by_role("columnheader", name=first, exact=True)
        box = head.bounding_box()
        assert box is not None and min(box["height"], box["width"]) > 20
    assert wide.evaluate("(table) => table.scrollWidth > table.clientWidth")
    assert small.evaluate("(table) => table.scrollWidth === table.clientWidth")
    one, two = (small.get_by_role("cell", name=name).bounding_box() for name in ("1", "2"))
    assert one is not None and two is not None and one["y"] == two["y"] and one["x"] < two["x"]
    window.examine(f"markdown-table{page_of.replace('/', '-')}")


@pytest.fixture(scope="module")
def loc_board(site: Site) -> str:
    """The address of a board with ten metrics and names that are long."""
    now = datetime.now(UTC)
    open_folder(site.deployment, SAMPLES / "digits-loc", now=now)
    change_policy(site.deployment, COMMAND, slug="digits-loc", changes={"tracks": ["provided", "external"]}, now=now)
    for place in range(1, 3):
        scores = {f"{kind}{k}_error": place / 10 / k for kind in ("loc", "top") for k in range(1, 6)}
        method = "Region proposals over a residual network of 152 layers, six scales and both flips"
        add_scored(
            site.deployment, scores, team=f"Institute {place} of Layout", method=method, slug="digits-loc", at=now
        )
    return "/rounds/digits-loc/board"


CHART_TEXTS = """() => [...document.querySelectorAll(".chart text")].filter((text) => text.checkVisibility())
  .map((text) => [text.textContent, text.getBoundingClientRect()])
  .map(([words, box]) => [words, box.left, box.right, box.top + 3, box.bottom - 3])"""


def test_no_label_of_a_chart_lies_on_another_or_is_cut_and_every_winner_is_named(
    screen: MakeScreen, site: Site
) -> None:
    sent = [(0.21, 0), (0.153, 4), (0.12, 8), (0.06, 13), (0.045, 19), (0.044, 25)]
    rows = [
        entry(number, submission(number, error, hours=24 * day), team=f"Laboratory {number} of the Far North")
        for number, (error, day) in enumerate(sent, start=1)
    ]
    later = DURING + timedelta(days=26)
    figure = progress_figure(
        board_of(*rows, now=later), TOP5, start=DURING, end=later,
        references=past_winners("cls", "top5_error", class_count=1000),
    )  # fmt: skip
    window = screen(site)
    page = window.page
    page.goto("/")
    page.evaluate("(figure) => { document.querySelector('main .frame').innerHTML = figure }", str(figure))
    for width in (NARROW, 780, 1280):
        window.turn_to(width=width)
        texts = page.evaluate(CHART_TEXTS)
        told = {words[:5] for words, *_ in texts}
        assert [year for year in range(2010, 2018) if f"{year} " not in told] == [], width
        for place, (words, left, right, top, bottom) in enumerate(texts):
            assert left >= 0 and right <= width, words
            for other, *box in texts[:place]:
                assert right <= box[0] or left >= box[1] or bottom <= box[2] or top >= box[3], (width, words, other)


CUT_CELLS = """[...document.querySelectorAll("main :is(td, tbody th)")]
  .filter((cell) => cell.scrollWidth > cell.clientWidth + 1).map((cell) => cell.outerHTML)"""


def test_neither_a_page_nor_a_cell_is_too_narrow_for_what_it_holds(
    screen: MakeScreen, site: Site, loc_board: str
) -> None:
    window = screen(site)
    for path in ("/", "/rounds/digits-loc", loc_board, "/history/2012", "/docs"):
        window.page.goto(path)
        for width in (NARROW, 660, 780, 900, 1010, 1280):
            window.turn_to(width=width)
            assert window.page.evaluate("document.documentElement.scrollWidth") <= width, (path, width)
            assert window.page.evaluate(CUT_CELLS) == [], (path, width)


def test_the_first_lines_of_a_rows_cells_stand_beside_each_other(
    screen: MakeScreen, site: Site, loc_board: str
) -> None:
    page = screen(site).page
    page.goto(loc_board)
    lines, bottoms = page.locator(".board tbody tr").first.evaluate(
        """(row) => {
          const lines = [...row.cells].filter((cell) => cell.textContent).map((cell) => {
            const range = document.createRange();
            range.selectNodeContents(cell.querySelector("bdi, time") ?? cell);
            return [...range.getClientRects()].filter((box) => box.width > 0);
          });
          return [lines.map((boxes) => boxes.length), lines.map((boxes) => boxes[0].bottom)];
        }"""
    )
    assert max(lines) > 1  # the method's name is wrapped
    assert max(bottoms) - min(bottoms) <= 2


def test_on_a_narrow_screen_a_board_is_sorted_by_keyboard_and_no_stop_is_invisible(
    screen: MakeScreen, site: Site, loc_board: str
) -> None:
    page = screen(site, width=NARROW).page
    page.goto(loc_board)
    order = page.get_by_label("Sort by")
    for _ in range(100):
        page.keyboard.press("Tab")
        size = page.evaluate(
            """() => { const box = document.activeElement.getBoundingClientRect();
              const shown = document.activeElement.checkVisibility({visibilityProperty: true});
              return document.activeElement.closest("thead") || !shown ? 0 : Math.min(box.width, box.height); }"""
        )
        assert size > 4, page.evaluate("document.activeElement.outerHTML")
        if page.evaluate("document.activeElement.closest('tbody') !== null"):
            break
    assert page.evaluate("document.activeElement.closest('tbody') !== null")
    order.focus()
    page.keyboard.type("Team, r")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**sort=-team**")
    teams = page.locator(".board tbody .team bdi").all_inner_texts()
    assert len(teams) > 1 and teams == sorted(teams, key=str.casefold, reverse=True)
    expect(order).to_have_value("-team")


def test_the_controls_of_a_bar_are_of_one_height(screen: MakeScreen, site: Site, loc_board: str) -> None:
    page = screen(site).page
    for path in (loc_board, "/check"):
        page.goto(path)
        controls = page.locator(".filter :is(input:not([type=hidden]), select, button):visible").all()
        assert len(controls) > 1
        assert len({(box := control.bounding_box()) and box["height"] for control in controls}) == 1, path


@pytest.mark.parametrize("is_organizer", [False, True])
def test_the_way_out_stands_beside_the_name_on_a_narrow_screen(
    screen: MakeScreen, site: Site, is_organizer: bool
) -> None:
    team = f"Header-{is_organizer} Institute of Long Names"
    made, window = site.member(team), screen(site, width=NARROW)
    if is_organizer:
        organize_all(site.deployment.database, made.person_id)
    window.log_in(made.email)
    name, out = window.page.get_by_role("link", name=team), window.page.get_by_role("button", name="Log out")
    expect(window.page.get_by_role("link", name="Organize")).to_have_count(int(is_organizer))
    first, second = name.bounding_box(), out.bounding_box()
    assert first is not None and second is not None and abs(first["y"] - second["y"]) < 4


def test_a_long_name_in_a_button_makes_no_page_wider(screen: MakeScreen, site: Site) -> None:
    made, window = site.member("W" * 100), screen(site, width=NARROW)
    window.log_in(made.email)
    for path in (f"/teams/{made.team_id}", "/me"):
        window.page.goto(path)
        assert window.page.evaluate("document.documentElement.scrollWidth") <= NARROW, path


def test_the_rule_above_an_empty_page_keeps_its_distance(screen: MakeScreen, site: Site) -> None:
    page = screen(site).page
    page.goto("/rounds/past/data")
    text, rule = page.locator(".lede").bounding_box(), page.locator(".empty").bounding_box()
    assert text is not None and rule is not None and rule["y"] - text["y"] - text["height"] >= 16
