"""Every page that the application has, found by its routes: a route that is neither listed here nor no page fails.

Each is looked at narrow and dark, and wide and light. What a page shows in other cases is looked at in test_pages.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from sqlmodel import select

from server.app import create_app
from server.auth.permissions import COMMAND
from server.auth.viewer import Viewer
from server.db.tables import Entry, Person, Submission
from server.services.accounts import SignedUp, add_organizer
from server.services.announcements import announce, ask
from server.services.disqualifications import appeal, disqualify
from server.services.invitations import invite
from server.services.mail_links import Purpose, new_link
from server.services.policy_changes import change_policy
from server.settings import Settings
from tests.browser.site import PASSWORD, Screen, Site
from tests.hostile.routes import every_route
from tests.server.making import organize_all

ORGANIZER = "organizer@host.example"
TEXT = "# Read this\n\n- one\n- [two](https://example.org/)\n\n`code`, **more**.\n\n| a | b |\n|---|---|\n| 1 | 2 |"


@dataclass(frozen=True, kw_only=True)
class Filled:
    """What the addresses below need."""

    secrets: dict[str, str]
    numbers: dict[str, int]


# Of every route that answers HTML: an address to look at, by who may.
NOBODYS = {
    "/": "/",
    "/rounds": "/rounds",
    "/rounds/{slug}": "/rounds/coming",
    "/rounds/{slug}/board": "/rounds/digits-cls/board",
    "/rounds/{slug}/data": "/rounds/coming/data",
    "/entries/{entry_id}": "/entries/{scored}",
    "/teams/{team_id}": "/teams/{team}",
    "/docs": "/docs",
    "/log-in": "/log-in",
    "/sign-up": "/sign-up",
    "/forgot": "/forgot",
    "/reset/{secret}": "/reset/{reset}",
    "/verify/{secret}": "/verify/{verify}",
    "/join/{secret}": "/join/{join}",
    "/mail": "/mail",
    "/check": "/check",
    "/status": "/status",
    "/compare": "/compare?a=1&b=2",
    "/history": "/history",
    "/history/{year}": "/history/2012",
}
TEAMS = {
    "/me": "/me",
    "/teams/{team_id}": "/teams/{team}",
    "/rounds/{slug}/submit": "/rounds/digits-cls/submit",
    "/rounds/{slug}/join": "/rounds/coming/join",
    "/submissions/{submission_id}": "/submissions/{submission}",
    "/entries/{entry_id}/details": "/entries/{disqualified}/details",
    "/entries/{entry_id}/appeal": "/entries/{disqualified}/appeal",
}
ORGANIZERS = {
    "/organize": "/organize",
    "/organize/new": "/organize/new",
    "/organize/{slug}": "/organize/digits-cls",
    "/organize/{slug}/policy": "/organize/digits-cls/policy",
    "/organize/{slug}/errata": "/organize/digits-cls/errata",
    "/organize/{slug}/noise": "/organize/digits-cls/noise",
    "/organize/{slug}/roster": "/organize/digits-cls/roster",
}
NO_PAGES = {
    "/openapi.json", "/favicon.ico", "/static/{file}", "/rounds/{slug}/sample.txt", "/rounds/{slug}/board.json",
    "/rounds/{slug}/board.csv", "/rounds/{slug}/board.atom", "/submissions/{submission_id}/events",
    "/submissions/{submission_id}/file", "/me/export.json", "/organize/{slug}/export.zip",
    "/organize/{slug}/noise/draft.csv", "/organize/{slug}/roster.csv",
}  # fmt: skip


@pytest.fixture(scope="module")
def filled(site: Site, member: SignedUp) -> Iterator[Filled]:
    """Something to read on each of them."""
    deployment, now = site.deployment, datetime.now(UTC)
    viewer = Viewer(person_id=member.person_id, team_id=member.team_id)
    add_organizer(deployment.database, name="Olga Example", email=ORGANIZER, password=PASSWORD, now=now)
    with deployment.database.write() as session:
        organizer = session.exec(select(Person.id).where(Person.email == ORGANIZER)).one()
        entries = session.exec(select(Entry.id, Entry.method).where(Entry.team_id == member.team_id)).all()
        submission = session.exec(select(Submission.id).where(Submission.team_id == member.team_id)).first()
        person = session.get_one(Person, member.person_id)
        secrets = {purpose.value: new_link(session, person, purpose, now=now).rpartition("/")[2] for purpose in Purpose}
    organize_all(deployment.database, organizer or 0)
    numbers = {"scored": _entry(entries, "Random forest"), "disqualified": _entry(entries, "Broken forest")}
    numbers["submission"] = submission or 0
    change_policy(
        deployment, COMMAND, slug="coming", changes={"data": TEXT, "rules": TEXT, "admission": "approval"}, now=now
    )
    announce(deployment.database, COMMAND, slug="digits-cls", text=TEXT, now=now)
    ask(deployment.database, viewer, slug="digits-cls", text="May one use other images?", now=now)
    disqualify(deployment.database, COMMAND, entry_id=numbers["disqualified"], reason="Sent twice.", now=now)
    appeal(deployment.database, viewer, entry_id=numbers["disqualified"], text="Once, please.", now=now)
    made = invite(deployment.database, viewer, team_id=member.team_id, now=now)
    yield Filled(secrets={**secrets, "join": made.secret}, numbers={**numbers, "team": member.team_id})


def _entry(entries: list[tuple[int, str]], method: str) -> int:
    return next(number for number, name in entries if name == method)


def test_every_get_route_is_a_page_listed_here_or_no_page() -> None:
    routes = {path for route in every_route(create_app(Settings())) if (path := route.removeprefix("GET ")) != route}
    pages = {path for path in routes if not path.startswith("/api/")}
    assert pages == {*NOBODYS, *TEAMS, *ORGANIZERS} | NO_PAGES


@pytest.mark.parametrize(("viewer", "pages"), [("", NOBODYS), ("team", TEAMS), (ORGANIZER, ORGANIZERS)])
def test_every_page_keeps_every_promise(
    screen: Callable[..., Screen], site: Site, member: SignedUp, filled: Filled, viewer: str, pages: dict[str, str]
) -> None:
    window = screen(site)
    if viewer:
        window.log_in(member.email if viewer == "team" else viewer)
    for route, address in pages.items():
        answer = window.page.goto(address.format(**filled.secrets, **filled.numbers))
        assert answer is not None and answer.status == 200, route
        name = "".join(c if c.isalnum() else "-" for c in route.strip("/")) or "home"
        window.examine_both_ways(f"every-{viewer.partition('@')[0] or 'public'}-{name}")
