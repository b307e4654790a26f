"""The numbers of one submission."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

# Scores are kept per scorer version: raise it when a change can move any number.
SCORER_VERSION = "1"


@dataclass(frozen=True, kw_only=True, slots=True)
class Scorecard:
    """Scores as exact as they are computed; None means "undefined", never a sentinel number."""

    scores: dict[str, float | None]
    counts: dict[str, int]
    per_class: list[dict[str, Any]]  # one row a class, in order of id; figures on hidden data
    details: dict[str, Any] = field(default_factory=dict)  # explanations by name, JSON throughout; on hidden data too
