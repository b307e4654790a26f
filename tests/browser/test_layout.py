"""Where things stand on a page, measured."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from server.auth.permissions import COMMAND
from server.services.policy_changes import change_policy
from tests.browser.site import Screen, Site

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
