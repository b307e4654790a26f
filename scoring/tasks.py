"""The registry of tasks: what is read, what is measured, and which way is better.

A new task is a format file, a metric file and one entry here; the server, the board and the generic tests follow it.
Readers and scorers stand here by name: they are loaded when first asked for. So `cls` never loads the compiler of the
detection kernels, and whoever only wants to know what tasks there are loads nothing that knows of ground truth.
"""

from __future__ import annotations

import pkgutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scoring.errors import UnknownTask

if TYPE_CHECKING:
    from scoring.formats.reader import Reader
    from scoring.outcomes import Scorer
    from scoring.rounds import PublicRound
    from scoring.truth import Truth


@dataclass(frozen=True, kw_only=True, slots=True)
class Metric:
    """One figure of a scorecard."""

    name: str  # its key in JSON: "top5_error"
    label: str  # as a person reads it: "top-5 error"
    is_lower_better: bool
    unit: str = "fraction"  # of all figures so far: a share of images, or a mean of precisions, in [0, 1]

    @property
    def direction(self) -> str:
        return "lower is better" if self.is_lower_better else "higher is better"


@dataclass(frozen=True, kw_only=True, slots=True)
class Format:
    """One way to write predictions, as people are told about it."""

    name: str
    line: str  # the grammar of a line
    example: str  # a valid line
    note: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Task:
    """All that distinguishes one task from another."""

    slug: str
    title: str
    sentence: str  # what a participant is asked to do
    metrics: tuple[Metric, ...]
    main_metric: str  # decides unless round.toml says otherwise
    formats: tuple[Format, ...]
    truth_keys: tuple[str, ...]  # keys that [truth] must have
    optional_truth_keys: tuple[str, ...]
    reader_name: str  # "package.module:Class" of a Reader, which knows the public half alone
    scorer_name: str  # "package.module:Class" of a Scorer

    def reader(self, public: PublicRound) -> Reader:
        """A fresh reader of the task's format."""
        reader: Reader = pkgutil.resolve_name(self.reader_name)(public)
        return reader

    def scorer(self, public: PublicRound, truth: Truth) -> Scorer:
        """A fresh scorer for one submission."""
        scorer: Scorer = pkgutil.resolve_name(self.scorer_name)(public, truth)
        return scorer

    def metric(self, name: str) -> Metric:
        """The metric called `name`; raises KeyError when the task has none."""
        return {metric.name: metric for metric in self.metrics}[name]


def _error_metrics(prefix: str, label: str) -> tuple[Metric, ...]:
    return tuple(Metric(name=f"{prefix}{k}_error", label=f"top-{k} {label}", is_lower_better=True) for k in range(1, 6))


_DETECTION_METRICS = (
    Metric(name="mean_ap", label="mean AP", is_lower_better=False),
    Metric(name="median_ap", label="median AP", is_lower_better=False),
)

_TASKS = (
    Task(
        slug="cls",
        title="image classification",
        sentence="For each image, name up to five classes, the most confident first.",
        metrics=_error_metrics("top", "error"),
        main_metric="top5_error",
        formats=(
            Format(
                name="labels",
                line="<id> <id> <id> <id> <id>",
                example="771 778 794 387 650",
                note="One line per image, in the order of the images; one to five class ids, the most confident first.",
            ),
        ),
        truth_keys=("labels",),
        optional_truth_keys=(),
        reader_name="scoring.formats.label_lines:LabelLines",
        scorer_name="scoring.metrics.classification:LabelScorer",
    ),
    Task(
        slug="cls-loc",
        title="single-object localization",
        sentence="For each image, name up to five classes, each with one box around an object of that class.",
        metrics=_error_metrics("loc", "localization error") + _error_metrics("top", "error"),
        main_metric="loc5_error",
        formats=(
            Format(
                name="located labels",
                line="<id> <xmin> <ymin> <xmax> <ymax> [up to five such groups]",
                example="771 10 20 110 220 778 15 18 120 200",
                note="One line per image, in the order of the images. Corners in pixels, inclusive.",
            ),
        ),
        truth_keys=("labels", "boxes"),
        optional_truth_keys=("blacklist",),
        reader_name="scoring.formats.located_lines:LocatedLines",
        scorer_name="scoring.metrics.localization:LocatedScorer",
    ),
    Task(
        slug="det",
        title="object detection",
        sentence="Find every object of the round's classes: a box, a class and a confidence for each.",
        metrics=_DETECTION_METRICS,
        main_metric="mean_ap",
        formats=(
            Format(
                name="detections",
                line="<image index> <class id> <confidence> <xmin> <ymin> <xmax> <ymax>",
                example="1 159 0.884664 119.98 104.97 446.64 196.63",
                note="One line per object, in any order. Images without a line have no detections.",
            ),
        ),
        truth_keys=("boxes",),
        optional_truth_keys=("blacklist",),
        reader_name="scoring.formats.detection_lines:DetectionLines",
        scorer_name="scoring.metrics.detection:DetectionScorer",
    ),
    Task(
        slug="vid",
        title="object detection from video",
        sentence="Find every object of the round's classes in every frame: a box, a class and a confidence for each.",
        metrics=_DETECTION_METRICS,
        main_metric="mean_ap",
        formats=(
            Format(
                name="detections",
                line="<frame index> <class id> <confidence> <xmin> <ymin> <xmax> <ymax>",
                example="1 27 0.884664 417 7 606 172",
                note="One line per object, in any order. Frames without a line have no detections.",
            ),
        ),
        truth_keys=("boxes",),
        optional_truth_keys=(),
        reader_name="scoring.formats.detection_lines:DetectionLines",
        scorer_name="scoring.metrics.detection:DetectionScorer",
    ),
)

TASKS: dict[str, Task] = {task.slug: task for task in _TASKS}


def find_task(slug: str) -> Task:
    """The registered task called `slug`.

    Raises:
        UnknownTask: when there is none.
    """
    try:
        return TASKS[slug]
    except KeyError:
        raise UnknownTask(f"no task is called {slug!r}; there are {', '.join(TASKS)}") from None
