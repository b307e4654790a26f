"""Small rounds and prediction texts, as unlucky as files get: ties, duplicates, blacklists, odd boxes, odd spelling."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st

from tests.parity.cases import BOX_FILES, Case, ClassRow
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
        return self.draw(st.sampled_from(forms))

    def text(self, lines: list[list[str]]) -> str:
        body = self.spelling.newline.join(self.spelling.separator.join(fields) for fields in lines)
        return "\ufeff" * self.spelling.has_mark + body + self.spelling.newline * self.spelling.is_ended


@st.composite
def class_tables(draw: Draw, *, needs_wnids: bool) -> tuple[tuple[ClassRow, ...], bool]:
    """Classes with gaps between their ids, in any order, and whether the table is a CSV."""
    ids = draw(st.lists(st.sampled_from((1, 2, 3, 5, 8, 30, 200, 1001)), min_size=1, max_size=4, unique=True))
    is_csv = draw(st.booleans())
    has_wnids = needs_wnids or not is_csv or draw(st.booleans())
    # WNIDs run against the ids: they are not in the same order in any kit.
    rows = [ClassRow(id=i, wnid=f"n{20_000_000 - i * 7:08}" if has_wnids else "", name=f"class_{i}") for i in ids]
    return tuple(rows), is_csv


@st.composite
def image_indices(draw: Draw) -> tuple[tuple[int, ...], bool]:
    """Indices as a list has them (gaps, any order), or 1..N without a list; archives have the same order."""
    if draw(st.booleans()):
        return tuple(draw(st.permutations(range(1, draw(st.integers(1, 4)) + 1)))), False
    return tuple(draw(st.lists(st.integers(1, 60), min_size=1, max_size=4, unique=True))), True


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


@st.composite
def cls_cases(draw: Draw) -> Case:
    classes, is_csv = draw(class_tables(needs_wnids=False))
    indices, has_list = draw(image_indices())
    ids = st.sampled_from([row.id for row in classes])
    labels = draw(st.lists(ids, min_size=len(indices), max_size=len(indices)))
    writer = Writer(draw, draw(spellings(has_wnids=bool(classes[0].wnid))), classes)
    lines = []
    for _ in indices:
        guesses = [writer.label(guess) for guess in draw(st.lists(ids, min_size=1, max_size=7))]
        lines.append(guesses + ["0"] * draw(st.sampled_from((0, 0, 0, max(0, 5 - len(guesses))))))
    return Case(
        task="cls", image_indices=indices, has_image_list=has_list, classes=classes, is_class_csv=is_csv,
        labels=tuple(labels), text=writer.text(lines),
    )  # fmt: skip


@st.composite
def cls_loc_cases(draw: Draw) -> Case:
    classes, is_csv = draw(class_tables(needs_wnids=True))
    indices, has_list = draw(image_indices())
    ids = st.sampled_from([row.id for row in classes])
    labels = draw(st.lists(ids, min_size=len(indices), max_size=len(indices)))
    writer = Writer(draw, draw(spellings(has_wnids=True)), classes)
    boxes, lines = [], []
    for index, label in zip(sorted(indices), labels, strict=True):
        objects = draw(st.lists(st.tuples(st.one_of(st.just(label), ids), truth_boxes()), max_size=3))
        boxes += [TruthBox(index, class_id, box) for class_id, box in objects]
        aims = predicted_boxes([box for _, box in objects])
        fields: list[str] = []
        for _ in range(draw(st.integers(1, 6))):
            fields.append(writer.label(draw(st.one_of(st.just(label), ids))))
            fields += [writer.number(corner) for corner in draw(aims)]
        fields += ["0"] * 5 * draw(st.sampled_from((0, 0, 0, max(0, 5 - len(fields) // 5))))
        lines.append(fields)
    blacklist = draw(st.lists(st.integers(1, len(indices)), unique=True))
    return Case(
        task="cls-loc", image_indices=indices, has_image_list=has_list, classes=classes, is_class_csv=is_csv,
        labels=tuple(labels), boxes=tuple(boxes), box_file=draw(st.sampled_from(BOX_FILES)),
        box_header=draw(st.booleans()), blacklisted_lines=tuple(blacklist), text=writer.text(lines),
    )  # fmt: skip


@st.composite
def detection_cases(draw: Draw, task: str) -> Case:
    """`det` or `vid`: a few objects, several detections aimed at each."""
    classes, is_csv = draw(class_tables(needs_wnids=True))
    indices, has_list = draw(image_indices())
    images, ids = st.sampled_from(indices), st.sampled_from([row.id for row in classes])
    boxes = draw(st.lists(st.builds(TruthBox, images, ids, truth_boxes()), max_size=6))
    boxes += [twin_of(truth) for truth in boxes if draw(st.integers(0, 2)) == 2]
    writer = Writer(draw, draw(spellings(has_wnids=True)), classes)
    aims: list[TruthBox | None] = [*boxes, *boxes, *boxes, None]
    a_confidence = st.one_of(st.sampled_from(CONFIDENCES), st.sampled_from(CONFIDENCES), st.floats(-2, 2))
    confidences = st.sampled_from(draw(st.lists(a_confidence, min_size=1, max_size=4)))  # few, so that they tie
    lines: list[list[str]] = []
    for _ in range(draw(st.integers(1, 14))):
        aim = draw(st.sampled_from(aims))
        is_right = aim is not None and draw(st.integers(0, 5)) < 5
        image = aim.image if aim is not None and is_right else draw(images)
        class_id = aim.class_id if aim is not None and is_right else draw(ids)
        box = draw(stray_boxes if aim is None else aimed_at(aim.box))
        fields = [writer.index(image), writer.label(class_id), writer.number(draw(confidences))]
        lines.append(fields + [writer.number(corner) for corner in box])
        if draw(st.integers(0, 5)) == 5:
            lines.append(lines[draw(st.integers(0, len(lines) - 1))])  # the same line again
    pairs = st.lists(st.tuples(images, ids), max_size=3, unique=True) if task == "det" else st.just([])
    return Case(
        task=task, image_indices=indices, has_image_list=has_list, classes=classes, is_class_csv=is_csv,
        boxes=tuple(boxes), box_file=draw(st.sampled_from(BOX_FILES)), box_header=draw(st.booleans()),
        blacklisted_pairs=tuple(draw(pairs)), text=writer.text(lines),
    )  # fmt: skip


def cases(task: str) -> st.SearchStrategy[Case]:
    """Rounds of `task`, each with one file of predictions."""
    if task == "cls":
        return cls_cases()
    if task == "cls-loc":
        return cls_loc_cases()
    return detection_cases(task)
