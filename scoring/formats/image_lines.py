"""What formats of one line per image share: counting lines, blank ones, and lines of too few or too many guesses."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from scoring.findings import FindingLog
from scoring.formats.complaints import blank_line, error, notice, of_known_split, separator_notices
from scoring.formats.rows import RowWindow
from scoring.formats.tokens import Tokens
from scoring.formats.unreadable import too_large, unreadable
from scoring.formats.windows import MAX_LINE_BYTES, Window, line_too_long

GUESSES = 5

_Value = TypeVar("_Value", bound=np.generic)

# A token takes microseconds to explain; beyond so many on faulty lines, further faulty lines are only counted.
EXPLAINED_TOKENS = 250_000


class LineCount:
    """Numbers the lines of a file, and logs what concerns every text format."""

    def __init__(self, max_lines: int) -> None:
        self._max_lines = max_lines
        self._explained = 0  # tokens
        self.physical = 0  # lines so far, blank ones and the header included
        self.before = 0  # of them, lines of a header

    def accept(self, window: Window, tokens: Tokens, log: FindingLog) -> int:
        """Take in a window; its first line has the 0-based number that is returned.

        Raises:
            UnreadableFile: for a line, or a number of lines, over the cap.
        """
        if tokens.longest_line > MAX_LINE_BYTES:
            raise line_too_long()
        log.extend(window.notices)
        if isinstance(window, RowWindow):
            self.physical += window.lines_before
            self.before += window.lines_before
        log.extend(found for found in separator_notices(tokens.separators) if found.code not in log)  # once a file
        first = self.physical
        self.physical += tokens.line_count
        if self.physical - self.before > self._max_lines:
            raise too_large(f"there are more than {self._max_lines:,} lines")
        return first

    def explainable(self, faulty: npt.NDArray[np.intp], tokens: Tokens) -> int:
        """How many of these faulty lines are to be explained one by one; the first of a file always is."""
        spent = np.cumsum(tokens.counts[faulty], dtype=np.int64)
        count = int(np.searchsorted(spent, EXPLAINED_TOKENS - self._explained, side="right"))
        if len(faulty) and not self._explained:
            count = max(count, 1)
        self._explained += int(spent[count - 1]) if count else 0
        return count


class ImageLines:
    """One line per image, in the order of the images."""

    def __init__(self, image_count: int, *, max_lines: int) -> None:
        self._image_count = image_count
        self._lines = LineCount(max_lines)
        self._open_blanks = 0  # blank lines that nothing has followed yet
        self.count = 0  # lines up to the last that is not blank

    def accept(
        self, window: Window, tokens: Tokens, log: FindingLog, *, is_blank: npt.NDArray[np.bool_] | None = None
    ) -> int:
        """As LineCount.accept; logs blank lines that something follows: those without tokens, if not told which."""
        first = self._lines.accept(window, tokens, log)
        is_blank = tokens.counts == 0 if is_blank is None else is_blank
        written = np.flatnonzero(~is_blank)
        if not len(written):
            self._open_blanks += tokens.line_count
            return first
        last = int(written[-1])
        inside = np.flatnonzero(is_blank[:last])
        _log_blanks(range(first - self._open_blanks, first), log)
        _log_blanks((inside + first).tolist(), log)
        self._open_blanks = tokens.line_count - 1 - last
        self.count = first + last + 1 - self._lines.before
        return first

    def explainable(self, faulty: npt.NDArray[np.intp], tokens: Tokens) -> int:
        return self._lines.explainable(faulty, tokens)

    def images(self, first: int, tokens: Tokens) -> range:
        """The positions of the images that the window's lines speak of; lines behind the last image speak of none."""
        start = min(first - self._lines.before, self._image_count)
        return range(start, min(start + tokens.line_count, self._image_count))

    def finish(self, log: FindingLog) -> None:
        if not self.count:
            raise unreadable("empty", "the file holds blank lines alone", "send one line per image")
        if self._open_blanks:
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
                    advice="write exactly one line per image, in the order of the images" + of_known_split(self.count),
                )
            )  # fmt: skip


def _log_blanks(lines: Sequence[int], log: FindingLog) -> None:
    """Log blank lines, given by their numbers from 0: there may be forty million."""
    shown = min(len(lines), log.wants("blank-line"))
    for line in lines[:shown]:
        log.add(blank_line(line + 1))
    if len(lines) > shown:
        log.count_more("blank-line", len(lines) - shown)


def note_group_counts(groups: npt.NDArray[np.integer], log: FindingLog) -> None:
    """Notices for lines of fewer or more than five guesses; blank lines are not of either kind."""
    fewer, more = int(((groups > 0) & (groups < GUESSES)).sum()), int((groups > GUESSES).sum())
    if fewer:
        log.add(notice("fewer-guesses", "lines with fewer than five guesses", count=fewer, advice="this is allowed"))
    if more:
        log.add(notice("more-guesses", "lines with more than five guesses", count=more, advice="the first five count"))


def note_padding(is_padding: npt.NDArray[np.bool_], groups: npt.NDArray[np.integer], log: FindingLog) -> None:
    """A notice for lines that zeros fill up; `is_padding` is (lines, 5), true where there is no guess."""
    if not is_padding.any():
        return
    lines = int((is_padding & (np.arange(GUESSES) < groups[:, None])).any(axis=1).sum())
    if lines:
        log.add(notice("zero-padding", "zeros fill up lines", count=lines, advice="this is allowed: 0 is no class"))


def note_repeats(guesses: npt.NDArray[np.int32], log: FindingLog) -> None:
    """A notice for lines that name a class twice; `guesses` is (lines, 5), negative where there is none."""
    is_repeated = np.zeros(len(guesses), dtype=np.bool_)
    for first, second in combinations(guesses.T, 2):
        is_repeated |= (first == second) & (first >= 0)
    repeated = int(is_repeated.sum())
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
