"""The compiled loop of resampling once more in plain Python: the resample written out, image by image."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any


def weighted_areas(
    images: Sequence[int], found: Sequence[int], class_starts: Sequence[int], found_starts: Sequence[int], counts: Any
) -> list[list[Fraction]]:
    """As the kernel of this name, lane by lane, every detection repeated as often as its image is held."""
    is_found = [place in set(found) for place in range(len(images))]
    areas = []
    for c in range(len(class_starts) - 1):
        rows = range(class_starts[c], class_starts[c + 1])
        areas.append(
            [
                area([is_found[row] for row in rows for _ in range(counts[images[row]][lane])])
                for lane in range(len(counts[0]))
            ]
        )
    return areas


def area(curve: list[bool]) -> Fraction:
    """Over the true positives, the best precision at or behind each."""
    precisions = [Fraction(sum(curve[: place + 1]), place + 1) for place in range(len(curve))]
    return sum((max(precisions[place:]) for place, right in enumerate(curve) if right), start=Fraction(0))
