"""Thirty texts that would run, load or lead elsewhere wherever a page took one for more than text."""

from __future__ import annotations

import re
from html.parser import HTMLParser

# Whatever runs leaves its mark, and opens a dialog.
RUN = "alert(window.__pwned=1)"

PAYLOADS = (
    f"<script>{RUN}</script>",
    f"</script><script>{RUN}</script>",
    f"<ScRiPt src=data:,{RUN}></sCrIpT>",
    f"<img src=x onerror={RUN}>",
    f"<svg/onload={RUN}>",
    f"<svg><script>{RUN}</script></svg>",
    f"<svg><animate onbegin={RUN} attributeName=x dur=1s>",
    f'"><script>{RUN}</script>',
    f"'><img src=x onerror={RUN}>",
    f'" autofocus onfocus={RUN} x="',
    f"' onmouseover={RUN} style='position:fixed;inset:0",
    f"</textarea><script>{RUN}</script>",
    f"</title><script>{RUN}</script>",
    f"--><script>{RUN}</script><!--",
    f"<iframe srcdoc='<script>{RUN}</script>'>",
    f"<details open ontoggle={RUN}>",
    f"<a href=javascript:{RUN}>x</a>",
    f"[x](javascript:{RUN})",
    f"[x](JaVa&#x53;cRiPt:{RUN})",
    f"[x](data:text/html,<script>{RUN}</script>)",
    f"![x](x' onerror='{RUN})",
    f'![x](https://evil.example/x.png "\' onload={RUN}")',
    f"<javascript:{RUN}>",
    f"&lt;script&gt;{RUN}&lt;/script&gt;",
    f"&#60;img src=x onerror={RUN}&#62;",
    f"{{{{ 7*7 }}}}{{% raw %}}${{7*7}}<%= {RUN} %>",
    f"\u202e<script>{RUN}</script>\u2066",
    f"<style>@import '//evil.example';*{{background:url(javascript:{RUN})}}</style>",
    "<base href=//evil.example><form action=//evil.example><button>x</button></form>",
    f"<meta http-equiv=refresh content='0;url=javascript:{RUN}'><link rel=stylesheet href=//evil.example>",
)

EVERYTHING = "\n\n".join(PAYLOADS)

# No page of ours has any of these.
_FOREIGN = frozenset({"iframe", "img", "object", "embed", "base", "style", "math", "animate", "frame", "template"})

_OWN = re.compile(r"(?:https?://|mailto:|/(?!/)|#|\?)|$", re.IGNORECASE)


class Dangers(HTMLParser):
    """Everything of a page that would run, load or lead elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag in _FOREIGN or any(name.startswith("on") or name in {"style", "srcdoc", "autofocus"} for name in values):
            self.found.append(self.get_starttag_text() or tag)
        is_foreign = (
            (tag == "script" and not values.get("src", "").startswith("/static/"))
            or (tag == "link" and not re.match("/[a-z]", values.get("href", "")))
            or (tag == "meta" and "http-equiv" in values)
        )
        if is_foreign:
            self.found.append(self.get_starttag_text() or tag)
        for name in ("href", "action", "formaction", "src", "xlink:href"):
            address = "".join(values.get(name, "").split())
            if not _OWN.match(address) or (tag == "form" and address[:1] not in {"/", "?", ""}):
                self.found.append(f"{tag} {name}={address}")


def dangers(page: str) -> list[str]:
    """What a page holds that it must not."""
    parser = Dangers()
    parser.feed(page)
    parser.close()
    return parser.found
