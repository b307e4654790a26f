"""A hierarchy's file -> Hierarchy: a JSON list with id, wnid, words, parents and height of each node."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from scoring.faults import FaultLog
from scoring.hierarchy import MAX_HEIGHT, Hierarchy
from scoring.synsets import Classes

_KEY = "classes.hierarchy"
_ROW = '{"id": 1, "wnid": "n02119789", "parents": [1208], "height": 0}'


def parse_hierarchy(text: str, *, file: str, classes: Classes, faults: FaultLog) -> Hierarchy | None:
    """Read a hierarchy: a JSON list of objects such as {"id": 1, "wnid": "n02119789", "parents": [1208], "height": 0}.

    A node may also have `words`; other keys are left alone. Parents are named by id or by WNID. Each class is the node
    of its WNID, whatever its id; where it has no WNID, or the hierarchy does not have it, the node of its id.

    Args:
        text: the file's content.
        file: its path within the round's folder.
        classes: the round's.
        faults: takes in all that is wrong.

    Returns:
        The hierarchy; None where there were faults.
    """
    return _Reader(file=file, faults=faults).read(text, classes)


class _KeyTwice(ValueError):
    """One key stands twice in an object."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _KeyTwice("one key stands twice in an object")
    return found


@dataclass(frozen=True, kw_only=True, slots=True)
class _Node:
    id: int
    wnid: str
    name: str
    parents: list[object]
    height: int


