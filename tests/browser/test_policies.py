"""The forms of a policy in a real browser, which writes times and lines in its own way."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.sync_api import Browser, expect

from server.auth.permissions import COMMAND
from server.services.accounts import add_organizer
from server.services.policy_changes import change_policy
from server.services.rounds import RoundFacts, stored_round
from tests.browser.site import PASSWORD, Screen, Site, running_site
from tests.server.making import organize_all, write_round

LATER = datetime.now(UTC).replace(second=0, microsecond=0) + timedelta(days=9)

BEFORE = {"closes": LATER, "rules": "\n# One\r\n\r\n two <b> \n", "data": "Data", "finals": 2, "domains": ["a.example"]}
AFTER = {"closes": LATER + timedelta(days=1), "rules": "New", "data": "New", "finals": 3, "domains": ["b.example"]}


def test_nothing_that_was_not_touched_undoes_what_another_has_changed(
    screen: Callable[..., Screen], browser: Browser, tmp_path: Path
) -> None:
    folder = write_round(tmp_path / "round", opens=LATER - timedelta(days=20), closes=LATER, domains=["a.example"])
    with running_site(tmp_path / "data", folder) as site:
        database, now = site.deployment.database, datetime.now(UTC)
        organize_all(database, add_organizer(database, name="Host", email="o@host.example", password=PASSWORD, now=now))
        window = screen(site, width=375)
        window.log_in("o@host.example")
        page = window.page
        for group in ("dates", "limits", "ranking", "what is held back", "who takes part", "rules", "data page"):
            before = _change(site, **BEFORE)
            page.goto("/organize/tiny/policy")
            after = _change(site, **AFTER)
            assert before != after
            page.get_by_role("button", name=f"Save {group}").click()
            page.wait_for_url("**/policy?saved=true")
            assert _facts(site) == after
        page.goto("/organize/tiny/policy")
        _change(site, rules="Be <b>fair</b>.\n\n" + "So_be_it" * 30)
        page.get_by_label("Rule book").fill("Mine.")
        page.get_by_role("button", name="Save rules").click()
        expect(page.get_by_role("main")).to_contain_text("Somebody else has changed the policy since")
        expect(page.get_by_label("Rule book")).to_have_value("Mine.")
        expect(page.get_by_text("Be <b>fair</b>.")).to_be_visible()
        window.examine("policy-overtaken", statuses_told=1)


def _change(site: Site, **changes: object) -> RoundFacts:
    return change_policy(site.deployment, COMMAND, slug="tiny", changes=changes, now=datetime.now(UTC))


def _facts(site: Site) -> RoundFacts:
    with site.deployment.database.read() as session:
        return stored_round(session, "tiny")
