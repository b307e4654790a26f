"""Small hierarchies for tests: one made by hand, and a strategy for any."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from hypothesis import strategies as st

from scoring.hierarchy import Hierarchy
from scoring.synsets import Classes
from tests.parity.oracles_hierarchy import Tree


@dataclass(frozen=True, kw_only=True)
class SmallHierarchy:
    """The same twice: for the code, and for the oracle, whose nodes are places in the list."""

    hierarchy: Hierarchy
    tree: Tree

    @property
    def nodes(self) -> list[int]:
        """The node of each class."""
        return self.hierarchy.class_nodes.tolist()

    @property
    def classes(self) -> Classes:
        ids = np.arange(1, len(self.nodes) + 1, dtype=np.int32)
        names = tuple(f"class {i}" for i in ids)
        wnids = tuple(self.hierarchy.wnids[node] for node in self.nodes)
        return replace(Classes(ids=ids, wnids=wnids, names=names), hierarchy=self.hierarchy)


def small_hierarchy(parents: list[tuple[int, ...]], heights: list[int], classes: list[int]) -> SmallHierarchy:
    """`parents` and `heights` of each node, and the node of each class."""
    return SmallHierarchy(
        hierarchy=Hierarchy(
            wnids=tuple(f"n{node:08}" for node in range(len(parents))),
            names=tuple(f"node {node}" for node in range(len(parents))),
            heights=np.array(heights, dtype=np.uint8),
            parents=tuple(parents),
            class_nodes=np.array(classes, dtype=np.int32),
        ),
        tree=Tree(parents=dict(enumerate(parents)), heights=dict(enumerate(heights))),
    )


def zoo() -> SmallHierarchy:
    """Five classes; `pet` is a second parent of the dog.

    0 thing, 9
    ├── 1 animal, 5
    │   ├── 2 dog, 1 ── 3 poodle      classes 0 (dog) and 1 (poodle)
    │   ├── 4 cat                     class 2
    │   └── 5 pet, 2 ── 2 dog, 6 goldfish    class 3 is the goldfish
    └── 7 car, 4                      class 4; of some height, although nothing of the round is below it
    """
    return small_hierarchy([(), (0,), (1, 5), (2,), (1,), (1,), (5,), (0,)], [9, 5, 1, 0, 0, 2, 0, 4], [2, 3, 4, 6, 7])


@st.composite
def hierarchies(draw: st.DrawFn) -> SmallHierarchy:
    """Any graph under one root; heights that only just grow, or leave gaps; classes anywhere."""
    count = draw(st.integers(1, 9))
    above = [draw(st.sets(st.integers(0, node - 1), min_size=1, max_size=3)) for node in range(1, count)]
    parents: list[tuple[int, ...]] = [(), *map(tuple, above)]
    heights = [0] * count
    for node in reversed(range(count)):
        below = [heights[child] + 1 for child in range(count) if node in parents[child]]
        heights[node] = max(below, default=0) + draw(st.sampled_from((0, 0, 0, 1, 5)))
    classes = draw(st.lists(st.integers(0, count - 1), min_size=1, unique=True))
    return small_hierarchy(parents, heights, classes)
