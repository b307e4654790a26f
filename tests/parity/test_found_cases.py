"""Small cases that fuzzing found, or that reading the code suggested: each stays."""

from __future__ import annotations

import pytest

from scoring.tasks import TASKS
from tests.parity.agreement import assert_same, scorecard_of
from tests.parity.cases import BOX_FILES, Case, ClassRow
from tests.parity.oracles import Box, TruthBox

CLASSES = (ClassRow(id=3, wnid="n20000003", name="three"), ClassRow(id=7, wnid="n20000001", name="seven"))
SQUARE = Box(0, 0, 19, 19)


def det_case(text: str, boxes: tuple[TruthBox, ...] = (), box_file: str = "boxes.csv") -> Case:
    return Case(
        task="det", image_indices=(5, 2), has_image_list=True, classes=CLASSES, is_class_csv=False,
        boxes=boxes, box_file=box_file, text=text,
    )  # fmt: skip


# Of each task with boxes, one prediction.
LINES = {
    "cls-loc": "3 0 0 9 9",
    "det": "1 3 0.5 0 0 9 9",
    "vid": "1 3 0.5 0 0 9 9",
    "vid-track": "1 3 0 0.5 0 0 9 9",
}


@pytest.mark.parametrize("box_file", BOX_FILES)
@pytest.mark.parametrize("task", [task for task in TASKS if "boxes" in TASKS[task].truth_keys])
@pytest.mark.parametrize("has_header", [False, True])
def test_a_round_without_any_object_can_be_opened_and_scored(task: str, box_file: str, has_header: bool) -> None:
    case = Case(
        task=task, image_indices=(1,), has_image_list=False, classes=CLASSES, is_class_csv=True,
        labels=(3,) if task == "cls-loc" else (), snippets=(0,) if task == "vid-track" else (),
        box_file=box_file, box_header=has_header, text=LINES[task],
    )  # fmt: skip
    assert_same(case)


def test_negative_zero_and_zero_are_equal_confidences() -> None:
    boxes = (TruthBox(2, 3, SQUARE),)
    hit, miss = "2 3 -0.0 0 0 19 19", "2 3 0.0 50 50 60 60"
    for text, ap in ((f"{hit}\n{miss}\n", 1.0), (f"{miss}\n{hit}\n", 0.5)):
        case = det_case(text, boxes)
        assert_same(case)
        assert scorecard_of(case).scores["mean_ap"] == ap


def test_confidences_that_differ_in_the_last_bit_alone_are_different() -> None:
    text = "2 3 0.1 50 50 60 60\n2 3 0.10000000000000002 0 0 19 19\n"
    case = det_case(text, (TruthBox(2, 3, SQUARE),))
    assert_same(case)
    assert scorecard_of(case).scores["mean_ap"] == 1.0


def test_a_confidence_of_forty_digits_ties_with_the_double_it_rounds_to() -> None:
    text = "2 3 0.1000000000000000055511151231257827021181 50 50 60 60\n2 3 0.1 0 0 19 19\n"
    case = det_case(text, (TruthBox(2, 3, SQUARE),))
    assert_same(case)
    assert scorecard_of(case).scores["mean_ap"] == 0.5


def test_equal_confidences_stand_in_order_of_index_not_of_the_image_list() -> None:
    boxes = (TruthBox(2, 3, SQUARE), TruthBox(5, 3, SQUARE))
    text = "5 3 0.5 50 50 60 60\n2 3 0.5 0 0 19 19\n"
    case = det_case(text, boxes)
    assert_same(case)
    assert scorecard_of(case).scores["mean_ap"] == 0.5  # the hit of image 2 first, of two objects


def test_blank_lines_between_detections_are_no_detections() -> None:
    case = det_case("2 3 0.5 0 0 19 19\n\n  \n5 7 0.5 0 0 19 19\n\n", (TruthBox(2, 3, SQUARE),))
    assert_same(case)
    assert scorecard_of(case).counts["detections"] == 2


def test_of_two_boxes_that_overlap_alike_the_first_in_the_file_is_taken() -> None:
    left, right = Box(0, 0, 19, 19), Box(4, 0, 23, 19)
    text = "2 3 0.9 2 0 21 19\n2 3 0.8 -5 0 14 19\n"  # the second reaches `left` alone
    for boxes, ap in (((left, right), 0.5), ((right, left), 1.0)):
        case = det_case(text, tuple(TruthBox(2, 3, box) for box in boxes))
        assert_same(case)
        assert scorecard_of(case).scores["mean_ap"] == ap


def test_half_a_pixel_is_left_of_a_slightly_inverted_box() -> None:
    # x from 5 to 4.5 is half a pixel wide, so it overlaps; the threshold of a one-pixel column is met
    column = Box(5, 0, 5, 0)
    case = det_case("2 3 0.5 5 0 4.5 0\n", (TruthBox(2, 3, column),))
    assert_same(case)
    assert scorecard_of(case).scores["mean_ap"] == 1.0


@pytest.mark.parametrize("box_file", ["boxes.tgz", "boxes.zip", "boxes"])
def test_without_an_image_list_annotations_go_by_file_name_wherever_they_lie_in_the_archive(box_file: str) -> None:
    case = Case(
        task="cls-loc", image_indices=(2, 3, 1), has_image_list=False, classes=CLASSES, is_class_csv=False,
        labels=(3, 7, 3), boxes=(TruthBox(1, 3, SQUARE), TruthBox(2, 7, Box(50, 50, 60, 60))), box_file=box_file,
        text="3 0 0 19 19\n7 50 50 60 60\n3 0 0 19 19\n",
    )  # fmt: skip
    assert_same(case)
    assert scorecard_of(case).counts["loc5_wrong"] == 1
