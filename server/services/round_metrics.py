"""What is measured in a round: its task's metrics, and those of its hierarchy of classes where it names one."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import Any

from scoring.rounds import ROUND_FILE
from scoring.tasks import Metric, find_task
from server.services.rounds import RoundFacts
from server.storage.folders import DataFolders


def metrics_in(table: Mapping[str, Any], *, task: str) -> tuple[Metric, ...]:
    """Those of a round whose round.toml, which was read without fault, is this table."""
    known = find_task(task)
    return known.metrics + (known.hierarchy_metrics if "hierarchy" in table.get("classes", {}) else ())


def metrics_of_round(facts: RoundFacts, folders: DataFolders) -> tuple[Metric, ...]:
    """As scoring knows them, without reading the lists of images and classes."""
    text = (folders.public_half(facts.slug) / ROUND_FILE).read_text("utf-8")
    return metrics_in(tomllib.loads(text), task=facts.task)
