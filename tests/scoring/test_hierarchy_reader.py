from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from scoring.faults import FaultLog
from scoring.findings import RoundFault
from scoring.hierarchy import Hierarchy
from scoring.hierarchy_reader import parse_hierarchy
from scoring.synsets import NO_CLASSES, Classes

CLASSES = Classes(ids=np.array([1, 2, 7], dtype=np.int32), wnids=("n01", "n02", ""), names=("ant", "bee", "cat"))

# An insect (30) above ant and bee, an animal (40) above all; ids and order of their own.
ANT: dict[str, Any] = {"id": 1, "wnid": "n01", "words": "ant", "parents": [30], "height": 0}
BEE: dict[str, Any] = {"id": 2, "wnid": "n02", "words": "bee, drone", "parents": ["n30"], "height": 0}
CAT: dict[str, Any] = {"id": 7, "parents": [40, 40], "height": 1}
INSECT: dict[str, Any] = {"id": 30, "wnid": "n30", "parents": [40], "height": 3, "children": [1, 2]}
ANIMAL: dict[str, Any] = {"id": 40, "wnid": "n40", "words": "animal", "parents": [], "height": 200}
ROWS = [ANIMAL, ANT, BEE, CAT, INSECT]


def parsed(content: object, classes: Classes = CLASSES) -> tuple[Hierarchy | None, tuple[RoundFault, ...]]:
    faults = FaultLog()
    text = content if isinstance(content, str) else json.dumps(content)
    return parse_hierarchy(text, file="hierarchy.json", classes=classes, faults=faults), faults.faults


def faults_of(content: object, classes: Classes = CLASSES) -> list[tuple[str, str | None]]:
    """(code, value) of every fault; and nothing but faults comes back."""
    hierarchy, faults = parsed(content, classes)
    assert (hierarchy is None) == bool(faults)
    assert all((fault.file, fault.key) == ("hierarchy.json", "classes.hierarchy") for fault in faults)
    return [(fault.code, fault.value) for fault in faults]


def changed(row: dict[str, Any], **changes: Any) -> list[dict[str, Any]]:
    """The rows, one of them changed; a key changed to ... is taken out."""
    new = {key: value for key, value in {**row, **changes}.items() if value is not ...}
    return [new if own is row else own for own in ROWS]


def test_nodes_keep_the_order_of_the_file_and_classes_are_found_by_id() -> None:
    hierarchy, faults = parsed(ROWS)
    assert faults == ()
    assert hierarchy is not None
    assert hierarchy.wnids == ("n40", "n01", "n02", "", "n30")
    assert hierarchy.names == ("animal", "ant", "bee, drone", "7", "n30")  # words, else the WNID, else the id
    assert hierarchy.heights.tolist() == [200, 0, 0, 1, 3]
    assert hierarchy.parents == ((), (4,), (4,), (0,), (0,))  # by id or by WNID, each once
    assert hierarchy.class_nodes.tolist() == [1, 2, 3]
    assert hierarchy.lca_heights.tolist() == [[0, 3, 200], [3, 0, 200], [200, 200, 0]]


@pytest.mark.parametrize(
    "text", ["", "[", '{"id": 1}', "[]", "3", "null", "[" * 100_000, f"[{'9' * 5_000}]", "\ufeff[]"]
)
def test_what_is_no_list_in_json_is_refused(text: str) -> None:
    assert [code for code, _ in faults_of(text)] == ["hierarchy-json"]


def test_a_key_that_stands_twice_is_refused() -> None:
    hierarchy, faults = parsed('[{"id": 1, "height": 0, "parents": [], "height": 1}]')
    assert hierarchy is None
    assert [(fault.code, "twice" in fault.message) for fault in faults] == [("hierarchy-json", True)]


@pytest.mark.parametrize(
    "changes",
    [
        {"id": ...}, {"id": "1"}, {"id": -1}, {"id": 1.0}, {"id": True}, {"id": None},
        {"height": ...}, {"height": -1}, {"height": 256}, {"height": 0.5}, {"height": False}, {"height": "0"},
        {"parents": ...}, {"parents": 30}, {"parents": "n30"}, {"parents": {}},
        {"wnid": 1}, {"wnid": None}, {"words": ["ant"]},
    ],
)  # fmt: skip
def test_a_node_has_an_id_parents_and_a_height(changes: dict[str, Any]) -> None:
    assert [code for code, _ in faults_of(changed(ANT, **changes))] == ["hierarchy-node"]


def test_a_row_that_is_no_object_is_refused() -> None:
    assert faults_of([*ROWS, [1]]) == [("hierarchy-node", "[1]")]


def test_the_extremes_of_ids_and_heights_are_taken() -> None:
    classes = Classes(ids=np.array([0], dtype=np.int32), wnids=("",), names=("nought",))
    root, leaf = {"id": 9, "parents": [], "height": 255}, {"id": 0, "parents": [9], "height": 0}
    assert faults_of([root, leaf], classes) == []


