"""A prediction file, checked or scored: the one way through formats and metrics."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scoring.annotations import Progress
from scoring.findings import FindingLog, Report
from scoring.formats.archives import HashedFile, UnreadableFile, unpacked_chunks
from scoring.formats.reader import Reader
from scoring.formats.windows import Window, read_ahead, read_windows
from scoring.outcomes import Outcomes
from scoring.rounds import PublicRound
from scoring.scorecard import SCORER_VERSION, Scorecard
from scoring.tasks import find_task
from scoring.truth import Truth

# Windows parsed ahead of the one being scored: enough for two cores, and no more memory than needed.
_PARSED_AHEAD = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class Checked:
    """What reading a file told, without any truth."""

    report: Report
    lines: int
    sha256: str  # of the bytes as sent
    format: str  # which of the task's formats it was taken for


@dataclass(frozen=True, kw_only=True, slots=True)
class Evaluation:
    """What scoring a file told. Scorecard and outcomes are None when the file is not valid."""

    checked: Checked
    truth_digest: str
    scorecard: Scorecard | None
    outcomes: Outcomes | None

    def as_json(self, public: PublicRound) -> dict[str, Any]:
        """The document that `heldout score --format json` prints."""
        card = self.scorecard
        return {
            "task": public.task,
            "round": public.slug,
            "scores": card.scores if card else {},
            "counts": card.counts if card else {},
            "per_class": card.per_class if card else [],
            "findings": self.checked.report.as_json(),
            "predictions": {"sha256": self.checked.sha256, "lines": self.checked.lines},
            "truth": {"digest": self.truth_digest},
            "scorer": SCORER_VERSION,
        }


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


def evaluate(public: PublicRound, truth: Truth, file: Path, *, progress: Progress | None = None) -> Evaluation:
    """Read and score `file`.

    Raises:
        OSError: when the file cannot be opened.
    """
    scorer = find_task(public.task).scorer(public, truth)
    checked = _read(public, file, take=scorer.add, progress=progress)
    if not checked.report.is_valid:
        return Evaluation(checked=checked, truth_digest=truth.digest, scorecard=None, outcomes=None)
    outcomes = scorer.finish()
    return Evaluation(checked=checked, truth_digest=truth.digest, scorecard=outcomes.scorecard(), outcomes=outcomes)


def _read(public: PublicRound, file: Path, *, take: Callable[[Any], None] | None, progress: Progress | None) -> Checked:
    task = find_task(public.task)
    reader = task.reader(public)
    log = FindingLog()
    with file.open("rb", buffering=0) as stream:
        hashed = HashedFile(stream)
        total = file.stat().st_size

        def windows() -> Iterator[Window]:
            return read_windows(unpacked_chunks(hashed, file, public.policy))

        try:
            for parsed in _parsed_ahead(reader, windows):
                columns = reader.accept(parsed, log)
                if take is not None and not log.has_errors:
                    take(columns)
                if progress:
                    progress(hashed.bytes_read, total)
            log.extend(hashed.notices)
            reader.finish(log)
        except UnreadableFile as error:
            log.add(error.finding)
        return Checked(
            report=log.report(), lines=reader.line_count, sha256=hashed.sha256(), format=task.formats[0].name
        )


def _parsed_ahead(reader: Reader, windows: Callable[[], Iterator[Window]]) -> Iterator[Any]:
    """Each window parsed, in order: one thread reads, one parses, while the caller takes in what is ready."""
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="heldout-parser") as parser:
        waiting: deque[Future[Any]] = deque()
        for window in read_ahead(windows):
            waiting.append(parser.submit(reader.parse, window))
            if len(waiting) > _PARSED_AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
