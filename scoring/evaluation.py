"""A prediction file, checked or scored: the one way through formats and metrics."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import chain, islice
from pathlib import Path
from typing import Any

from scoring.findings import FindingLog, Report
from scoring.formats.archives import HashedFile
from scoring.formats.reader import Reader
from scoring.formats.recognition import recognise
from scoring.formats.unreadable import UnreadableFile
from scoring.formats.windows import Window, read_ahead
from scoring.misfits import MisfitPredictions
from scoring.outcomes import ImageMask, Outcomes
from scoring.progress import Progress
from scoring.rounds import PublicRound
from scoring.scorecard import SCORER_VERSION, Scorecard
from scoring.tasks import find_task
from scoring.truth import Truth

# Enough for two cores, and no more memory than needed.
_PARSERS = 2
_PARSED_AHEAD = 3  # windows, of the one being scored


@dataclass(frozen=True, kw_only=True, slots=True)
class Checked:
    """What reading a file told, without any truth."""

    report: Report
    lines: int
    sha256: str  # of the bytes as sent
    format: str  # which of the task's formats it was taken for

    def as_json(self) -> dict[str, Any]:
        """What the documents say of the file itself."""
        return {"sha256": self.sha256, "lines": self.lines, "format": self.format}


@dataclass(frozen=True, kw_only=True, slots=True)
class Evaluation:
    """What scoring a file told. Scorecard and outcomes are None when the file is not valid."""

    checked: Checked
    truth_digest: str
    scorecard: Scorecard | None
    outcomes: Outcomes | None

    def as_json(self, public: PublicRound, *, split: str = "all", mask: ImageMask | None = None) -> dict[str, Any]:
        """The document that `heldout score --format json` prints; of one split, whose images `mask` has."""
        card = self.scorecard if mask is None or self.outcomes is None else self.outcomes.scorecard(mask)
        document: dict[str, Any] = {
            "task": public.task,
            "round": public.slug,
            "scores": card.scores if card else {},
            "counts": card.counts if card else {},
            "per_class": card.per_class if card else [],
            "findings": self.checked.report.as_json(),
            "predictions": self.checked.as_json(),
            "truth": {"digest": self.truth_digest},
            "scorer": SCORER_VERSION,
        }
        if mask is not None:
            document["split"] = split
        if card and card.details:
            document["details"] = card.details
        if self.outcomes is not None and public.subgroups:
            from scoring.subgroups import subgroup_scores  # few rounds have any

            document["subgroups"] = subgroup_scores(public, self.outcomes)
        return document


def validate(public: PublicRound, file: Path, *, progress: Progress | None = None) -> Checked:
    """Read `file` as the round's participants may check it: with the public half alone.

    Args:
        public: the round.
        file: the predictions, plain or packed.
        progress: called with (bytes read, bytes in all).

    Raises:
        OSError: when the file cannot be opened.
    """
    return _read(public, file, take=None, progress=progress)


def evaluate(
    public: PublicRound, truth: Truth, file: Path, *, explain: bool = False, progress: Progress | None = None
) -> Evaluation:
    """Read and score `file`.

    Args:
        public, truth: the round.
        file: the predictions, plain or packed.
        explain: whether to tell why detections fail, by size and by curve too, which takes several times as long.
        progress: called with (bytes read, bytes in all).

    Raises:
        OSError: when the file cannot be opened.
    """
    scorer = find_task(public.task).scorer(public, truth, explain=explain)
    checked = _read(public, file, take=scorer.add, progress=progress)
    if not checked.report.is_valid:
        return Evaluation(checked=checked, truth_digest=truth.digest, scorecard=None, outcomes=None)
    try:
        outcomes = scorer.finish()
    except MisfitPredictions as misfit:
        report = Report(findings=(*misfit.report.findings, *checked.report.findings))
        return Evaluation(
            checked=replace(checked, report=report), truth_digest=truth.digest, scorecard=None, outcomes=None
        )
    return Evaluation(checked=checked, truth_digest=truth.digest, scorecard=outcomes.scorecard(), outcomes=outcomes)


def _read(public: PublicRound, file: Path, *, take: Callable[[Any], None] | None, progress: Progress | None) -> Checked:
    task = find_task(public.task)
    reader = task.reader(public)
    log = FindingLog()
    form = task.formats[0]  # until it is known
    with file.open("rb", buffering=0) as stream:
        hashed = HashedFile(stream)
        total = file.stat().st_size
        try:
            recognised = recognise(hashed, file, task=task, policy=public.policy)
            form = recognised.format
            for parsed in _parsed_ahead(reader, recognised.windows):
                columns = reader.accept(parsed, log)
                if take is not None and not log.has_errors:
                    take(columns)
                if progress:
                    progress(hashed.bytes_read, total)
            log.extend(hashed.notices)
            reader.finish(log)
        except UnreadableFile as error:
            log.add(error.finding)
        return Checked(report=log.report(), lines=reader.line_count, sha256=hashed.sha256(), format=form.name)


def _parsed_ahead(reader: Reader, windows: Callable[[], Iterator[Window]]) -> Iterator[Any]:
    """Each window parsed, in order: one thread reads, some parse, while the caller takes in what is ready.

    What fits into one window is read here and now: starting threads would take longer than that.
    """
    items = _up_to_a_fault(windows())
    begun = list(islice(items, 2))
    if len(begun) < 2 or isinstance(begun[1], UnreadableFile):
        for item in begun:
            yield reader.parse(_readable(item))
        return
    with ThreadPoolExecutor(max_workers=_PARSERS, thread_name_prefix="heldout-parser") as parser:
        waiting: deque[Future[Any]] = deque()
        for item in chain(begun, read_ahead(items)):
            if isinstance(item, UnreadableFile):
                while waiting:  # what stands before the fault has its findings, too
                    yield waiting.popleft().result()
            waiting.append(parser.submit(reader.parse, _readable(item)))
            if len(waiting) > _PARSED_AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _readable(item: Window | UnreadableFile) -> Window:
    if isinstance(item, UnreadableFile):
        raise item
    return item


def _up_to_a_fault(windows: Iterator[Window]) -> Iterator[Window | UnreadableFile]:
    """The windows, and in the end why there is no other."""
    try:
        yield from windows
    except UnreadableFile as fault:
        yield fault