def test_an_id_or_a_wnid_that_stands_twice_is_refused() -> None:
    assert faults_of([*ROWS, {**INSECT, "wnid": "n31"}]) == [("hierarchy-twice", "30 n31")]
    assert faults_of([*ROWS, {**INSECT, "id": 31}]) == [("hierarchy-twice", "31 n30")]
    assert faults_of([*ROWS, {"id": 7, "parents": [], "height": 0}]) == [("hierarchy-twice", "7")]
    assert faults_of([*ROWS, {"id": 8, "parents": [40], "height": 0}]) == []  # WNIDs may be missing more than once


@pytest.mark.parametrize("parent", [31, "n31", "30", "", 30.0, True, None, [30]])
def test_a_parent_that_is_no_node_is_refused(parent: object) -> None:
    assert faults_of(changed(ANT, parents=[parent])) == [("hierarchy-parent", f"{parent!r} of node 1")]


def test_an_id_of_0_is_a_parent_by_its_number_alone() -> None:
    root = {"id": 0, "parents": [], "height": 250}
    rows = [*changed(ANIMAL, parents=[0]), root]
    assert faults_of(rows) == []
    assert faults_of([*rows, {"id": 50, "parents": [None, False, -1], "height": 0}]) == [
        ("hierarchy-parent", f"{parent} of node 50") for parent in (None, False, -1)
    ]


def test_a_node_may_have_several_parents() -> None:
    hierarchy, _ = parsed(changed(ANT, parents=["n40", 30]))
    assert hierarchy is not None
    assert hierarchy.parents[1] == (0, 4)
    assert faults_of([*changed(ANT, parents=[40, 50]), {"id": 50, "parents": [1], "height": 1}]) == [
        ("hierarchy-cycle", "node 1"), ("hierarchy-cycle", "node 50"),
    ]  # fmt: skip


def test_cycles_are_refused_with_all_that_is_on_or_below_them() -> None:
    rows = changed(INSECT, parents=[1])
    assert faults_of(rows) == [("hierarchy-cycle", f"node {number}") for number in (1, 2, 30)]
    assert faults_of(changed(ANT, parents=[1])) == [("hierarchy-cycle", "node 1")]


@pytest.mark.parametrize("height", [0, 1])
def test_a_parent_is_higher_than_its_children(height: int) -> None:
    rows = [*changed(INSECT, height=height), {"id": 50, "parents": [30], "height": 1}]
    expected = [("hierarchy-height", f"node {child}: 0, its parent 30: {height}") for child in (1, 2) if height < 1]
    assert faults_of(rows) == [*expected, ("hierarchy-height", f"node 50: 1, its parent 30: {height}")]


def test_a_hierarchy_has_one_root() -> None:
    assert faults_of(changed(INSECT, parents=[])) == [("hierarchy-root", "node 40, node 30")]


def nodes_of(content: object, ids: tuple[int, ...], wnids: tuple[str, ...]) -> list[int]:
    classes = Classes(ids=np.array(ids, dtype=np.int32), wnids=wnids, names=wnids)
    hierarchy, faults = parsed(content, classes)
    assert faults == ()
    assert hierarchy is not None
    return hierarchy.class_nodes.tolist()


def test_a_class_is_the_node_of_its_wnid_however_the_table_is_numbered() -> None:
    assert nodes_of(ROWS, (1, 2, 7), ("n02", "n01", "")) == [2, 1, 3]
    assert nodes_of(ROWS, (0, 5), ("n01", "n02")) == [1, 2]
    assert nodes_of(ROWS, (2, 7, 30), ("n01", "n07", "n02")) == [1, 3, 2]  # n07: the node 7 has no WNID
    assert nodes_of(changed(ANT, id=3), (1, 2, 7), ("n01", "n02", "")) == [1, 2, 3]


def test_a_class_without_a_wnid_is_not_the_node_of_another_class() -> None:
    classes = Classes(ids=np.array([1, 2, 7], dtype=np.int32), wnids=("", "n01", ""), names=("bee", "ant", "cat"))
    assert faults_of(ROWS, classes) == [("hierarchy-class", "1: n01")]
    assert nodes_of(ROWS, (1, 3, 7), ("", "n02", "")) == [1, 2, 3]


def test_every_class_is_in_the_hierarchy_and_not_as_another() -> None:
    without_cat = [row for row in ROWS if row is not CAT]
    assert faults_of(without_cat) == [("hierarchy-class", "7")]
    assert faults_of(changed(ANT, id=3, wnid="n09")) == [("hierarchy-class", "1 n01")]
    assert faults_of(changed(ANT, wnid="n09")) == [("hierarchy-class", "1: n01 and n09")]
    assert faults_of(changed(ANT, wnid=...)) == []
    assert faults_of(changed(CAT, wnid="n07")) == []


def test_of_a_round_without_classes_the_nodes_alone_are_judged() -> None:
    assert faults_of(ROWS, NO_CLASSES) == []
    assert faults_of(changed(INSECT, parents=[]), NO_CLASSES) == [("hierarchy-root", "node 40, node 30")]


def test_all_faults_are_told_at_once() -> None:
    rows = [*changed(ANT, parents=[99]), {"id": 5, "parents": ["n99"], "height": 0}]
    assert [code for code, _ in faults_of([row for row in rows if row is not CAT])] == [
        "hierarchy-parent", "hierarchy-parent", "hierarchy-class",
    ]  # fmt: skip
