"""Small rounds and prediction texts, as unlucky as files get: ties, duplicates, blacklists, odd boxes, odd spelling."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from hypothesis import strategies as st

from tests.parity.cases import BOX_FILES, Case
from tests.parity.drawing import (
    CONFIDENCES,
    Draw,
    Writer,
    aimed_at,
    class_tables,
    image_indices,
    predicted_boxes,
    spellings,
    stray_boxes,
    truth_boxes,
    twin_of,
)
from tests.parity.oracles import TruthBox
from tests.parity.strategies_objects import coco_cases, tracking_cases
from tests.parity.strategies_scenes import scene_cases, scene_parsing_cases


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


# A task that is added to the registry needs its line here.
_CASES: Mapping[str, Callable[[], st.SearchStrategy[Case]]] = {
    "cls": cls_cases,
    "cls-loc": cls_loc_cases,
    "det": lambda: detection_cases("det"),
    "vid": lambda: detection_cases("vid"),
    "vid-track": tracking_cases,
    "scene": scene_cases,
    "scene-parsing": scene_parsing_cases,
    "coco-det": coco_cases,
}


def cases(task: str) -> st.SearchStrategy[Case]:
    """Rounds of `task`, each with one file of predictions."""
    return _CASES[task]()
