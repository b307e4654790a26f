from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given

from scoring import hierarchy as module
from scoring.hierarchy import Hierarchy
from tests.parity.oracles_hierarchy import ancestors, cost
from tests.scoring.hierarchies import SmallHierarchy, hierarchies, small_hierarchy, zoo

DOG, POODLE, CAT, GOLDFISH, CAR = range(5)


def distance(hierarchy: Hierarchy, one: int, other: int) -> int:
    return int(hierarchy.distances(np.array([one], np.int32), np.array([other], np.int32))[0])


@pytest.mark.parametrize(
    ("one", "other", "height"),
    [
        (POODLE, DOG, 1),  # a class above another is what they have in common
        (POODLE, GOLDFISH, 2),  # pet, which is lower than animal
        (DOG, GOLDFISH, 2),
        (POODLE, CAT, 5),
        (CAT, CAR, 9),
        (DOG, DOG, 0),  # although a dog has a height
        (CAR, CAR, 0),
    ],
)
def test_two_classes_are_as_far_apart_as_their_lowest_common_ancestor_is_high(
    one: int, other: int, height: int
) -> None:
    assert distance(zoo().hierarchy, one, other) == distance(zoo().hierarchy, other, one) == height


@given(hierarchies())
def test_distances_are_those_of_sets_of_ancestors(small: SmallHierarchy) -> None:
    nodes = small.nodes
    expected = [[cost(small.tree, one, other) for other in nodes] for one in nodes]
    assert small.hierarchy.lca_heights.tolist() == expected
    assert small.hierarchy.lca_heights.dtype == np.uint8


@given(hierarchies())
def test_a_subtree_holds_the_classes_at_or_below_its_synset(small: SmallHierarchy) -> None:
    for node, wnid in enumerate(small.hierarchy.wnids):
        assert small.hierarchy.subtree(wnid).tolist() == [node in ancestors(small.tree, own) for own in small.nodes]


@given(hierarchies())
def test_sums_below_add_up_the_classes_of_every_subtree_that_has_two(small: SmallHierarchy) -> None:
    counts = np.array([10**k for k in range(len(small.nodes))], dtype=np.int64)
    below = [
        [k for k, own in enumerate(small.nodes) if node in ancestors(small.tree, own)] for node in small.tree.heights
    ]
    shared = [node for node, classes in enumerate(below) if len(classes) >= 2]
    assert small.hierarchy.shared_nodes.tolist() == shared
    assert small.hierarchy.sums_below(counts).tolist() == [sum(10**k for k in below[node]) for node in shared]


def test_the_subtrees_of_the_zoo() -> None:
    hierarchy = zoo().hierarchy
    assert hierarchy.subtree("n00000005").tolist() == [True, True, False, True, False]  # pets
    assert hierarchy.subtree("n00000007").tolist() == [False, False, False, False, True]
    assert hierarchy.shared_nodes.tolist() == [0, 1, 2, 5]  # thing, animal, dog (with its poodle), pet
    assert (hierarchy.max_height, len(hierarchy)) == (9, 8)


def test_an_unknown_synset_has_no_subtree() -> None:
    with pytest.raises(KeyError):
        zoo().hierarchy.subtree("n99999999")
    nameless = small_hierarchy([(), (0,)], [1, 0], [1]).hierarchy
    unnamed = Hierarchy(
        wnids=("", ""), names=nameless.names, heights=nameless.heights, parents=nameless.parents,
        class_nodes=nameless.class_nodes,
    )  # fmt: skip
    with pytest.raises(KeyError):
        unnamed.subtree("")


def test_more_ancestors_than_a_word_has_bits() -> None:
    """A ladder of 150 nodes, each with a leaf: the leaves at rungs i < j meet at rung i, which is 150 - i high."""
    rungs = 150
    parents = [(), *((rung - 1,) for rung in range(1, rungs)), *((rung,) for rung in range(rungs))]
    heights = [*range(rungs, 0, -1), *[0] * rungs]
    ladder = small_hierarchy(parents, heights, list(range(rungs, 2 * rungs))).hierarchy
    one, other = np.meshgrid(np.arange(rungs), np.arange(rungs))
    expected = np.where(one == other, 0, rungs - np.minimum(one, other))
    assert (ladder.lca_heights == expected).all()


def test_many_pairs_are_compared_some_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_CHUNK_BYTES", 16)  # two pairs
    small = zoo()
    assert small.hierarchy.lca_heights.tolist() == [
        [cost(small.tree, one, other) for other in small.nodes] for one in small.nodes
    ]


def test_a_round_of_21000_classes_needs_no_square_of_them() -> None:
    """Ten classes below each of 2,100 nodes, those below 210, and so on: distances are the digits that differ."""
    counts = [1, 21, 210, 2_100, 21_000]
    firsts = np.cumsum([0, *counts])
    parents: list[tuple[int, ...]] = [()]
    for level in range(1, 5):
        width = counts[level] // counts[level - 1]
        parents += [(int(firsts[level - 1]) + k // width,) for k in range(counts[level])]
    heights = [4 - level for level, count in enumerate(counts) for _ in range(count)]
    hierarchy = small_hierarchy(parents, heights, list(range(int(firsts[4]), int(firsts[5])))).hierarchy
    rng = np.random.default_rng(21)
    one, other = rng.integers(0, 21_000, (2, 50_000)).astype(np.int32)
    other[::3] = one[::3] // 10 * 10 + other[::3] % 10  # near ones too
    expected = sum((one // width != other // width).astype(int) for width in (1, 10, 100, 1_000))
    assert (hierarchy.distances(one, other) == expected).all()


def test_a_single_class_is_at_no_distance_from_itself() -> None:
    alone = small_hierarchy([()], [0], [0]).hierarchy
    assert alone.lca_heights.tolist() == [[0]]
    assert (alone.shared_nodes.tolist(), alone.max_height) == ([], 0)
