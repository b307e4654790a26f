"""The figures that must not be told, in every way a page or a program could print them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from server.db.tables import Score

# The fewest decimals that tell a figure from all others; the boards print four and five, JSON up to seventeen.
_LEAST, _MOST = 4, 17
_DECIMAL = re.compile(r"\d+\.\d+")


def decimals_in(text: str) -> set[str]:
    """Every decimal number of a text, as it stands there."""
    return set(_DECIMAL.findall(text))


def printed(figures: Iterable[float]) -> set[str]:
    """Each figure with any number of decimals that tells it apart, in full, and as a percentage."""
    telling = {figure for figure in figures if round(1000 * figure, 6) % 1}  # 0.5 stands in many places
    forms = {f"{figure:.{places}f}" for figure in telling for places in range(_LEAST, _MOST)}
    percent = {f"{100 * figure:.{places}f}" for figure in telling for places in range(_LEAST - 2, _MOST - 2)}
    return forms | percent | {repr(form) for figure in telling for form in (figure, 100 * figure)}


def scores_and_intervals(card: Score) -> Iterator[float]:
    """What a card says of all images of its split."""
    yield from _numbers([card.scores, card.intervals])


def per_class(card: Score) -> Iterator[float]:
    yield from _numbers(card.per_class)


def _numbers(told: Any) -> Iterator[float]:
    """Every fraction in what was read from JSON."""
    if isinstance(told, float):
        yield told
    elif isinstance(told, dict | list):
        for part in told.values() if isinstance(told, dict) else told:
            yield from _numbers(part)
