"""Small rounds in which objects are followed through frames, and rounds scored COCO's way."""

from __future__ import annotations

from random import Random

from hypothesis import strategies as st

from tests.parity.cases import BOX_FILES, Case, ClassRow
from tests.parity.coco_cases import make_case
from tests.parity.drawing import (
    CONFIDENCES,
    Draw,
    Writer,
    aimed_at,
    class_tables,
    image_indices,
    spellings,
    stray_boxes,
    truth_boxes,
)
from tests.parity.oracles import Box, TruthBox

TRACKS = (0, 1, 2, 7)  # ids, so few that they come again in other snippets


@st.composite
def tracking_cases(draw: Draw) -> Case:
    """`vid-track`: objects that drift through the frames of a snippet, and tracks that follow some of them."""
    classes, is_csv = draw(class_tables(needs_wnids=True))
    indices, has_list = draw(image_indices(most=8))
    # Without names, all frames are one snippet.
    of_snippets = st.lists(st.integers(0, 2 if has_list else 0), min_size=len(indices), max_size=len(indices))
    snippets = tuple(draw(of_snippets))
    snippet_of = dict(zip(sorted(indices), snippets, strict=True))
    ids = st.sampled_from([row.id for row in classes])
    truth: dict[tuple[int, int], TruthBox] = {}  # by frame and track: an object is in one place at a time
    for _ in range(draw(st.integers(0, 4))):
        track, class_id, start = draw(st.sampled_from(TRACKS)), draw(ids), draw(truth_boxes())
        snippet = draw(st.sampled_from(snippets))
        for place, frame in enumerate(frame for frame in sorted(indices) if snippet_of[frame] == snippet):
            if draw(st.integers(0, 3)):
                truth[frame, track] = TruthBox(frame, class_id, _moved(start, 2 * place), track)
    boxes = list(truth.values())
    return Case(
        task="vid-track", image_indices=indices, has_image_list=has_list, classes=classes, is_class_csv=is_csv,
        boxes=tuple(draw(st.permutations(boxes))), box_file=draw(st.sampled_from(BOX_FILES)),
        box_header=draw(st.booleans()), snippets=snippets, text=draw(_tracked_texts(classes, snippet_of, boxes)),
    )  # fmt: skip


@st.composite
def _tracked_texts(draw: Draw, classes: tuple[ClassRow, ...], snippet_of: dict[int, int], truth: list[TruthBox]) -> str:
    writer = Writer(draw, draw(spellings(has_wnids=True)), classes)
    ids = st.sampled_from([row.id for row in classes])
    confidences = st.sampled_from(draw(st.lists(st.sampled_from(CONFIDENCES), min_size=1, max_size=4)))
    found: dict[tuple[int, int], Box] = {}  # by frame and track
    class_of: dict[tuple[int, int], int] = {}  # by snippet and track: a tracklet has one class
    models = [(box.track, box.class_id) for box in truth]
    for track in draw(st.lists(st.sampled_from(TRACKS), min_size=1, max_size=4, unique=True)):
        model = draw(st.sampled_from(models)) if models else None
        for box in truth:
            if (box.track, box.class_id) == model and draw(st.integers(0, 4)):
                class_of.setdefault((snippet_of[box.image], track), box.class_id)
                found[box.image, track] = draw(st.one_of(st.just(box.box), st.just(box.box), aimed_at(box.box)))
    if not found or draw(st.booleans()):
        found[draw(st.sampled_from(sorted(snippet_of))), draw(st.sampled_from(TRACKS))] = draw(stray_boxes)
    lines = []
    for frame, track in draw(st.permutations(sorted(found))):
        class_id = class_of.setdefault((snippet_of[frame], track), draw(ids))
        fields = [writer.index(frame), writer.label(class_id), writer.index(track), writer.number(draw(confidences))]
        lines.append(fields + [writer.number(corner) for corner in found[frame, track]])
    return writer.text(lines)


def _moved(box: Box, pixels: int) -> Box:
    return Box(box.xmin + pixels, box.ymin, box.xmax + pixels, box.ymax)


@st.composite
def coco_cases(draw: Draw) -> Case:
    """`coco-det`: as the kit's own cases, with one detection at least, all of them of categories that may be sent."""
    random = draw(st.randoms(use_true_random=False))
    made = make_case(random)
    sent = [found for found in made.detections if found[1] >= 0] or [_stray(made.image_ids, random)]
    lines = [[str(image), str(category), repr(score), *map(repr, box)] for image, category, box, score in sent]
    return Case(
        task="coco-det", image_indices=tuple(made.image_ids), has_image_list=True, is_class_csv=False,
        classes=tuple(ClassRow(id=id_, wnid="", name=f"category {id_}") for id_ in made.category_ids),
        annotations=tuple(made.annotations), text="".join(" ".join(fields) + "\n" for fields in lines),
    )  # fmt: skip


def _stray(image_ids: tuple[int, ...], random: Random) -> tuple[int, int, tuple[float, float, float, float], float]:
    return random.choice(image_ids), 77, (0.0, 0.0, 20.0, 20.0), 0.5
