"""What a task is made of: what is read, what is measured, and which way is better."""

from __future__ import annotations

import pkgutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from scoring.formats.layouts import Layout

if TYPE_CHECKING:
    from scoring.faults import FaultLog
    from scoring.formats.reader import Reader
    from scoring.outcomes import Scorer
    from scoring.progress import Progress
    from scoring.rounds import PublicRound
    from scoring.truth import Truth
    from scoring.truth_writer import TruthFile


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


Encoding = Literal["text", "csv", "json", "parquet", "kaggle", "label maps"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Format:
    """One way to write predictions, as people are told about it."""

    name: str
    encoding: Encoding
    line: str  # the grammar of a line
    example: str  # a valid line, or the whole of a small file; empty where the format is no text
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
    layout: Layout  # the columns of a line
    has_class_table: bool = True  # whether [classes] names a table; else the truth lists its own
    first_class_id: int = 1
    has_image_ids: bool = False  # whether the image list may have COCO's ids: from 0, and of any size
    hierarchy_metrics: tuple[Metric, ...] = ()  # measured too where [classes] names a hierarchy
    category_metric: str | None = None  # the figure of a class by which its category is won, as ILSVRC's detection
    has_kernels: bool = True  # whether compiled code reads or scores its files; a server has it loaded beforehand
    can_explain: bool = False  # whether its scorer takes `explain`: details that cost time
    truth_reader_name: str = "scoring.truth_reader:TruthReader"  # "package.module:Class"
    truth_writer_name: str = "scoring.truth_writer:truth_files"  # "package.module:function"; what the reader reads
    reader_name: str  # "package.module:Class" of a Reader, which knows the public half alone
    scorer_name: str  # "package.module:Class" of a Scorer

    @property
    def has_class_naming(self) -> bool:
        """Whether [predictions] may say what the class numbers of its files are."""
        return self.has_class_table and bool(self.layout.columns)

    def reader(self, public: PublicRound) -> Reader:
        """A fresh reader of the task's format."""
        reader: Reader = pkgutil.resolve_name(self.reader_name)(public)
        return reader

    def scorer(self, public: PublicRound, truth: Truth, *, explain: bool = False) -> Scorer:
        """A fresh scorer for one submission; with `explain`, one that can tell more where the task has more to tell."""
        options = {"explain": True} if explain and self.can_explain else {}
        scorer: Scorer = pkgutil.resolve_name(self.scorer_name)(public, truth, **options)
        return scorer

    def truth_reader(self, *, folder: Path, public: PublicRound, faults: FaultLog, progress: Progress | None) -> Any:
        """What reads [truth] for this task: an object with `read(section) -> Truth`."""
        return pkgutil.resolve_name(self.truth_reader_name)(
            folder=folder, public=public, faults=faults, progress=progress
        )

    def truth_files(self, truth: Truth, public: PublicRound, *, prefix: str = "truth") -> list[TruthFile]:
        """What the truth reader makes the same truth of, the files' names beginning with `prefix`."""
        files: list[TruthFile] = pkgutil.resolve_name(self.truth_writer_name)(truth, public, prefix=prefix)
        return files

    def metrics_of(self, public: PublicRound) -> tuple[Metric, ...]:
        """What is measured in this round."""
        return self.metrics + (self.hierarchy_metrics if public.classes.hierarchy is not None else ())

    def metric(self, name: str) -> Metric:
        """The metric called `name`; raises KeyError when the task has none."""
        return {metric.name: metric for metric in self.metrics + self.hierarchy_metrics}[name]
