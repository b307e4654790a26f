"""Which labels of a chart there is room for, how much of a name they hold, and where they stand.

Widths are percentages of the picture. Whether a text fits is judged by the narrowest picture that shows it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Anchor = Literal["start", "middle", "end"]

LINE_PIXELS = 16.0  # from a line of text to the next
_CHARACTER_PIXELS = 7.5  # a wide one, bold
# The picture on the narrowest desk and on a phone: the page less its margins, the axis and the winners beside.
_DESK_PIXELS, _DESK_PIXELS_BESIDE = 672.0, 452.0
_PHONE_PIXELS, _PHONE_PIXELS_BESIDE = 295.0, 251.0
_GAP_PERCENT = 2.0  # between a corner and the label before it
# A label stands before its corner from here on, else below its line; on a phone there is the last one alone.
_BEFORE_PERCENT, _LAST_BEFORE_PERCENT = 24.0, 50.0
_MOST_CHARACTERS, _LEAST_CHARACTERS = 30, 12  # fewer of a name say nothing
_CLEAR_PIXELS = 12.0  # of the line before, for a label beside the corner


@dataclass(frozen=True, kw_only=True, slots=True)
class Mark:
    """The corner where a record begins."""

    x: float
    until: float  # the end of its line
    y: float  # pixels, downwards
    before: float  # the height of the record before
    name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Label:
    """A text at a corner."""

    text: str
    y: float  # pixels
    anchor: Anchor
    left: float
    right: float

    def is_clear_of(self, other: Label) -> bool:
        """Whether both can be read."""
        is_beside = self.right <= other.left or other.right <= self.left
        return is_beside or abs(self.y - other.y) >= LINE_PIXELS


def holder_labels(marks: Sequence[Mark], *, is_falling: bool, is_beside: bool) -> dict[int, Label]:
    """The labels that can be read, by the place of their mark: the last one, then the later before the earlier.

    Args:
        marks: in order of time.
        is_falling: whether lower is better.
        is_beside: whether there is something beside the picture.
    """
    chosen: dict[int, Label] = {}
    for place in range(len(marks) - 1, -1, -1):
        label = _label(marks[place], is_last=place == len(marks) - 1, is_falling=is_falling, is_beside=is_beside)
        if label is not None and all(label.is_clear_of(other) for other in chosen.values()):
            chosen[place] = label
    return chosen


def _label(mark: Mark, *, is_last: bool, is_falling: bool, is_beside: bool) -> Label | None:
    # nothing is drawn where nobody has been yet: before the corner on its own height, or beyond the line
    is_before = mark.x >= (_LAST_BEFORE_PERCENT if is_last else _BEFORE_PERCENT)
    room = mark.x - _GAP_PERCENT if is_before else (100 if is_last else mark.until) - mark.x
    phone, desk = (_PHONE_PIXELS_BESIDE, _DESK_PIXELS_BESIDE) if is_beside else (_PHONE_PIXELS, _DESK_PIXELS)
    most = min(_MOST_CHARACTERS, int(room / (100 * _CHARACTER_PIXELS / (phone if is_last else desk))))
    if most < min(len(mark.name), _LEAST_CHARACTERS):
        return None
    text = shortened(mark.name, most)
    width = len(text) * 100 * _CHARACTER_PIXELS / desk
    below = 18 if is_falling else -8
    is_clear = is_before and (mark.y == mark.before or abs(mark.y - mark.before) >= _CLEAR_PIXELS)
    return Label(
        text=text,
        y=round(mark.y + (4 if is_clear else below), 1),
        anchor="end" if is_before else "start",
        left=mark.x - _GAP_PERCENT - width if is_before else mark.x,
        right=mark.x if is_before else mark.x + width,
    )


def shortened(name: str, most: int) -> str:
    """At most so many characters of a name; where some are left out, it says so."""
    return name if len(name) <= most else f"{name[: most - 1].rstrip()}…"


def spread(heights: Sequence[float], *, lowest: float) -> list[float]:
    """Heights of labels, from top to bottom, as near to these as lines of text can be.

    Args:
        heights: where they would stand alone, in order.
        lowest: the foot of the picture; labels that would stand below it push those above upwards.
    """
    found: list[float] = []
    for height in heights:
        found.append(max(height, found[-1] + LINE_PIXELS) if found else height)
    foot = lowest
    for place in range(len(found) - 1, -1, -1):
        found[place] = min(found[place], foot)
        foot = found[place] - LINE_PIXELS
    return [round(height, 1) for height in found]
