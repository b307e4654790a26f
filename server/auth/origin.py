"""Cross-site request forgery: which unsafe requests are refused."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})

# "none" is the person's own doing: a typed address, a bookmark.
_TRUSTED_SITES = frozenset({"same-origin", "none"})


def is_forged(method: str, headers: Mapping[str, str], *, has_session: bool, public_host: str | None = None) -> bool:
    """Whether an unsafe request without a token may come from another site's page.

    Browsers say where a request comes from in Sec-Fetch-Site, older ones in Origin, and no page can change
    either. Programs send neither; they are let through unless they carry a session cookie, which only
    browsers are given.

    Args:
        method: the HTTP method.
        headers: the request's headers, found by lower-case name.
        has_session: whether the request carries a session cookie.
        public_host: the host (and port) people reach this server by, where that differs from the Host header.
    """
    if method in SAFE_METHODS:
        return False
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site not in _TRUSTED_SITES
    origin = headers.get("origin")
    if origin is not None:
        netloc = urlsplit(origin).netloc.lower()  # "" for the origin "null" of sandboxed pages
        return not netloc or netloc not in {headers.get("host", "").lower(), public_host}
    return has_session
