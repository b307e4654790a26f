"""How a page is made: a frozen context, a template, and the frame around both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import Request
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse

from leaderboard.numbers import shown_name
from server.auth.viewer import Viewer
from server.web.advice import advice_html
from server.web.assets import asset_address
from server.web.visits import way_back

# Pages show what their viewer may see, so nobody between may keep them; the browser asks again with the ETag.
PRIVATE = "private, no-cache"


@dataclass(frozen=True, kw_only=True, slots=True)
class Frame:
    """What surrounds every page."""

    here: str  # the page's path
    is_sure: bool  # whether it is known who looks; an error page may not know
    person: str  # who is logged in; "" for nobody
    team: str  # the team they act for; "" for none
    back: str  # of the addresses to log in and to sign up: what leads back here; "" where nothing does
    organizes: bool  # whether they have rounds to run


def _grouped(number: int) -> str:
    """50,000"""
    return f"{number:,}"


def size_text(size_bytes: int) -> str:
    """A size in the unit people would use: 1 GiB, 340 kB."""
    for unit, factor in (("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)):
        if size_bytes >= factor:
            return f"{size_bytes / factor:.1f}".removesuffix(".0") + f" {unit}"
    return f"{size_bytes} bytes"


def capital(text: str) -> str:
    """A label or a name as it stands at the head of something; the rest keeps its case: mAP, WNID."""
    return text[:1].upper() + text[1:]


def _advice(text: str, frame: Frame | None = None, towards: str = "") -> Markup:
    """Advice, for who looks at this page; without its frame, it may be for anybody, of any round."""
    if frame is None:
        return advice_html(text)
    return advice_html(text, frame.here, is_logged_in=bool(frame.person), towards=towards)


_environment = Environment(
    loader=PackageLoader("server.web"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_environment.globals["asset"] = asset_address
_environment.filters.update(grouped=_grouped, size=size_text, name=shown_name, advice=_advice, capital=capital)


def render_page(
    request: Request,
    template: str,
    page: object,
    *,
    viewer: Viewer | None,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> HTMLResponse:
    """The page `template` with the context `page`; `viewer` is None where nobody could find out who looks."""
    frame = Frame(
        here=request.url.path,
        is_sure=viewer is not None,
        person=(viewer and viewer.person_name) or "",
        team=(viewer and viewer.team_name) or "",
        back=way_back(request),
        organizes=viewer is not None and (viewer.is_organizer or viewer.is_admin or bool(viewer.organized)),
    )
    html = _environment.get_template(template).render(page=page, frame=frame)
    return HTMLResponse(
        html, status_code=status, headers={"Cache-Control": PRIVATE, "Vary": "Cookie", **(headers or {})}
    )
