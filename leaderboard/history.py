"""What was published of ILSVRC 2010 to 2017: boards of their years, and winners to compare with."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import leaderboard
from leaderboard.charts import Reference
from scoring.tasks import find_task

if TYPE_CHECKING:
    from scoring.tasks import Metric, Task

FILE = "ilsvrc-history.csv"

# The training data that every year's winner had in common: what the challenge provided.
PROVIDED = "provided"

# A round whose classes are as many as ILSVRC's has its winners to compare with; one of ten digits has not.
_CLASSES = {"cls": 1000, "cls-loc": 1000, "det": 200, "vid": 30}


@dataclass(frozen=True, kw_only=True, slots=True)
class PublishedResult:
    """One line of a published board."""

    year: int
    task: str  # slug of the registry
    training_data: str  # "provided" or "provided and external"
    team: str
    metric: str  # name of the figure, among the task's metrics
    figure: str  # as published, with the decimals it has
    categories_won: int | None  # where the ranking was by them and it is known
    source: str  # what kind of text the figure was read in

    @property
    def value(self) -> float:
        return float(self.figure)


@dataclass(frozen=True, kw_only=True, slots=True)
class PastBoard:
    """The published results of one task of one year, on one kind of training data, best first."""

    year: int
    task: Task
    training_data: str
    metric: Metric
    results: tuple[PublishedResult, ...]

    @property
    def is_by_categories(self) -> bool:
        """Whether the ranking was by the number of categories won."""
        return self.results[0].categories_won is not None


@cache
def published_results() -> tuple[PublishedResult, ...]:
    """Every published result that has a source: by year and task, on provided data first, the best first."""
    package = Path(leaderboard.__file__).parent
    installed = package / FILE  # in a checkout it lies beside the package
    path = installed if installed.is_file() else package.parent / "data" / FILE
    with path.open(encoding="utf-8", newline="") as stream:
        return tuple(
            PublishedResult(
                year=int(line["year"]),
                task=line["task"],
                training_data=line["training_data"],
                team=line["team"],
                metric=line["metric"],
                figure=line["figure"],
                categories_won=int(line["categories_won"]) if line["categories_won"] else None,
                source=line["source"],
            )
            for line in csv.DictReader(stream)
        )


def past_boards(year: int | None = None) -> tuple[PastBoard, ...]:
    """The boards of a year, or of all; none of a year without results."""
    grouped: dict[tuple[int, str, str], list[PublishedResult]] = {}
    for result in published_results():
        if year is None or result.year == year:
            grouped.setdefault((result.year, result.task, result.training_data), []).append(result)
    return tuple(_board(results) for results in grouped.values())


def past_winners(task: str, metric: str, *, class_count: int) -> tuple[Reference, ...]:
    """The winner of each year on the provided data, by the year; none for a round of other classes than ILSVRC's."""
    if _CLASSES.get(task) != class_count:
        return ()
    return tuple(
        Reference(label=f"{board.year} {board.results[0].team}", value=board.results[0].value)
        for board in past_boards()
        if (board.task.slug, board.metric.name, board.training_data) == (task, metric, PROVIDED)
    )


def _board(results: Sequence[PublishedResult]) -> PastBoard:
    first, task = results[0], find_task(results[0].task)
    return PastBoard(
        year=first.year,
        task=task,
        training_data=first.training_data,
        metric=task.metric(first.metric),
        results=tuple(results),
    )
