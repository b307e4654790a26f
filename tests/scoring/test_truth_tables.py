from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.faults import FaultLog
from scoring.images import Images
from scoring.synsets import Classes, ClassNaming
from scoring.truth_tables import read_scene_labels
from tests.scoring.making import classes_of

IMAGES = Images(indices=np.array([4, 5, 9]), names=("Places_val_1.jpg", "Places_val_2.jpg", "Places_val_3.jpg"))
CLASSES = classes_of((0, 1, 2), has_wnids=False)


def read(text: str, images: Images = IMAGES) -> tuple[list[int], list[tuple[str, int | None, str | None]]]:
    """The labels, and (code, line, value) of the faults."""
    faults = FaultLog()
    labels = read_scene_labels(text, images=images, classes=CLASSES, file="val.txt", faults=faults)
    assert labels.dtype == np.int32
    assert all((fault.file, fault.key) == ("val.txt", "truth.labels") and fault.advice for fault in faults.faults)
    return labels.tolist(), [(fault.code, fault.line, fault.value) for fault in faults.faults]


@given(st.permutations([("Places_val_1.jpg", 0), ("Places_val_2.jpg", 2), ("Places_val_3.jpg", 1)]))
def test_labels_come_in_any_order(lines: list[tuple[str, int]]) -> None:
    assert read("".join(f"{name} {label}\n" for name, label in lines)) == ([0, 2, 1], [])


@pytest.mark.parametrize(
    "text",
    [
        "Places_val_1 0\nPlaces_val_2 2\nPlaces_val_3 1",
        "  Places_val_1.jpg\t0\r\n\r\nPlaces_val_2.jpg    2  \nPlaces_val_3.jpg 01\n\n",
    ],
)
def test_endings_blanks_and_blank_lines_do_not_matter(text: str) -> None:
    assert read(text) == ([0, 2, 1], [])


@pytest.mark.parametrize(
    ("ids", "text", "unknown"),
    [("sorted-wnid", "1 1\n2 0\n3 2\n", "3"), ("wnid", "1 n2\n2 n1\n3 n3\n", "0"), ("kit", "1 5\n2 9\n3 7\n", "n2")],
)
def test_labels_may_be_named_in_any_way_that_labels_of_images_are(ids: ClassNaming, text: str, unknown: str) -> None:
    classes = Classes(
        ids=np.array([5, 7, 9], dtype=np.int32), wnids=("n2", "n3", "n1"), names=("five", "seven", "nine")
    )
    faults = FaultLog()
    labels = read_scene_labels(
        f"{text}4 {unknown}\n", images=Images.counted(4), classes=classes, file="val.txt", faults=faults, ids=ids
    )
    assert labels.tolist() == [0, 2, 1, -1]
    assert [(fault.code, fault.line) for fault in faults.faults] == [("unknown-class", 4)]


def test_file_names_may_hold_blanks() -> None:
    images = Images(indices=np.array([1, 2]), names=("a b.jpg", "a c.jpg"))
    assert read("a c.jpg 1\na b.jpg 2\n", images) == ([2, 1], [])


def test_images_without_names_are_called_by_their_indices() -> None:
    assert read("2 0\n1 1\n", Images.counted(2)) == ([1, 0], [])
    assert read("2 0\n", Images.counted(2)) == ([-1, 0], [("label-missing", None, "1")])


def test_all_faults_are_told_at_once() -> None:
    text = "Places_val_1.jpg 3\nx.jpg 1\n\nPlaces_val_2.jpg 2\nPlaces_val_2.jpg 1\ny.jpg -1\nalone\n"
    assert read(text) == (
        [-1, 2, -1],
        [
            ("unknown-class", 1, "Places_val_1.jpg 3"),
            ("unknown-image", 2, "x.jpg 1"),
            ("image-twice", 5, "Places_val_2.jpg 1"),
            ("unknown-image", 6, "y.jpg -1"),
            ("unknown-class", 6, "y.jpg -1"),
            ("unknown-image", 7, "alone"),
            ("unknown-class", 7, "alone"),
            ("label-missing", None, "Places_val_3.jpg"),
        ],
    )


@pytest.mark.parametrize("label", ["3", "-1", "1.0", "n00000001", "", "1_0", "١", "9" * 5000])
def test_what_is_no_id_of_the_table_is_a_fault(label: str) -> None:
    faults = FaultLog()
    read_scene_labels(f"Places_val_1.jpg {label}", images=IMAGES, classes=CLASSES, file="val.txt", faults=faults)
    assert "unknown-class" in [fault.code for fault in faults.faults]
