"""What COCO's evaluators report, by the names Heldout uses. Standard library only."""

from __future__ import annotations

from collections.abc import Iterable

TWELVE = (
    "ap", "ap50", "ap75", "ap_small", "ap_medium", "ap_large",
    "ar_1", "ar_10", "ar_100", "ar_small", "ar_medium", "ar_large",
)  # fmt: skip


def twelve_scores(stats: Iterable[float]) -> dict[str, float | None]:
    """The twelve figures in COCO's order; -1, which stands for undefined there, as None."""
    values = [float(value) for value in stats]
    return {name: None if value < 0 else value for name, value in zip(TWELVE, values, strict=True)}
