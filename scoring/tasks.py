"""The registry of tasks: what is read, what is measured, and which way is better.

A new task is a format file, a metric file and one entry here; the server, the board and the generic tests follow it.
Readers and scorers are imported when first asked for, so that `cls` never loads the compiler of the detection kernels.
"""

from __future__ import annotations

from collections.abc import Callable
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
    reader: Callable[[PublicRound], Reader]  # knows the public half alone
    scorer: Callable[[PublicRound, Truth], Scorer]

    def metric(self, name: str) -> Metric:
        """The metric called `name`; raises KeyError when the task has none."""
        return {metric.name: metric for metric in self.metrics}[name]


def _error_metrics(prefix: str, label: str) -> tuple[Metric, ...]:
    return tuple(
        Metric(name=f"{prefix}{k}_error", label=f"{label}-{k} error", is_lower_better=True) for k in range(1, 6)
    )


def _label_reader(public: PublicRound) -> Reader:
    from scoring.formats.label_lines import LabelLines

    return LabelLines(public)


def _label_scorer(public: PublicRound, truth: Truth) -> Scorer:
    from scoring.metrics.classification import LabelScorer

    return LabelScorer(public, truth)


def _located_reader(public: PublicRound) -> Reader:
    from scoring.formats.located_lines import LocatedLines

    return LocatedLines(public)


def _located_scorer(public: PublicRound, truth: Truth) -> Scorer:
    from scoring.metrics.localization import LocatedScorer

    return LocatedScorer(public, truth)


def _detection_reader(public: PublicRound) -> Reader:
    from scoring.formats.detection_lines import DetectionLines

    return DetectionLines(public)


def _detection_scorer(public: PublicRound, truth: Truth) -> Scorer:
    from scoring.metrics.detection import DetectionScorer

    return DetectionScorer(public, truth)


_DETECTION_METRICS = (
    Metric(name="mean_ap", label="mean AP", is_lower_better=False),
    Metric(name="median_ap", label="median AP", is_lower_better=False),
)

_TASKS = (
    Task(
        slug="cls",
        title="image classification",
        sentence="For each image, name up to five classes, the most confident first.",
        metrics=_error_metrics("top", "top"),
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
        reader=_label_reader,
        scorer=_label_scorer,
    ),
    Task(
        slug="cls-loc",
        title="single-object localization",
        sentence="For each image, name up to five classes, each with one box around an object of that class.",
        metrics=_error_metrics("loc", "localization") + _error_metrics("top", "top"),
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
        reader=_located_reader,
        scorer=_located_scorer,
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
        reader=_detection_reader,
        scorer=_detection_scorer,
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
        reader=_detection_reader,
        scorer=_detection_scorer,
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
