"""What hierarchical scores and sets of labels mean, written out: slow, literal, plain Python.

Like `oracles`, made from the protocols alone, and nothing here knows the package `scoring`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, kw_only=True)
class Tree:
    """Not a tree if nodes have several parents; nodes are any ids, classes among them."""

    parents: Mapping[int, Collection[int]]  # of every node
    heights: Mapping[int, int]  # of every node


def ancestors(tree: Tree, node: int) -> set[int]:
    """The node, its parents, their parents and so on."""
    found = {node}
    for parent in tree.parents[node]:
        found |= ancestors(tree, parent)
    return found


def cost(tree: Tree, label: int, guess: int) -> int:
    """The height of the lowest common ancestor, of several the one of least height; none for the label itself."""
    if label == guess:
        return 0
    return min(tree.heights[node] for node in ancestors(tree, label) & ancestors(tree, guess))


def cost_to_set(tree: Tree, labels: Collection[int], guess: int) -> int:
    """To the nearest label."""
    return min(cost(tree, label, guess) for label in labels)


def mean(values: Sequence[Fraction | int]) -> float | None:
    return float(Fraction(sum(values)) / len(values)) if values else None


def is_wrong_at(guesses: Sequence[int], labels: Collection[int], k: int) -> bool:
    """Whether none of the first k guesses is IN the set."""
    return not set(guesses[:k]) & set(labels)


def score_label_sets(
    label_sets: Sequence[Collection[int]], guesses: Sequence[Sequence[int]]
) -> dict[str, float | int | None]:
    """top{k}_error, top{k}_wrong and scored_images; images with an empty set leave the denominator."""
    scored = [(labels, line) for labels, line in zip(label_sets, guesses, strict=True) if labels]
    figures: dict[str, float | int | None] = {"scored_images": len(scored)}
    for k in range(1, 6):
        wrong = [int(is_wrong_at(line, labels, k)) for labels, line in scored]
        figures |= {f"top{k}_wrong": sum(wrong), f"top{k}_error": mean(wrong)}
    return figures


def score_hierarchy(
    tree: Tree, label_sets: Sequence[Collection[int]], guesses: Sequence[Sequence[int]]
) -> dict[str, float | None]:
    """The hierarchical figures. An image without guesses costs what is most: the height of the root."""
    most = max(tree.heights.values())
    scored = [(labels, line[:5]) for labels, line in zip(label_sets, guesses, strict=True) if labels]
    costs = [[cost_to_set(tree, labels, guess) for guess in line] or [most] for labels, line in scored]
    figures: dict[str, float | None] = {}
    for k in range(1, 6):
        figures[f"hierarchical{k}_error"] = mean([min(image[:k]) for image in costs])
        shares = [Fraction(min(image[:k]), most) for image in costs] if most else []
        figures[f"hierarchical{k}_error_2011"] = mean(shares)
        figures[f"hier_dist{k}"] = mean([Fraction(sum(image[:k]), len(image[:k])) for image in costs])
    wrong_at_first = [
        image[0] for image, (labels, line) in zip(costs, scored, strict=True) if is_wrong_at(line, labels, 1)
    ]
    figures["mistake_severity"] = mean(wrong_at_first)
    return figures
