"""What small rounds and prediction texts are drawn from: class tables, boxes, confidences, odd spelling."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st

from tests.parity.cases import ClassRow
from tests.parity.oracles import Box, TruthBox

Draw = st.DrawFn

# Sides at which the threshold of small objects does something: 25 pixels is where it reaches a half.
SIDES = (1, 1, 2, 4, 10, 10, 20, 24, 25, 26, 40)

# Ends of the range; neighbouring doubles; -0.0, which ties with 0.0; and doubles whose seventeen digits, divided by a
# power of ten in plain double precision, give another double.
CONFIDENCES = (
    0.5, 0.9, 0.25, 0.0, -0.0, 1.0, -1.0, 7.5, 5e-324, 1e-5, 0.1, 0.1 + 2**-56, 1e300,
    0.9831877173096739, 0.23217612806301458, 0.48449872261249405, 0.062321630803521044,
)  # fmt: skip


# Made once: strategies cost more than what they draw. A multiple of every number of forms there is.
_ANY_FORM = st.integers(0, 839)


@dataclass(frozen=True)
class Spelling:
    """How one file writes its lines and numbers."""

    separator: str
    newline: str
    is_ended: bool  # the last line has a line end
    has_mark: bool  # a byte order mark
    has_float_ids: bool  # 12.0
    has_wnids: bool


@st.composite
def spellings(draw: Draw, *, has_wnids: bool) -> Spelling:
    return Spelling(
        separator=draw(st.sampled_from((" ", " ", "\t", ",", "  ", ", "))),
        newline=draw(st.sampled_from(("\n", "\n", "\r\n", "\r"))),
        is_ended=draw(st.booleans()),
        has_mark=draw(st.integers(0, 7)) == 7,
        has_float_ids=draw(st.booleans()),
        has_wnids=has_wnids and draw(st.integers(0, 5)) == 5,
    )


@dataclass(frozen=True)
class Writer:
    """Spells numbers in the ways that float() reads back as the same number."""

    draw: Draw
    spelling: Spelling
    classes: tuple[ClassRow, ...]

    def index(self, number: int) -> str:
        return self.draw(st.sampled_from((f"{number}.0", str(number)))) if self.spelling.has_float_ids else str(number)

    def label(self, class_id: int) -> str:
        if self.spelling.has_wnids:
            return next(row.wnid for row in self.classes if row.id == class_id)
        return self.index(class_id)

    def number(self, value: float) -> str:
        forms = [repr(value), f"{value:.17e}", f"{value:.20g}", f"{value:.17E}".replace("E+", "E")]
        if float(value).is_integer() and abs(value) < 1e9:
            forms += [f"{value:.0f}", f"{value:.6f}", f"{value:.0f}."]
        if 0 < value < 1:
            forms.append(repr(value).removeprefix("0"))
        if value >= 0:
            forms.append(f"+{value!r}".replace("+-", "-"))
        return forms[self.draw(_ANY_FORM) % len(forms)]

    def text(self, lines: list[list[str]]) -> str:
        body = self.spelling.newline.join(self.spelling.separator.join(fields) for fields in lines)
        return "\ufeff" * self.spelling.has_mark + body + self.spelling.newline * self.spelling.is_ended


@st.composite
def class_tables(
    draw: Draw, *, needs_wnids: bool, ids: tuple[int, ...] = (1, 2, 3, 5, 8, 30, 200, 1001)
) -> tuple[tuple[ClassRow, ...], bool]:
    """Classes with gaps between their ids, in any order, and whether the table is a CSV."""
    chosen = draw(st.lists(st.sampled_from(ids), min_size=1, max_size=4, unique=True))
    is_csv = draw(st.booleans())
    has_wnids = needs_wnids or not is_csv or draw(st.booleans())
    # WNIDs run against the ids: they are not in the same order in any kit.
    rows = [ClassRow(id=i, wnid=f"n{20_000_000 - i * 7:08}" if has_wnids else "", name=f"class_{i}") for i in chosen]
    return tuple(rows), is_csv


@st.composite
def image_indices(draw: Draw, *, most: int = 4) -> tuple[tuple[int, ...], bool]:
    """Indices as a list has them (gaps, any order), or 1..N without a list; archives have the same order."""
    if draw(st.booleans()):
        return tuple(draw(st.permutations(range(1, draw(st.integers(1, most)) + 1)))), False
    return tuple(draw(st.lists(st.integers(1, 60), min_size=1, max_size=most, unique=True))), True


@st.composite
def truth_boxes(draw: Draw) -> Box:
    """Boxes of all sizes, tiny ones often, some with decimals, some beyond the edge of the image."""
    xmin = draw(st.sampled_from((0, 0, 3, 7, -4))) + draw(st.sampled_from((0, 0, 0, 0.5, 0.1)))
    ymin = draw(st.sampled_from((0, 0, 3, 9, -2)))
    width, height = draw(st.sampled_from(SIDES)), draw(st.sampled_from(SIDES))
    return Box(xmin, ymin, xmin + (width - 1), ymin + (height - 1))


def twin_of(truth: TruthBox) -> TruthBox:
    """The same object four pixels aside: a detection between the two overlaps both alike."""
    xmin, ymin, xmax, ymax = truth.box
    return truth._replace(box=Box(xmin + 4, ymin, xmax + 4, ymax))


def aimed_at(box: Box) -> st.SearchStrategy[Box]:
    """Boxes that hit `box`, hit its threshold exactly, or miss it by a pixel."""
    xmin, ymin, xmax, ymax = box
    half_width, half_height = (xmax - xmin + 1) / 2, (ymax - ymin + 1) / 2
    return st.sampled_from((
        box,
        box,
        Box(xmin, ymin, xmin + half_width - 1, ymax),  # exactly a half
        Box(xmin, ymin, xmax, ymin + half_height - 1),
        Box(xmin, ymin, xmin + half_width - 2, ymax),  # less than a half
        Box(xmin, ymin, xmax + 10, ymax + 10),  # exactly the threshold of a small object
        Box(xmin - 5, ymin - 5, xmax + 5, ymax + 5),
        Box(xmin - 5, ymin - 5, xmax + 6, ymax + 5),  # below it
        Box(xmin + 1, ymin, xmax + 1, ymax),
        Box(xmin + 2, ymin, xmax + 2, ymax),  # between a box and its twin
        Box(xmin + 2, ymin, xmax + 2, ymax),
        Box(xmin - 5, ymin, xmax - 5, ymax),  # too far from the twin
        Box(xmin + 5, ymin, xmax + 5, ymax),
        Box(xmin - 0.25, ymin + 0.125, xmax + 0.3, ymax - 0.1),
        Box(xmax, ymin, xmin, ymax),  # inverted, one way and both
        Box(xmax, ymax, xmin, ymin),
        Box(xmin, ymin, xmin, ymin),  # one pixel of it
    ))  # fmt: skip


coordinates = st.one_of(st.integers(-12, 45).map(float), st.floats(-12, 45, allow_subnormal=False))
stray_boxes = st.builds(Box, coordinates, coordinates, coordinates, coordinates)


def predicted_boxes(truth: list[Box]) -> st.SearchStrategy[Box]:
    if not truth:
        return stray_boxes
    return st.one_of(st.sampled_from(truth).flatmap(aimed_at), st.sampled_from(truth).flatmap(aimed_at), stray_boxes)
