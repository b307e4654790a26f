from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.faults import FaultLog
from scoring.images import Images
from scoring.label_sets import LabelSets, parse_label_sets
from scoring.synsets import Classes, ClassNaming

# By WNID: 9, 5, 7 and so the positions 2, 0, 1.
CLASSES = Classes(ids=np.array([5, 7, 9], dtype=np.int32), wnids=("n2", "n3", "n1"), names=("five", "seven", "nine"))

label_sets = st.lists(st.sets(st.integers(0, 3)), max_size=6)


def parsed(
    text: str, *, images: int, ids: ClassNaming = "kit", is_single: bool = False
) -> tuple[LabelSets, list[tuple[str, int | None, str | None]]]:
    """The sets, and (code, line, value) of every fault."""
    faults = FaultLog()
    sets = parse_label_sets(
        text, classes=CLASSES, ids=ids, image_count=images, file="labels.txt", faults=faults, is_single=is_single
    )
    assert all((fault.file, fault.key) == ("labels.txt", "truth.labels") for fault in faults.faults)
    return sets, [(fault.code, fault.line, fault.value) for fault in faults.faults]


def as_lists(sets: LabelSets) -> list[list[int]]:
    return [sets.classes[start:end].tolist() for start, end in zip(sets.starts[:-1], sets.starts[1:], strict=True)]


def lists(text: str, *, images: int, ids: ClassNaming = "kit", is_single: bool = False) -> list[list[int]]:
    sets, faults = parsed(text, images=images, ids=ids, is_single=is_single)
    assert faults == []
    return as_lists(sets)


@given(label_sets, st.data())
def test_sets_tell_what_each_image_has(rows: list[set[int]], data: st.DataObject) -> None:
    sets = LabelSets.of_sets(rows)
    guesses = np.array([data.draw(st.lists(st.integers(-2, 3), min_size=2, max_size=2)) for _ in rows], np.int32)
    guesses = guesses.reshape(-1, 2)
    chosen = data.draw(st.lists(st.booleans(), min_size=4, max_size=4))
    assert as_lists(sets) == [sorted(row) for row in rows]
    assert len(sets) == len(rows)
    assert sets.images.tolist() == [image for image, row in enumerate(rows) for _ in row]
    assert sets.is_labelled.tolist() == [bool(row) for row in rows]
    assert sets.contain(guesses).tolist() == [
        [guess in row for guess in line] for line, row in zip(guesses.tolist(), rows, strict=True)
    ]
    assert sets.has_any_of(np.array(chosen)).tolist() == [any(chosen[label] for label in row) for row in rows]


@given(label_sets, st.data())
def test_the_sets_of_some_images_come_in_the_order_asked_for(rows: list[set[int]], data: st.DataObject) -> None:
    images = data.draw(st.permutations(range(len(rows))))
    images = images[: data.draw(st.integers(0, len(rows)))]
    found = LabelSets.of_sets(rows).of_images(np.array(images, dtype=np.int32))
    assert as_lists(found) == [sorted(rows[image]) for image in images]


def test_one_label_for_each_image_is_a_column() -> None:
    labels = np.array([2, 0, 2], dtype=np.int32)
    assert as_lists(LabelSets.of_labels(labels)) == [[2], [0], [2]]
    for sets in (LabelSets.of_labels(labels), LabelSets.of_sets([[2], [0, 0], [2]])):
        assert sets.single is not None
        assert sets.single.tolist() == [2, 0, 2]
    assert LabelSets.of_sets([[2], [], [0, 1]]).single is None  # as many labels as images
    assert LabelSets.of_sets([[2], []]).single is None


@given(label_sets)
def test_columns_are_kept_and_read_again(rows: list[set[int]]) -> None:
    again = LabelSets.from_columns(LabelSets.of_sets(rows).columns())
    assert again is not None
    assert as_lists(again) == [sorted(row) for row in rows]
    assert (again.starts.dtype, again.classes.dtype) == (np.int64, np.int32)
    assert LabelSets.from_columns({}) is None


def test_the_digest_knows_ids_and_indices_and_images_without_labels() -> None:
    images = Images(indices=np.array([3, 4, 8], dtype=np.int64))
    columns = LabelSets.of_sets([[2, 0], [], [1]]).digest_columns(images, CLASSES)
    assert {name: column.tolist() for name, column in columns.items()} == {
        "images with label sets": [3, 4, 8],
        "label sets": [[3, 5], [3, 9], [8, 7]],
    }
    assert {column.dtype.str for column in columns.values()} == {"<i8"}


def test_a_line_holds_any_number_of_ids() -> None:
    assert lists("5 9\n\n 7\t5  7\r\n9\n", images=4) == [[0, 2], [], [0, 1], [2]]


def test_empty_lines_at_the_end_are_images_without_labels_as_far_as_there_are_images() -> None:
    assert lists("5 9\n7\n\n", images=3) == [[0, 2], [1], []]
    assert lists("5 9\n\n7\n\n\n\n", images=4) == [[0, 2], [], [1], []]
    assert lists("5 9\n\n7", images=3) == [[0, 2], [], [1]]


