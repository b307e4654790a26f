"""What formats of one line per image share: counting lines, blank ones, and lines of too few or too many guesses."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import numpy.typing as npt

from scoring.findings import FindingLog
from scoring.formats.archives import too_large
from scoring.formats.complaints import blank_line, error, notice, separator_notices
from scoring.formats.tokens import Tokens
from scoring.formats.windows import MAX_LINE_BYTES, Window, line_too_long

GUESSES = 5

_Value = TypeVar("_Value", bound=np.generic)

# A line takes microseconds to explain; beyond these, faulty lines are only counted.
EXPLAINED_LINES = 10_000


class LineCount:
    """Numbers the lines of a file, and logs what concerns every text format."""

    def __init__(self, max_lines: int) -> None:
        self._max_lines = max_lines
        self._explained = 0
        self.physical = 0  # lines so far, blank ones included

    def accept(self, window: Window, tokens: Tokens, log: FindingLog) -> int:
        """Take in a window; its first line has the 0-based number that is returned.

        Raises:
            UnreadableFile: for a line, or a number of lines, over the cap.
        """
        if tokens.longest_line > MAX_LINE_BYTES:
            raise line_too_long()
        log.extend(window.notices)
        log.extend(separator_notices(tokens.separators))
        first = self.physical
        self.physical += tokens.line_count
        if self.physical > self._max_lines:
            raise too_large(f"there are more than {self._max_lines:,} lines")
        return first

    def explainable(self, faulty: npt.NDArray[np.intp]) -> int:
        """How many of these faulty lines are to be explained one by one."""
        count = min(len(faulty), EXPLAINED_LINES - self._explained)
        self._explained += count
        return count


class ImageLines:
    """One line per image, in the order of the images."""

    def __init__(self, image_count: int, *, max_lines: int) -> None:
        self._image_count = image_count
        self._lines = LineCount(max_lines)
        self._open_blanks = 0  # blank lines that nothing has followed yet
        self.count = 0  # lines up to the last that is not blank

    def accept(self, window: Window, tokens: Tokens, log: FindingLog) -> int:
        """As LineCount.accept; logs blank lines that something follows."""
        first = self._lines.accept(window, tokens, log)
        is_blank = tokens.counts == 0
        written = np.flatnonzero(~is_blank)
        if not len(written):
            self._open_blanks += tokens.line_count
            return first
        last = int(written[-1])
        inside = np.flatnonzero(is_blank[:last])
        for line in (*range(first - self._open_blanks, first), *(inside + first)):
            log.add(blank_line(int(line) + 1))
        self._open_blanks = tokens.line_count - 1 - last
        self.count = first + last + 1
        return first

    def explainable(self, faulty: npt.NDArray[np.intp]) -> int:
        return self._lines.explainable(faulty)

    def rows(self, first: int, tokens: Tokens) -> int:
        """How many lines of the window, from its first, speak of images."""
        return max(0, min(tokens.line_count, self._image_count - first))

    def finish(self, log: FindingLog) -> None:
        if self._open_blanks and self.count:
            log.add(
                notice(
                    "blank-end", "blank lines stand at the end", count=self._open_blanks,
                    advice="end the file with its last image",
                )
            )  # fmt: skip
        if self.count != self._image_count:
            log.add(
                error(
                    "line-count", self.count, f"{self.count:,} lines",
                    f"the file has {self.count:,} lines, the round has {self._image_count:,} images",
                    advice="write exactly one line per image, in the order of the images",
                )
            )  # fmt: skip


def note_group_counts(groups: npt.NDArray[np.integer], log: FindingLog) -> None:
    """Notices for lines of fewer or more than five guesses; blank lines are not of either kind."""
    fewer, more = int(((groups > 0) & (groups < GUESSES)).sum()), int((groups > GUESSES).sum())
    if fewer:
        log.add(notice("fewer-guesses", "lines with fewer than five guesses", count=fewer, advice="this is allowed"))
    if more:
        log.add(notice("more-guesses", "lines with more than five guesses", count=more, advice="the first five count"))


def note_repeats(guesses: npt.NDArray[np.int32], log: FindingLog) -> None:
    """A notice for lines that name a class twice; `guesses` is (lines, 5), negative where there is none."""
    ordered = np.sort(guesses, axis=1)
    repeated = int(((ordered[:, 1:] == ordered[:, :-1]) & (ordered[:, 1:] >= 0)).any(axis=1).sum())
    if repeated:
        log.add(
            notice(
                "label-twice", "lines name a class twice", count=repeated, advice="a second guess of a class is wasted"
            )
        )


def padded(values: npt.NDArray[_Value], starts: npt.NDArray[np.int32], *, width: int) -> npt.NDArray[_Value]:
    """(lines, width) the first `width` values of each line; what a line lacks repeats some other value."""
    if not len(values):
        return np.zeros((len(starts) - 1, width), dtype=values.dtype)
    return np.asarray(values[np.minimum(starts[:-1, None] + np.arange(width), len(values) - 1)])
