"""Small rounds of the scene tasks: names in any order, label maps of a few pixels."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.parity.cases import Case, image_name
from tests.parity.drawing import Draw, Writer, class_tables, image_indices, spellings
from tests.parity.oracles_scenes import LabelMap


@st.composite
def scene_cases(draw: Draw) -> Case:
    """`scene`: five guesses an image, which every line names."""
    classes, is_csv = draw(class_tables(needs_wnids=False, ids=(0, 1, 2, 5, 8, 30, 364)))
    indices, has_list = draw(image_indices())
    ids = st.sampled_from([row.id for row in classes])
    labels = draw(st.lists(ids, min_size=len(indices), max_size=len(indices)))
    writer = Writer(draw, draw(spellings(has_wnids=bool(classes[0].wnid))), classes)
    lines = []
    for index in draw(st.permutations(indices)):
        key = image_name(index) if has_list and draw(st.booleans()) else writer.index(index)
        lines.append([key, *map(writer.label, draw(st.lists(ids, min_size=5, max_size=5)))])
    return Case(
        task="scene", image_indices=indices, has_image_list=has_list, classes=classes, is_class_csv=is_csv,
        labels=tuple(labels), text=writer.text(lines),
    )  # fmt: skip


@st.composite
def scene_parsing_cases(draw: Draw) -> Case:
    """`scene-parsing`: maps of a few pixels, most of them right."""
    classes, is_csv = draw(class_tables(needs_wnids=False))
    indices, has_list = draw(image_indices())
    values = st.sampled_from([0, *(row.id for row in classes)])
    masks, lines = {}, []
    for index in draw(st.permutations(indices)):
        width, height = draw(st.integers(1, 4)), draw(st.integers(1, 3))
        masks[index] = [[draw(values) for _ in range(width)] for _ in range(height)]
        seen = [value if draw(st.integers(0, 2)) else draw(values) for row in masks[index] for value in row]
        lines.append([str(index), str(width), *map(str, seen)])
    ascending: list[LabelMap] = [masks[index] for index in sorted(indices)]
    return Case(
        task="scene-parsing", image_indices=indices, has_image_list=has_list, classes=classes, is_class_csv=is_csv,
        masks=tuple(ascending), text="".join(" ".join(fields) + "\n" for fields in lines),
    )  # fmt: skip
