"""What organizers write: Markdown, shown as harmless HTML."""

from __future__ import annotations

from functools import lru_cache

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

# The page has its own title and section headings; those of a text begin below them.
TOP_HEADING = 3
LOWEST_HEADING = 6

# No images: nothing is loaded from other hosts, and a picture could show the wrong board.
_TAGS = {
    *("p", "h3", "h4", "h5", "h6", "ul", "ol", "li", "strong", "em", "code", "pre", "blockquote", "a", "hr", "br"),
    *("table", "thead", "tbody", "tr", "th", "td", "s"),
}

_markdown = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])


@lru_cache(maxsize=64)
def rule_book_html(text: str) -> Markup:
    """A document that has a part of a page to itself, without its title: the page tells one."""
    tokens = _markdown.parse(text)
    has_title = bool(tokens) and tokens[0].type == "heading_open" and tokens[0].tag == "h1"
    return _html(tokens[3:] if has_title else tokens)  # opened, told and closed


@lru_cache(maxsize=64)
def message_html(text: str) -> Markup:
    """An announcement or an answer, with all that it says."""
    return _html(_markdown.parse(text))


def _html(tokens: list[Token]) -> Markup:
    """Known tags only, links over http(s) or mailto, or within this site."""
    _nest_headings(tokens)
    html = _markdown.renderer.render(tokens, _markdown.options, {})
    clean = nh3.clean(
        html,
        tags=_TAGS,
        attributes={"a": {"href"}},
        set_tag_attribute_values={"table": {"tabindex": "0"}},  # a wide one scrolls in itself, by keyboard, too
        url_schemes={"http", "https", "mailto"},
        attribute_filter=_without_hidden_hosts,
        link_rel="nofollow noopener noreferrer",
    )
    return Markup(clean)  # noqa: S704 - cleaned in the line above


def _without_hidden_hosts(_tag: str, name: str, value: str) -> str | None:
    """No address of another host without its scheme, as in //host.example; browsers read \\ there as /."""
    plain = "".join(value.split()).replace("\\", "/").replace("%5C", "/").replace("%5c", "/")
    return None if name == "href" and plain.startswith("//") else value


def _nest_headings(tokens: list[Token]) -> None:
    """Put the headings below the page's, in the order they have among themselves and without leaving a level out."""
    headings = [token for token in tokens if token.type in {"heading_open", "heading_close"}]
    depths = {tag: depth for depth, tag in enumerate(sorted({heading.tag for heading in headings}))}
    level = TOP_HEADING - 1
    for opening, closing in zip(headings[::2], headings[1::2], strict=True):
        level = min(TOP_HEADING + depths[opening.tag], level + 1, LOWEST_HEADING)
        opening.tag = closing.tag = f"h{level}"
