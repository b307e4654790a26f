"""Scripts in every text that organizers and teams tell each other, on every page that shows one: without effect."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

from tests.server.making import write_round
from tests.server.running import PASSWORD
from tests.server.web.browsing import browser, log_in_as_organizer, send_form, sign_up_by_form, text_of

PAYLOADS = (
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<svg onload=alert(1)>", "<svg/onload=alert(1)>",
    '"><script>alert(1)</script>', "'><img src=x onerror=alert(1)>", '" autofocus onfocus=alert(1) x="',
    "</textarea><script>alert(1)</script>", "</title><script>alert(1)</script>", "</p><iframe src=//evil></iframe>",
    "<a href=javascript:alert(1)>x</a>", "[x](javascript:alert(1))", "[x](JaVaScRiPt:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)", "[x](vbscript:msgbox(1))", "![x](https://evil/x.png)",
    "![x](x' onerror='alert(1))", "<details open ontoggle=alert(1)>", "<body onload=alert(1)>", "<base href=//evil>",
    "<form action=//evil><button>x</button></form>", "<link rel=stylesheet href=//evil>", "<meta http-equiv=refresh>",
    "<style>*{display:none}</style>", "<math><mi xlink:href=javascript:alert(1)>x", "{{ 7*7 }}{% raw %}", "${7*7}",
    "<x:script xmlns:x='http://www.w3.org/1999/xhtml'>alert(1)</x:script>", "&lt;script&gt;alert(1)&lt;/script&gt;",
    "\u202e<script>alert(1)</script>\u2066", "`<script>alert(1)</script>`", "# <script>alert(1)</script>",
)  # fmt: skip

FOREIGN = frozenset({"iframe", "img", "object", "embed", "base", "style", "math", "details", "x:script"})


class _Dangers(HTMLParser):
    """Everything of a page that would run, load or lead elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag in FOREIGN or any(name.startswith("on") for name in values):
            self.found.append(self.get_starttag_text() or tag)
        if tag == "script" and not values.get("src", "").startswith("/static/"):
            self.found.append("script")
        for name in ("href", "action", "src"):
            address = values.get(name, "").strip().lower()
            if address.startswith(("javascript:", "data:", "vbscript:", "//")):
                self.found.append(f"{tag} {name}={address}")


def _assert_harmless(page: str, place: str) -> None:
    dangers = _Dangers()
    dangers.feed(page)
    assert dangers.found == [], place


def test_no_text_of_organizers_or_teams_does_anything(tmp_path: Path) -> None:
    everything = "\n\n".join(PAYLOADS)
    with browser(tmp_path / "data", write_round(tmp_path / "round")) as client:
        sign_up_by_form(client, "Lab")
        send_form(client)
        client.post("/rounds/tiny/questions", data={"text": everything[:1000]})
        client.post("/rounds/tiny/questions", data={"text": everything[1000:2000]})
        client.cookies.clear()
        log_in_as_organizer(client)
        for keys in ("rules", "data"):
            answer = client.post("/organize/tiny/policy", data={"keys": keys, keys: everything, "note": everything})
            assert answer.status_code == 303
        client.post("/organize/tiny/policy", data={"keys": "admission", "admission": "approval"})
        client.post("/organize/tiny/announcements", data={"text": everything})
        client.post("/organize/tiny/questions/1", data={"answer": everything})
        client.post("/organize/tiny/entries/1/disqualify", data={"reason": everything[:300]})
        refused = {"keys": "time_zone,domains", "time_zone": everything, "domains": everything}
        _assert_harmless(client.post("/organize/tiny/policy", data=refused).text, "the refused policy")
        client.cookies.clear()
        client.post("/log-in", data={"email": "lab@team.example", "password": PASSWORD})
        client.post("/entries/1/appeal", data={"text": everything})
        for path in ("/entries/1/appeal", "/submissions/1", "/rounds/tiny", "/rounds/tiny/board", "/me"):
            _assert_harmless(text_of(client, path), path)
        client.cookies.clear()
        sign_up_by_form(client, "Others", email="others@team.example")
        assert client.post("/rounds/tiny/join", data={"message": everything[:1000]}).status_code == 303
        _assert_harmless(client.post("/rounds/tiny/join", data={"code": everything}).text, "the refused code")
        client.cookies.clear()
        client.post("/log-in", data={"email": "organizer@host.example", "password": PASSWORD})
        client.post("/organize/tiny/appeals/1", data={"answer": everything, "verdict": "deny"})
        for path in ("/organize", "/organize/tiny", "/organize/tiny/policy", "/rounds/tiny", "/rounds/tiny/data"):
            page = text_of(client, path)
            _assert_harmless(page, path)
        assert "alert(1)" in text_of(client, "/rounds/tiny")  # the texts are shown, as texts
