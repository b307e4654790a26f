"""COCO's instances.json as a truth: what is read, what is refused and with which words, and what tells truths apart."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from scoring.coco_truth import CocoTruth, read_coco_truth
from scoring.faults import FaultLog
from scoring.findings import RoundFault
from scoring.images import Images
from scoring.synsets import NO_CLASSES

IMAGES = Images(indices=np.array([2, 5, 40], np.int64))


def an_annotation(**changes: Any) -> dict[str, Any]:
    whole = {"id": 1, "image_id": 5, "category_id": 7, "bbox": [1, 2, 3, 4.5], "area": 6, "iscrowd": 0} | changes
    return {key: value for key, value in whole.items() if value is not None}


def instances(*annotations: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        "info": {"year": 2017},
        "images": [{"id": index, "file_name": f"{index}.jpg"} for index in (40, 2, 5)],
        "categories": [{"id": 7, "name": "chat à neuf queues"}, {"id": 0}, {"id": 3, "name": "dog"}],
        "annotations": list(annotations),
    } | changes  # fmt: skip


def read(content: dict[str, Any] | bytes) -> tuple[CocoTruth, tuple[RoundFault, ...]]:
    faults = FaultLog()
    written = content if isinstance(content, bytes) else json.dumps(content).encode()
    truth = read_coco_truth(written, images=IMAGES, file="instances.json", faults=faults)
    return truth, faults.faults


def faults_of(content: dict[str, Any] | bytes) -> list[tuple[str, str | None, int]]:
    return [(fault.code, fault.value, fault.count) for fault in read(content)[1]]


def truth_of(content: dict[str, Any]) -> CocoTruth:
    truth, faults = read(content)
    assert faults == ()
    return truth


WHOLE = instances(
    an_annotation(id=9, segmentation=[[1, 2, 3]], ignore=1),
    an_annotation(id=3, image_id=40, category_id=0, iscrowd=True, area=1e10),
    an_annotation(id=4, category_id=3, bbox=[-2.5, 0, 0, 0], area=0, iscrowd=None),
    an_annotation(id=5, image_id=2, iscrowd=1),
)


def test_boxes_are_grouped_by_image_and_keep_the_order_of_the_file_inside_one() -> None:
    truth = truth_of(WHOLE)
    assert len(truth) == 4
    assert truth.images.tolist() == [0, 1, 1, 2]
    assert truth.category_ids.tolist() == [0, 3, 7]
    assert truth.category_names == ("0", "dog", "chat à neuf queues")
    assert truth.classes.tolist() == [2, 2, 1, 0]
    assert truth.boxes.tolist() == [[1, 2, 3, 4.5], [1, 2, 3, 4.5], [-2.5, 0, 0, 0], [1, 2, 3, 4.5]]
    assert truth.areas.tolist() == [6, 6, 0, 1e10]
    assert truth.is_crowd.tolist() == [True, False, False, True]
    assert truth.starts(3).tolist() == [0, 1, 3, 4]
    assert (truth.images.dtype, truth.classes.dtype, truth.category_ids.dtype) == (np.int32,) * 3


def test_a_file_without_annotations_or_categories_is_a_truth_without_objects() -> None:
    truth = truth_of(instances(categories=[]))
    assert len(truth) == 0
    assert truth.boxes.shape == (0, 4)
    assert truth.category_ids.tolist() == []


@pytest.mark.parametrize("content", [WHOLE, instances(), instances(categories=[])])
def test_columns_are_read_back_as_they_were(content: dict[str, Any]) -> None:
    truth = truth_of(content)
    columns = truth.columns()
    again = CocoTruth.from_columns(columns)
    assert again is not None
    assert again.category_names == truth.category_names
    for name, column in columns.items():
        np.testing.assert_array_equal(again.columns()[name], column)
        assert again.columns()[name].dtype == column.dtype


def test_columns_of_another_truth_are_none_of_coco() -> None:
    assert CocoTruth.from_columns({"labels": np.zeros(3)}) is None


def digest(content: dict[str, Any]) -> list[tuple[str, str, bytes]]:
    columns = truth_of(content).digest_columns(IMAGES, NO_CLASSES)
    return [(name, column.dtype.str, column.tobytes()) for name, column in columns.items()]


def test_the_digest_does_not_depend_on_the_order_of_the_file() -> None:
    backwards = WHOLE | {key: WHOLE[key][::-1] for key in ("images", "categories", "annotations")}
    assert digest(backwards) == digest(WHOLE)
    columns = truth_of(instances(an_annotation())).digest_columns(IMAGES, NO_CLASSES)
    assert {name: column.tolist() for name, column in columns.items()} == {
        "annotations": [[5, 7, 1, 2, 3, 4.5, 6, 0]],
        "categories": [0, 3, 7],
    }


@pytest.mark.parametrize(
    "change",
    [{"image_id": 2}, {"category_id": 3}, {"bbox": [1, 2, 3, 4]}, {"area": 6.5}, {"iscrowd": 1}],
    ids=lambda change: next(iter(change)),
)
def test_whatever_scoring_depends_on_changes_the_digest(change: dict[str, Any]) -> None:
    assert digest(instances(an_annotation(**change))) != digest(instances(an_annotation()))
    assert digest(instances(an_annotation(id=8))) == digest(instances(an_annotation()))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"id": -1}, "Expected `int` >= 0 - at `$.id`"),
        ({"id": None}, "Object missing required field `id`"),
        ({"id": 2**53 + 1}, "Expected `int` <= 9007199254740992 - at `$.id`"),
        ({"id": 10**40}, "Expected `int` <= 9007199254740992 - at `$.id`"),
        ({"id": True}, "Expected `int`, got `bool` - at `$.id`"),
        ({"id": "1"}, "Expected `int`, got `str` - at `$.id`"),
        ({"image_id": 5.5}, "Expected `int`, got `float` - at `$.image_id`"),
        ({"image_id": -1}, "Expected `int` >= 0 - at `$.image_id`"),
        ({"category_id": None}, "Object missing required field `category_id`"),
        ({"category_id": []}, "Expected `int`, got `array` - at `$.category_id`"),
        ({"bbox": None}, "Object missing required field `bbox`"),
        ({"bbox": [1, 2, 3]}, "Expected `array` of length 4 - at `$.bbox`"),
        ({"bbox": [1, 2, "3", 4]}, "Expected `float`, got `str` - at `$.bbox[2]`"),
        ({"bbox": [1, 2, -3, 4]}, "Expected `float` >= 0.0 - at `$.bbox[2]`"),
        ({"bbox": [1, 2, 3, -0.5]}, "Expected `float` >= 0.0 - at `$.bbox[3]`"),
        ({"bbox": [-1e8, 2, 3, 4]}, "Expected `float` >= -10000000.0 - at `$.bbox[0]`"),
        ({"bbox": [1, 1.1e7, 3, 4]}, "Expected `float` <= 10000000.0 - at `$.bbox[1]`"),
        ({"bbox": [1, 2, 1e300, 4]}, "Expected `float` <= 10000000.0 - at `$.bbox[2]`"),
        ({"bbox": [1, None, 3, 4]}, "Expected `float`, got `null` - at `$.bbox[1]`"),
        ({"area": None}, "Object missing required field `area`"),
        ({"area": -1}, "Expected `float` >= 0.0 - at `$.area`"),
        ({"area": 2e14}, "Expected `float` <= 100000000000000.0 - at `$.area`"),
        ({"iscrowd": 2}, "Invalid enum value 2 - at `$.iscrowd`"),
        ({"iscrowd": "0"}, "Expected `bool | int`, got `str` - at `$.iscrowd`"),
    ],
    ids=str,
)
def test_an_annotation_that_cannot_be_used_is_shown_with_the_reason(change: dict[str, Any], reason: str) -> None:
    bad = an_annotation(**change)
    _, faults = read(instances(an_annotation(id=50), bad, an_annotation(id=51)))
    assert [(fault.code, fault.message, fault.key, fault.file) for fault in faults] == [
        ("coco-annotation", f"this cannot be used: {reason}", "truth.annotations", "instances.json")
    ]
    assert faults[0].value == (f"id {bad['id']}" if "id" in bad else json.dumps(bad)[:79] + "…")
    assert "id (from 1), image_id, category_id, bbox [x, y, width, height]" in faults[0].advice


@pytest.mark.parametrize("others", [[], [an_annotation(id=51, area=None)]])
def test_an_annotation_id_of_0_is_refused_with_the_reason_and_the_remedy(others: list[dict[str, Any]]) -> None:
    _, faults = read(instances(an_annotation(id=50), an_annotation(id=0), *others))
    fault = faults[0] if not others else next(fault for fault in faults if fault.value == "id 0")
    assert len(faults) == 1 + len(others)
    assert (fault.code, fault.value) == ("coco-annotation", "id 0")
    assert "takes 0 for none" in fault.message
    assert "add 1 to the id of each" in fault.advice


def test_image_ids_may_be_0_and_large() -> None:
    images = Images(indices=np.array([0, 2**53]))
    content = instances(
        an_annotation(image_id=2**53), an_annotation(id=2, image_id=0), images=[{"id": 0}, {"id": 2**53}]
    )
    faults = FaultLog()
    truth = read_coco_truth(json.dumps(content).encode(), images=images, file="instances.json", faults=faults)
    assert (faults.faults, truth.images.tolist()) == ((), [0, 1])


def test_a_number_too_large_for_a_double_is_refused() -> None:
    written = json.dumps(instances(an_annotation(area=123))).replace("123", "1e400").encode()
    assert [fault.message for fault in read(written)[1]] == ["this cannot be used: Number out of range - at `$.area`"]


@pytest.mark.parametrize("digits", [400, 5_000])
def test_an_id_of_thousands_of_digits_is_refused(digits: int) -> None:
    written = json.dumps(instances(an_annotation(id=123))).replace("123", "1" * digits).encode()
    assert [code for code, _, _ in faults_of(written)] == ["coco-annotation"]


def test_all_faults_are_reported_together() -> None:
    content = instances(
        an_annotation(id=1),
        an_annotation(id=1, image_id=2),
        an_annotation(id=2, image_id=6),
        an_annotation(id=3, category_id=8),
        an_annotation(id=4, image_id=6, category_id=8),
        an_annotation(id=5, area="large"),
        images=[{"id": 5}, {"id": 77}, {"id": 5}],
        categories=[{"id": 7, "name": "cat"}, {"id": 7, "name": "kitten"}],
    )
    assert faults_of(content) == [
        ("coco-annotation", "id 5", 1),
        ("coco-image-twice", "id 5", 1),
        ("unknown-image", "image 77", 3),
        ("annotation-missing", "image 2", 2),
        ("annotation-missing", "image 40", 2),
        ("coco-category-twice", "id 7", 1),
        ("coco-annotation-twice", "id 1", 1),
        ("unknown-image", "annotation 2: image_id 6", 3),
        ("unknown-image", "annotation 4: image_id 6", 3),
        ("unknown-class", "annotation 3: category_id 8", 2),
        ("unknown-class", "annotation 4: category_id 8", 2),
    ]


def test_an_unreadable_image_or_category_is_not_also_missed() -> None:
    content = instances(
        an_annotation(),
        images=[{"id": "2"}, {"id": 5}, {"id": 40}],
        categories=[{"id": 3}, {"id": 10_000_001}],
    )
    assert faults_of(content) == [("coco-image", "id 2", 1), ("coco-category", "id 10000001", 1)]
    assert [fault.advice for fault in read(content)[1]] == [
        "an image is an object with a whole number as id",
        "a category is an object with a whole number as id, and a name",
    ]


def test_a_category_name_is_of_bounded_length() -> None:
    assert read(instances(categories=[{"id": 7, "name": "x" * 200}]))[1] == ()
    assert [code for code, _, _ in faults_of(instances(categories=[{"id": 7, "name": "x" * 201}]))] == ["coco-category"]


def test_unknown_ids_beyond_the_largest_known_one_are_unknown() -> None:
    content = instances(an_annotation(image_id=2**53), an_annotation(id=2, category_id=2**53))
    assert [code for code, _, _ in faults_of(content)] == ["unknown-image", "unknown-class"]
    assert [code for code, _, _ in faults_of(instances(an_annotation(), categories=[]))] == ["unknown-class"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "Input data was truncated"),
        (b"{", "Input data was truncated"),
        (b"\x89PNG", "JSON is malformed: invalid character (byte 0)"),
        (b'{"images": [], "categories": [], "annotations": [{"area": NaN}]}', "JSON is malformed: invalid character"),
        (b'{"x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "maximum recursion depth exceeded"),
    ],
)
def test_what_is_not_json_is_one_fault(content: bytes, reason: str) -> None:
    truth, faults = read(content)
    assert [fault.code for fault in faults] == ["coco-json"]
    assert faults[0].message.startswith(f"this is not JSON: {reason}")
    assert faults[0].advice == "write COCO's instances.json, without NaN"
    assert len(truth) == 0


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"[]", "Expected `object`, got `array`"),
        (b"{}", "Object missing required field `images`"),
        (b'{"images": [], "categories": []}', "Object missing required field `annotations`"),
        (b'{"images": [], "categories": [], "annotations": {}}', "Expected `array`, got `object` - at `$.annotations`"),
    ],
)
def test_what_is_not_laid_out_as_instances_is_one_fault(content: bytes, reason: str) -> None:
    _, faults = read(content)
    assert [(fault.code, fault.message) for fault in faults] == [
        ("coco-layout", f"the file is not laid out as COCO's instances.json: {reason}")
    ]


def test_records_that_are_no_objects_are_faults() -> None:
    assert faults_of(instances(images=[2, {"id": 5}, {"id": 40}], annotations=[[1], None])) == [
        ("coco-image", "2", 1), ("coco-annotation", "[1]", 2), ("coco-annotation", "null", 2),
    ]  # fmt: skip


def test_faults_beyond_twenty_of_a_kind_are_counted() -> None:
    faults = faults_of(instances(*(an_annotation(id=k, area=-1) for k in range(1, 31))))
    assert len(faults) == 20
    assert {(code, count) for code, _, count in faults} == {("coco-annotation", 30)}