@pytest.mark.parametrize(("text", "labels", "blank"), [("5\n\n7\n9\n\n", 4, 1), ("\n5\n\n7\n\n9\n", 6, 3)])
def test_an_empty_line_is_an_image_even_where_as_many_lines_hold_labels_as_there_are_images(
    text: str, labels: int, blank: int
) -> None:
    faults = FaultLog()
    parse_label_sets(text, classes=CLASSES, ids="kit", image_count=3, file="labels.txt", faults=faults)
    (fault,) = faults.faults
    assert fault.code == "label-count"
    assert fault.message == f"there are {labels} lines, {blank} of them blank, for 3 images"
    assert "a blank line is an image without a label" in fault.advice


def test_json_is_a_list_of_lists() -> None:
    assert lists(" [[9, 5, 5], [],\n [7]]", images=3) == [[0, 2], [], [1]]
    assert lists('[["9"], ["5", 7]]', images=2) == [[2], [0, 1]]


def test_ids_may_be_places_among_the_sorted_wnids() -> None:
    assert lists("0\n1 2\n", images=2, ids="sorted-wnid") == [[2], [0, 1]]
    assert lists("[[0], [1, 2]]", images=2, ids="sorted-wnid") == [[2], [0, 1]]


def test_ids_may_be_wnids() -> None:
    assert lists("n1\nn2 n3\n", images=2, ids="wnid") == [[2], [0, 1]]
    assert lists('[["n1"], ["n2", "n3"]]', images=2, ids="wnid") == [[2], [0, 1]]


@pytest.mark.parametrize(
    ("ids", "label"),
    [
        ("kit", "6"), ("kit", "0"), ("kit", "10"), ("kit", "n1"), ("kit", "-5"), ("kit", "5.0"), ("kit", "5_0"),
        ("sorted-wnid", "3"), ("sorted-wnid", "-1"), ("sorted-wnid", "n1"), ("wnid", "0"), ("wnid", "n4"),
    ],
)  # fmt: skip
def test_a_label_that_is_no_class_is_refused_with_its_line(ids: ClassNaming, label: str) -> None:
    known = {"kit": "5", "sorted-wnid": "0", "wnid": "n1"}[ids]
    _, faults = parsed(f"{known}\n\n{known} {label}\n{known}\n", images=4, ids=ids)
    assert faults == [("unknown-class", 3, label)]


@pytest.mark.parametrize("label", [6, 0, -5, 10, 5.0, True, None, [5], "n1", "five"])
def test_a_label_in_json_that_is_no_class_is_refused_with_its_image(label: object) -> None:
    _, faults = parsed(json.dumps([[5], [7, label]]), images=2)
    assert faults == [("unknown-class", None, f"image 2: {label!r}")]


def test_a_json_1_is_not_true() -> None:
    classes = Classes(ids=np.array([1], dtype=np.int32), wnids=("",), names=("one",))
    faults = FaultLog()
    parse_label_sets("[[true]]", classes=classes, ids="kit", image_count=1, file="labels.json", faults=faults)
    assert [fault.code for fault in faults.faults] == ["unknown-class"]


@pytest.mark.parametrize(
    ("text", "images"), [("5\n7\n9\n", 2), ("5\n7\n", 3), ("", 1), ("5\n\n\n7\n", 3), ("[[5]]", 2)]
)
def test_there_are_labels_for_as_many_images_as_the_round_has(text: str, images: int) -> None:
    assert parsed(text, images=images)[1] == [("label-count", None, None)]


@pytest.mark.parametrize(("text", "images"), [("5\n7\n\n", 1), ("[[5], []]", 1)])
def test_nothing_is_said_of_blank_lines_where_there_are_none(text: str, images: int) -> None:
    faults = FaultLog()
    parse_label_sets(text, classes=CLASSES, ids="kit", image_count=images, file="labels.txt", faults=faults)
    (fault,) = faults.faults
    assert (fault.message, "blank" in fault.advice) == ("there are 2 labels for 1 images", False)


@pytest.mark.parametrize("text", ["[", "[[5], 7", "[[5]]]", "[" * 100_000, f"[[{'9' * 5_000}]]"])
def test_json_that_is_none_is_refused(text: str) -> None:
    assert [code for code, _, _ in parsed(text, images=1)[1]] == ["labels-json"]


def test_json_without_a_list_for_each_image_is_refused() -> None:
    assert parsed('[[5], 7, {"5": 1}]', images=3)[1] == [
        ("labels-json", None, "image 2: 7"),
        ("labels-json", None, "image 3: {'5': 1}"),
    ]


def test_where_one_label_is_due_several_or_none_are_refused() -> None:
    assert lists("5\n7\n", images=2, is_single=True) == [[0], [1]]
    assert parsed("5\n7 7\n\n", images=3, is_single=True)[1] == [
        ("labels-several", 2, "image 2: 2 labels"),
        ("labels-several", 3, "image 3: 0 labels"),
    ]
