"""Advice as a page prints it: the pages and commands that it names are links, and what stands in backticks is code."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote

from markupsafe import Markup, escape

# Words of the advice of errors, and the page that they name; {round} is the round whose page this is.
_PAGES: Mapping[str, str] = {
    "Log in": "/log-in",
    "sign up": "/sign-up",
    "the list of rounds": "/",
    "/ lists the rounds": "/",
    "a round that is open": "/",
    "the list of your team's submissions": "/me#submissions",
    "the list of your tokens": "/me#tokens",
    "/me": "/me",
    "/forgot": "/forgot",
    "/docs": "/docs",
    "/organize/new": "/organize/new",
    "Ask to take part": "/rounds/{round}/join",
    "the round's page": "/rounds/{round}",
    "its page": "/rounds/{round}",
    "its data page": "/rounds/{round}/data",
    "the round's board": "/rounds/{round}/board",
    "Its board": "/rounds/{round}/board",
    "the round's page for organizers": "/organize/{round}",
    "Its policy": "/organize/{round}/policy",
}
_WAYS_IN = ("Log in", "sign up")
# A command, and the page that does the same; not where its place is the reader's own machine.
_CHECKING, _CHECK_PAGE = "heldout validate", "/check"
_ELSEWHERE = " on your own machine"

_LONGEST_FIRST = "|".join(re.escape(words) for words in sorted(_PAGES, key=len, reverse=True))
_OF_ONE = r"/entries/\d+/appeal|/submissions/\d+"  # pages of a single object, by their addresses
_NAMED = re.compile(rf"`(?P<code>[^`]+)`|(?<![\w/])(?P<page>{_LONGEST_FIRST}|{_OF_ONE})(?![\w/])")
_ROUND = re.compile(r"/(?:rounds|organize)/([a-z0-9-]+)(?:/|$)")


def advice_html(text: str, here: str = "", *, is_logged_in: bool = False, towards: str = "") -> Markup:
    """The text for a page.

    Args:
        text: as programs read it, too; all of it is escaped.
        here: the path of the page, which says of which round the text speaks; "": of none.
        is_logged_in: whether the reader is, so that they need no link to log in or sign up.
        towards: the page that either leads to; "": none in particular.
    """
    addresses = _addresses(here, is_logged_in=is_logged_in, towards=towards)
    pieces, end = [], 0
    for match in _NAMED.finditer(text):
        pieces += [escape(text[end : match.start()]), _named(match, addresses)]
        end = match.end()
    return Markup().join([*pieces, escape(text[end:])])


def _addresses(here: str, *, is_logged_in: bool, towards: str) -> dict[str, str]:
    """Of the words that are links for this reader of this page."""
    found = _ROUND.match(here)
    slug = found[1] if found else ""
    addresses = {
        words: address.replace("{round}", slug) for words, address in _PAGES.items() if slug or "{round}" not in address
    }
    for words in _WAYS_IN:
        if is_logged_in:
            del addresses[words]
        elif towards not in {"", "/"}:
            addresses[words] += f"?next={quote(towards)}"
    return addresses


def _named(match: re.Match[str], addresses: Mapping[str, str]) -> Markup:
    code, page = match["code"], match["page"]
    words = escape(page) if code is None else Markup("<code>{}</code>").format(code)
    if code is not None:
        is_there = code == _CHECKING and not match.string.startswith(_ELSEWHERE, match.end())
        address = _CHECK_PAGE if is_there else ""
    else:
        address = page if page.startswith(("/entries/", "/submissions/")) else addresses.get(page, "")
    return Markup('<a href="{}">{}</a>').format(address, words) if address else words
