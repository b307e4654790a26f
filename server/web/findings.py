"""Findings as a page shows them: grouped by kind, each with its lines, values and one advice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from server.web.wording import counted


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where a fault was found."""

    line: str
    value: str
    message: str  # "" where the heading says it already


@dataclass(frozen=True, kw_only=True, slots=True)
class Kind:
    """All findings of one code."""

    severity: str  # "error" or "notice"
    signal: str  # class of that word
    message: str
    advice: str
    caption: str  # how many places there are, and how many are shown
    places: tuple[Place, ...]
    has_messages: bool  # whether the places differ in what is wrong


def kinds(findings: Sequence[Mapping[str, Any]]) -> tuple[Kind, ...]:
    """The findings by kind, in the order given: errors first."""
    grouped: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for finding in findings:
        grouped.setdefault((finding["severity"], finding["code"]), []).append(finding)
    return tuple(_kind(group) for group in grouped.values())


def _kind(group: Sequence[Mapping[str, Any]]) -> Kind:
    first = group[0]
    is_error = first["severity"] == "error"
    has_messages = len({finding["message"] for finding in group}) > 1
    places = tuple(
        Place(
            line="–" if finding["line"] is None else f"{finding['line']:,}",
            value="–" if finding["value"] is None else finding["value"],
            message=finding["message"] if has_messages else "",
        )
        for finding in group
        if finding["line"] is not None or finding["value"] is not None
    )
    count = int(first["count"])
    return Kind(
        severity="error" if is_error else "notice",
        signal="bad" if is_error else "warning",
        message=_sentence(str(first["code"]).replace("-", " ") if has_messages else first["message"]),
        advice=_sentence(first["advice"]),
        caption=f"{counted(count, 'place')}" if count <= len(places) else f"{len(places)} of {count:,} places",
        places=places,
        has_messages=has_messages,
    )


def _sentence(text: str) -> str:
    """The text as a sentence: findings are written in lower case, without a full stop."""
    sentence = text[:1].upper() + text[1:]
    return sentence if sentence.endswith((".", "?", "!", ":")) else f"{sentence}."
