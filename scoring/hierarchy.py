"""The hierarchy above a round's classes: how far a wrong guess is from the truth, and which classes a synset covers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import chain

import numpy as np
import numpy.typing as npt

# Heights are bytes; that of WordNet 3.0 is 19.
MAX_HEIGHT = 255

_WORD_BITS = 64
_CHUNK_BYTES = 1 << 23  # of ancestors compared at a time

Heights = npt.NDArray[np.uint8]
ClassPositions = npt.NDArray[np.int32]


@dataclass(frozen=True, kw_only=True, eq=False)
class Hierarchy:
    """Classes and all that is above them: a graph under one root, every parent higher than its children.

    A node's height is the longest way down to a leaf, in levels: in WordNet as a whole, not only among the round's
    classes. So a class may have a height too, and may be above another class.
    """

    wnids: tuple[str, ...]  # (nodes,) in the order of the file; empty where it has none
    names: tuple[str, ...]  # (nodes,) words
    heights: Heights  # (nodes,)
    parents: tuple[tuple[int, ...], ...]  # (nodes,) places of the parents; only the root has none
    class_nodes: npt.NDArray[np.int32]  # (classes,) the node of each class of the round

    def __len__(self) -> int:
        return len(self.wnids)

    @cached_property
    def node_of_wnid(self) -> dict[str, int]:
        return {wnid: node for node, wnid in enumerate(self.wnids) if wnid}

    @cached_property
    def max_height(self) -> int:
        """The height of the root: no two classes are further apart."""
        return int(self.heights.max(initial=0))

    def subtree(self, wnid: str) -> npt.NDArray[np.bool_]:
        """(classes,) the classes that are `wnid` or below it.

        Raises:
            KeyError: when no node has this WNID.
        """
        node = self.node_of_wnid[wnid]
        is_below = np.zeros(len(self.class_nodes), dtype=np.bool_)
        is_below[self._ancestry.classes[self._ancestry.nodes == node]] = True
        return is_below

    @cached_property
    def shared_nodes(self) -> npt.NDArray[np.int64]:
        """(shared,) the nodes that are at or above at least two classes, in the order of the file."""
        return np.flatnonzero(np.bincount(self._ancestry.nodes, minlength=len(self)) > 1)

    def sums_below(self, counts: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """(shared,) for each of `shared_nodes`, the sum of (classes,) `counts` over the classes at or below it."""
        sums = np.bincount(self._ancestry.nodes, weights=counts[self._ancestry.classes], minlength=len(self))
        return sums[self.shared_nodes].astype(np.int64)  # exact: no sum of counts reaches 2**53

    def distances(self, one: ClassPositions, other: ClassPositions) -> Heights:
        """(pairs,) the height of the lowest common ancestor of two classes; 0 for a class and itself.

        Of several common ancestors the one of least height is taken, and a class is among its own ancestors (Deng et
        al., "What does classifying more than 10,000 image categories tell us?", 2010; with ties, which a graph has and
        a tree does not, as here).

        Args:
            one, other: (pairs,) class positions.
        """
        found = np.zeros(len(one), dtype=np.uint8)
        different = np.flatnonzero(one != other)
        bits, heights = self._shared_bits
        step = max(1, _CHUNK_BYTES // max(1, bits.shape[1] * bits.itemsize))
        for start in range(0, len(different), step):
            pairs = different[start : start + step]
            common = bits[one[pairs]] & bits[other[pairs]]
            word = (common != 0).argmax(axis=1)
            first = common[np.arange(len(pairs)), word]
            lowest = first & (~first + np.uint64(1))  # its lowest bit alone: a power of two, exact as a float
            bit = np.frexp(lowest.astype(np.float64))[1] - 1
            found[pairs] = heights[word * _WORD_BITS + bit]
        return found

    @cached_property
    def lca_heights(self) -> Heights:
        """(classes, classes) all `distances`; for some thousand classes at most."""
        classes = np.arange(len(self.class_nodes), dtype=np.int32)
        one, other = np.meshgrid(classes, classes, indexing="ij")
        return self.distances(one.ravel(), other.ravel()).reshape(one.shape)

    @cached_property
    def _ancestry(self) -> _Ancestry:
        above: list[frozenset[int]] = [frozenset()] * len(self)
        for node in np.argsort(self.heights, kind="stable")[::-1].tolist():  # parents before their children
            above[node] = frozenset((node,)).union(*(above[parent] for parent in self.parents[node]))
        of_classes = [above[node] for node in self.class_nodes.tolist()]
        return _Ancestry(
            classes=np.repeat(np.arange(len(of_classes)), [len(nodes) for nodes in of_classes]),
            nodes=np.fromiter(chain.from_iterable(of_classes), dtype=np.int64),
        )

    @cached_property
    def _shared_bits(self) -> tuple[npt.NDArray[np.uint64], Heights]:
        """(classes, words) a bit for each shared node at or above the class, and the nodes' heights, ascending."""
        ascending = self.shared_nodes[np.argsort(self.heights[self.shared_nodes], kind="stable")]
        rank_of_node = np.full(len(self), -1, dtype=np.int64)
        rank_of_node[ascending] = np.arange(len(ascending))
        ranks = rank_of_node[self._ancestry.nodes]
        is_shared = ranks >= 0
        classes, ranks = self._ancestry.classes[is_shared], ranks[is_shared]
        bits = np.zeros((len(self.class_nodes), -(-len(ascending) // _WORD_BITS)), dtype=np.uint64)
        bit = np.uint64(1) << (ranks % _WORD_BITS).astype(np.uint64)
        np.bitwise_or.at(bits, (classes, ranks // _WORD_BITS), bit)
        return bits, self.heights[ascending]


@dataclass(frozen=True, kw_only=True, eq=False)
class _Ancestry:
    """Every pair of a class and a node at or above it."""

    classes: npt.NDArray[np.int64]  # (pairs,) ascending
    nodes: npt.NDArray[np.int64]  # (pairs,)