@dataclass(kw_only=True)
class _Reader:
    file: str
    faults: FaultLog
    fault_count: int = 0
    place_of_id: dict[int, int] = field(default_factory=dict)
    place_of_wnid: dict[str, int] = field(default_factory=dict)

    def read(self, text: str, classes: Classes) -> Hierarchy | None:
        nodes = self._nodes(self._rows(text))
        if self.has_faults():
            return None
        parents = [self._parents(node) for node in nodes]
        if not self.has_faults():
            self._check_order(nodes, parents)
        class_nodes = self._class_nodes(classes, nodes)
        if self.has_faults():
            return None
        return Hierarchy(
            wnids=tuple(node.wnid for node in nodes),
            names=tuple(node.name for node in nodes),
            heights=np.array([node.height for node in nodes], dtype=np.uint8),
            parents=tuple(parents),
            class_nodes=np.array(class_nodes, dtype=np.int32),
        )

    def has_faults(self) -> bool:
        return self.fault_count > 0

    def _fault(self, code: str, message: str, *, advice: str, value: object = None) -> None:
        self.fault_count += 1
        shown = None if value is None else value if isinstance(value, str) else repr(value)
        self.faults.add(code, message, advice=advice, file=self.file, key=_KEY, value=shown)

    def _rows(self, text: str) -> list[object]:
        try:
            rows = json.loads(text, object_pairs_hook=_object)
        except (ValueError, RecursionError) as error:  # a number of 5,000 digits is a ValueError too
            self._fault("hierarchy-json", f"this is not JSON: {error}", advice="write a JSON list of nodes")
            return []
        if not isinstance(rows, list) or not rows:
            self._fault(
                "hierarchy-json", "a hierarchy is a JSON list of nodes", advice=f"write a list of nodes like {_ROW}"
            )
            return []
        return rows

    def _nodes(self, rows: Iterable[object]) -> list[_Node]:
        nodes: list[_Node] = []
        for row in rows:
            node = _node(row)
            if node is None:
                self._fault(
                    "hierarchy-node",
                    f"a node has an id, a wnid, a list of parents and a height from 0 to {MAX_HEIGHT}",
                    advice=f"write nodes like {_ROW}", value=row,
                )  # fmt: skip
                continue
            if node.id in self.place_of_id or node.wnid in self.place_of_wnid:
                self._fault(
                    "hierarchy-twice", "this id or WNID stands in the hierarchy twice",
                    advice="give every node its own id and WNID", value=f"{node.id} {node.wnid}".strip(),
                )  # fmt: skip
                continue
            self.place_of_id[node.id] = len(nodes)
            if node.wnid:
                self.place_of_wnid[node.wnid] = len(nodes)
            nodes.append(node)
        return nodes

    def _parents(self, node: _Node) -> tuple[int, ...]:
        places = []
        for parent in node.parents:
            place = self._place(parent)
            if place is None:
                self._fault(
                    "hierarchy-parent", "this parent is no node of the hierarchy",
                    advice="name parents by id or by WNID", value=f"{parent!r} of node {node.id}",
                )  # fmt: skip
            else:
                places.append(place)
        return tuple(dict.fromkeys(places))

    def _place(self, name: object) -> int | None:
        if isinstance(name, str):
            return self.place_of_wnid.get(name)
        node_id = _id(name)
        return None if node_id is None else self.place_of_id.get(node_id)

    def _check_order(self, nodes: list[_Node], parents: list[tuple[int, ...]]) -> None:
        """Parents are higher than their children, so that there are no cycles; and all is below one root."""
        for place in _on_cycles(parents):
            self._fault(
                "hierarchy-cycle", "this node is on a cycle of parents, or below one",
                advice="take a parent of the cycle out", value=f"node {nodes[place].id}",
            )  # fmt: skip
        if self.has_faults():
            return
        for node, above in zip(nodes, parents, strict=True):
            for parent in above:
                if nodes[parent].height <= node.height:
                    self._fault(
                        "hierarchy-height", "a parent is higher than its children",
                        advice="give as height the longest way down to a leaf",
                        value=f"node {node.id}: {node.height}, its parent {nodes[parent].id}: {nodes[parent].height}",
                    )  # fmt: skip
        roots = [node for node, above in zip(nodes, parents, strict=True) if not above]
        if len(roots) > 1:
            self._fault(
                "hierarchy-root", f"a hierarchy has one root, and this one {len(roots):,}",
                advice="put one node without parents above all others",
                value=", ".join(f"node {node.id}" for node in roots),
            )  # fmt: skip

    def _class_nodes(self, classes: Classes, nodes: list[_Node]) -> list[int]:
        """The place of each class's node."""
        place_of_wnid = {wnid: self.place_of_wnid[wnid] for wnid in classes.wnids if wnid in self.place_of_wnid}
        wnid_of_place = {place: wnid for wnid, place in place_of_wnid.items()}  # of nodes that are taken
        places = []
        for class_id, wnid in zip(classes.ids.tolist(), classes.wnids, strict=True):
            by_wnid, by_id = place_of_wnid.get(wnid), self.place_of_id.get(class_id)
            place = by_id if by_wnid is None else by_wnid
            if place is None:
                self._fault(
                    "hierarchy-class", "a class of the table is not in the hierarchy",
                    advice="give every class a node of its WNID or of its id", value=f"{class_id} {wnid}".strip(),
                )  # fmt: skip
                continue
            if wnid and nodes[place].wnid and wnid != nodes[place].wnid:
                self._fault(
                    "hierarchy-class", "the hierarchy lacks this class's WNID, and its id is a node of another WNID",
                    advice="add a node of the class's WNID, or number the hierarchy's nodes like the classes",
                    value=f"{class_id}: {wnid} and {nodes[place].wnid}",
                )  # fmt: skip
            elif not wnid and place in wnid_of_place:
                self._fault(
                    "hierarchy-class", "this class has no WNID, and the node of its id is another class's by its WNID",
                    advice="give every class of the table its WNID, or number the hierarchy's nodes like the classes",
                    value=f"{class_id}: {wnid_of_place[place]}",
                )  # fmt: skip
            places.append(place)
        return places


def _node(row: object) -> _Node | None:
    if not isinstance(row, dict):
        return None
    node_id, height = _id(row.get("id")), row.get("height")
    wnid, parents, words = row.get("wnid", ""), row.get("parents"), row.get("words", "")
    if node_id is None or type(height) is not int or not 0 <= height <= MAX_HEIGHT:
        return None
    if not isinstance(wnid, str) or not isinstance(words, str) or not isinstance(parents, list):
        return None
    return _Node(id=node_id, wnid=wnid, name=words or wnid or str(node_id), parents=parents, height=height)


def _id(value: object) -> int | None:
    return value if type(value) is int and value >= 0 else None  # True is no id


def _on_cycles(parents: list[tuple[int, ...]]) -> list[int]:
    """The nodes that no order puts behind all their parents: those on a cycle, and those below one."""
    children: list[list[int]] = [[] for _ in parents]
    for child, above in enumerate(parents):
        for parent in above:
            children[parent].append(child)
    missing = [len(above) for above in parents]
    ready = [place for place, count in enumerate(missing) if not count]
    while ready:
        for child in children[ready.pop()]:
            missing[child] -= 1
            if not missing[child]:
                ready.append(child)
    return [place for place, count in enumerate(missing) if count]
