"""A team from nothing to a score in at most four actions: with and without the script, by hand and by keyboard alone.

Of widths, schemes and ways with and without the script each pair is walked once; by keyboard alone both widths, and
with and without the script.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.hands import Hand, Keyboard
from tests.browser.site import PASSWORD, SAMPLES, Screen, Site
from tests.waiting import wait_until

FILE = SAMPLES / "digits-cls" / "entries" / "naive_bayes.txt"
MOST_ACTIONS = 4


@pytest.mark.parametrize(
    ("hand", "width", "scheme", "javascript"),
    [
        (Hand, 375, "light", True), (Hand, 1280, "light", False),
        (Keyboard, 1280, "dark", True), (Keyboard, 375, "dark", False),
    ],
    ids=["pointer", "pointer without script", "keyboard", "keyboard without script"],
)  # fmt: skip
def test_from_nothing_to_a_score_in_at_most_four_actions(
    screen: Callable[..., Screen], site: Site, hand: type[Hand], width: int, scheme: str, javascript: bool
) -> None:
    window = screen(site, width=width, scheme=scheme, javascript=javascript)
    team = f"{hand.__name__} {width}"
    window.page.goto("/rounds/digits-cls")
    window.examine("journey-1-round")
    user = hand(window.page)
    user.act("link", "Submit predictions")
    expect(window.page.get_by_role("heading", level=1)).to_have_text("Sign up")
    window.examine("journey-2-sign-up")
    user.write("Your name", "Grace Example")
    user.write("E-mail", f"{team.replace(' ', '')}@journey.example")
    user.write("Password", PASSWORD)
    user.write("Team name", team)
    user.act("button", "Sign up")
    expect(window.page.get_by_role("heading", level=1)).to_have_text("Submit predictions")
    window.examine("journey-3-upload")
    user.choose_file("Prediction file", FILE)
    user.write("Method name", "Naive Bayes")
    user.tick("accept them")
    user.act("button", "Submit predictions")
    window.page.wait_for_url("**/submissions/*")
    _follow(window.page, javascript=javascript)
    expect(window.page.get_by_role("main")).to_contain_text("0.06118")
    expect(window.page.get_by_role("main")).to_contain_text("first score in this round")
    window.examine("journey-4-score")
    assert user.actions <= MOST_ACTIONS


def _follow(page: Page, *, javascript: bool) -> None:
    """Until the score is there: by itself with the script, by reloads without."""
    score = page.get_by_role("heading", name="Score", exact=True)
    if not javascript:
        wait_until(lambda: score.count() or (page.reload() and None), what="the score")
    expect(score).to_be_visible(timeout=60_000)
