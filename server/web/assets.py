"""Style, script and icon: a few small files, addressed by their content so that browsers may keep them for good."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

_SITE = files("server.web") / "static"
_BOARD = files("leaderboard") / "static"

# The site's style and the board's travel as one file: a request less for every first visit.
_SOURCES: Mapping[str, tuple[tuple[Traversable, ...], str]] = {
    "site.css": ((_SITE / "site.css", _BOARD / "board.css"), "text/css; charset=utf-8"),
    "site.js": ((_SITE / "site.js",), "text/javascript; charset=utf-8"),
    "favicon.svg": ((_SITE / "favicon.svg",), "image/svg+xml"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Asset:
    """One static file."""

    file: str  # its name in the address: "site.1f0c9a2b7d3e.css"
    media_type: str
    content: bytes


@cache
def assets() -> Mapping[str, Asset]:
    """Every static file, by its plain name."""
    return {name: _asset(name, sources, media_type) for name, (sources, media_type) in _SOURCES.items()}


def asset_address(name: str) -> str:
    """Where the page finds the static file called `name`."""
    return f"/static/{assets()[name].file}"


def asset_of_file(file: str) -> Asset | None:
    """The static file that an address means; None for an older or unknown one."""
    return next((asset for asset in assets().values() if asset.file == file), None)


def _asset(name: str, sources: tuple[Traversable, ...], media_type: str) -> Asset:
    content = b"\n".join(source.read_bytes() for source in sources)
    stem, _, suffix = name.rpartition(".")
    digest = hashlib.sha256(content).hexdigest()[:12]
    return Asset(file=f"{stem}.{digest}.{suffix}", media_type=media_type, content=content)
