from __future__ import annotations

import pytest

from scoring.formats.layouts import COCO_DETECTIONS, DETECTIONS, LABELS, LOCATED_LABELS, SCENES, TRACKS, Layout, Naming
from scoring.formats.unreadable import UnreadableFile
from scoring.tasks import TASKS

BOX = ["xmin", "ymin", "xmax", "ymax"]


def test_columns_are_found_wherever_they_stand() -> None:
    header = DETECTIONS.header(["score", *reversed(BOX), "note", "class_id", "image_id"])
    assert header.order == (7, 6, 0, 4, 3, 2, 1)
    assert (header.key, header.width, header.ignored) == (None, 8, ("note",))


@pytest.mark.parametrize("names", [
    ["Image", " CLASS ", "Confidence", "Xmin", "yMin", "xmax", "YMAX"],
    ["image_index", "category_id", "score", *BOX],
    ["frame", "label", "confidence", *BOX],
    ["Image Id", "label_id", "score", *BOX],
])  # fmt: skip
def test_names_may_be_those_of_other_tools_in_any_case(names: list[str]) -> None:
    assert DETECTIONS.header(names).order == tuple(range(7))


def test_a_columns_own_name_goes_before_what_else_it_may_be_called() -> None:
    header = DETECTIONS.header(["frame", "image", "label", "class", "score", *BOX])
    assert header.order[:2] == (1, 3)
    assert header.ignored == ("frame", "label")


def test_the_image_is_a_key_where_the_kits_lines_have_none() -> None:
    header = LABELS.header(["label1", "label2", "filename"])
    assert (header.order, header.key) == ((0, 1), 2)
    assert LABELS.header(["label"]).key is None
    assert LABELS.header(["class"]).order == (0,)


def test_guesses_have_as_many_columns_as_are_given() -> None:
    assert len(LOCATED_LABELS.header(["label1", *(f"{corner}1" for corner in BOX)]).order) == 5
    names = [f"{name}{group}" for group in (1, 2) for name in ("label", *BOX)]
    assert LOCATED_LABELS.header(names).order == tuple(range(10))


def test_guesses_behind_the_fifth_come_last_and_those_behind_the_tenth_mean_nothing() -> None:
    names = [f"label{number}" for number in range(14, 0, -1)]
    header = LABELS.header(names)
    assert [names[place] for place in header.order] == [f"label{number}" for number in range(1, 11)]
    assert header.ignored == ("label14", "label13", "label12", "label11")


def test_a_guess_behind_the_fifth_that_lacks_a_corner_means_nothing() -> None:
    names = [*LOCATED_LABELS.columns, "label6", "xmin6", "ymin6", "xmax6"]
    assert LOCATED_LABELS.header(names).order == tuple(range(25))


@pytest.mark.parametrize(("naming", "advice"), [
    ("header", "in the first line, the header: label1"),
    ("keys", 'in each record, a number behind it: label1; a list is read as "labels" alone'),
    ("table", "part lists into columns of their own: label1"),
])  # fmt: skip
def test_the_advice_speaks_of_the_file_that_was_sent(naming: Naming, advice: str) -> None:
    with pytest.raises(UnreadableFile) as caught:
        LABELS.header(["image", "bbox"], naming)
    assert caught.value.finding.advice.endswith(advice)


@pytest.mark.parametrize(("layout", "name"), [(DETECTIONS, "bbox"), (LABELS, "labels"), (LOCATED_LABELS, "guesses")])
def test_lists_of_numbers_have_a_name_in_each_layout(layout: Layout, name: str) -> None:
    assert layout.list_name == name


@pytest.mark.parametrize(("layout", "names", "missing"), [
    (DETECTIONS, ["image", "class", "score", "xmin", "ymin", "xmax"], "ymax"),
    (DETECTIONS, [], "image, class, confidence, xmin, ymin, xmax, ymax"),
    (TRACKS, ["image", "class", "score", *BOX], "track"),
    (COCO_DETECTIONS, ["image", "class", "score", *BOX], "x, y, width, height"),
    (LABELS, ["image"], "label1"),
    (LABELS, ["label1", "label3"], "label2"),
    (LOCATED_LABELS, ["label1", "xmin1", "ymin1", "xmax1", "ymax1", "label2", "xmin2", "ymin2", "ymax2"], "xmax2"),
    (SCENES, ["label1", "label2", "label3", "label4", "label5"], "image"),
])  # fmt: skip
def test_a_missing_column_is_told_by_its_name(layout: Layout, names: list[str], missing: str) -> None:
    with pytest.raises(UnreadableFile) as caught:
        layout.header(names)
    finding = caught.value.finding
    assert (finding.code, finding.message) == ("columns", f"the column {missing} is missing")
    assert finding.value == ",".join(names)


@pytest.mark.parametrize("names", [["image", "Image"], ["image_id", "frame"]])
def test_a_column_that_stands_there_twice_is_told(names: list[str]) -> None:
    with pytest.raises(UnreadableFile, match="the column image stands there twice"):
        DETECTIONS.header([*names, "class", "score", *BOX])


@pytest.mark.parametrize("slug", [slug for slug, task in TASKS.items() if task.layout.columns])
def test_the_names_of_a_layouts_columns_are_a_header_and_numbers_none(slug: str) -> None:
    layout = TASKS[slug].layout
    assert layout.is_header(layout.columns)
    assert layout.is_header([f'"{layout.columns[0]}"', "x9"])
    assert not layout.is_header(["1", "2.5", "-3e4", "n02119789", "val/ILSVRC2012_val_00000001.JPEG", ""])
