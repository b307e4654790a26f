"""The kit's text format of `cls`: one line per image, one to five class ids, the most confident first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scoring.findings import FindingLog
from scoring.formats.class_ids import PADDING, UNKNOWN, ClassIdUse, ClassLookup
from scoring.formats.complaints import bad_token, blank_line, notice
from scoring.formats.image_lines import GUESSES, ImageLines, note_group_counts, note_padding, note_repeats, padded
from scoring.formats.keyed_images import KeyedImages
from scoring.formats.tokens import BAD, Tokens, tokenise_plainly
from scoring.formats.windows import Window
from scoring.rounds import PublicRound


@dataclass(frozen=True, kw_only=True, eq=False)
class GuessColumns:
    """The guesses of some images."""

    images: npt.NDArray[np.int32]  # (images,) positions, each at most once a file
    labels: npt.NDArray[np.int32]  # (images, 5) class positions, negative where there is no guess
    boxes: npt.NDArray[np.float64] | None = None  # (images, 5, 4) corners; cls-loc alone


@dataclass(frozen=True, kw_only=True, eq=False)
class ParsedGuesses:
    """A window, before its place in the file is known."""

    window: Window
    tokens: Tokens
    labels: npt.NDArray[np.int32]  # (lines, 5) as in GuessColumns
    label_tokens: npt.NDArray[np.bool_]  # (tokens,) those that name a class
    is_faulty: npt.NDArray[np.bool_]  # (lines,)
    groups: npt.NDArray[np.integer]  # (lines,) guesses a line has, beyond the fifth too
    boxes: npt.NDArray[np.float64] | None = None


Explain = Callable[[ParsedGuesses, int, int, FindingLog], None]  # window, its row, the file's line, where to log


class LabelLines:
    """Reads `cls` files."""

    def __init__(self, public: PublicRound) -> None:
        self._lookup = ClassLookup.of(public.classes, ids=public.prediction_ids)
        self._file = GuessFile(public, self._lookup)

    @property
    def line_count(self) -> int:
        return self._file.line_count

    def parse(self, window: Window) -> ParsedGuesses:
        tokens = tokenise_plainly(window)
        counts = tokens.counts
        is_given = np.arange(GUESSES) < counts[:, None]
        found = padded(self._lookup.positions(tokens.values, tokens.kinds), tokens.line_starts, width=GUESSES)
        labels = np.where(is_given, found, PADDING).astype(np.int32)
        return ParsedGuesses(
            window=window,
            tokens=tokens,
            labels=labels,
            label_tokens=np.ones(len(tokens.values), dtype=np.bool_),
            is_faulty=has_wrong_label(labels, counts) | lines_of(tokens, tokens.kinds == BAD),
            groups=counts,
        )

    def accept(self, parsed: ParsedGuesses, log: FindingLog) -> GuessColumns:
        return self._file.accept(parsed, self._explain, log)

    def finish(self, log: FindingLog) -> None:
        self._file.finish(log)

    def _explain(self, parsed: ParsedGuesses, row: int, line: int, log: FindingLog) -> None:
        """Log all that is wrong with a line."""
        tokens = parsed.tokens
        for place, token in enumerate(range(tokens.line_starts[row], tokens.line_starts[row + 1])):
            if tokens.kinds[token] == BAD:
                log.add(bad_token(tokens.text_of(token), line=line, due="a class id"))
            elif place < GUESSES:
                self._file.explain_label(parsed, row, line, place=place, token=token, log=log)


class GuessFile:
    """What the files of guesses have in common: labels, and one line per image or one row that names it."""

    def __init__(self, public: PublicRound, lookup: ClassLookup) -> None:
        self._lookup = lookup
        self._use = ClassIdUse(public)
        self._lines = ImageLines(len(public.images), max_lines=public.policy.max_lines)
        self._images = KeyedImages(public.images)
        self._blank_rows = 0  # of those that name their images

    @property
    def line_count(self) -> int:
        return self._images.count or self._lines.count

    def accept(self, parsed: ParsedGuesses, explain: Explain, log: FindingLog) -> GuessColumns:
        """Number the window's lines, log its findings, and return the guesses of the images it speaks of."""
        tokens = parsed.tokens
        is_blank = tokens.counts == 0
        if tokens.keys is not None:
            is_blank &= np.array([not key for key in tokens.keys], dtype=np.bool_)
        first = self._lines.accept(parsed.window, tokens, log, is_blank=is_blank)
        self._use.add_tokens(tokens.values[parsed.label_tokens], tokens.kinds[parsed.label_tokens])
        if self._use.is_newly_mixed:
            self._use.locate_mix(tokens, np.flatnonzero(parsed.label_tokens), first=first)
        faulty = np.flatnonzero(parsed.is_faulty)
        explained = self._lines.explainable(faulty, tokens)
        for row in faulty[:explained]:
            explain(parsed, int(row), first + int(row) + 1, log)
        if explained < len(faulty):
            log.count_more("unknown-class" if "unknown-class" in log else "not-numeric", len(faulty) - explained)
        note_group_counts(parsed.groups, log)
        note_padding(parsed.labels == PADDING, parsed.groups, log)
        note_repeats(parsed.labels, log)
        if tokens.keys is None:
            return self._in_order(parsed, first)
        self._blank_rows += int(is_blank.sum())
        return self._keyed(parsed, np.flatnonzero(~is_blank), tokens.keys, first=first, log=log)

    def _in_order(self, parsed: ParsedGuesses, first: int) -> GuessColumns:
        images = self._lines.images(first, parsed.tokens)
        return GuessColumns(
            images=np.array(images, dtype=np.int32),
            labels=parsed.labels[: len(images)],
            boxes=None if parsed.boxes is None else parsed.boxes[: len(images)],
        )

    def _keyed(
        self, parsed: ParsedGuesses, written: npt.NDArray[np.intp], keys: Sequence[str], *, first: int, log: FindingLog
    ) -> GuessColumns:
        """The guesses of the rows that are `written`; one with an image alone is refused, but has its image."""
        bare = written[parsed.groups[written] == 0]
        shown = bare[: log.wants("blank-line")]
        for row in shown.tolist():
            log.add(blank_line(first + row + 1, key=keys[row]))
        if len(bare) > len(shown):
            log.count_more("blank-line", len(bare) - len(shown))
        images = self._images.accept([keys[row] for row in written.tolist()], lines=written + first + 1, log=log)
        rows, images = written[images >= 0], images[images >= 0]
        return GuessColumns(
            images=images, labels=parsed.labels[rows], boxes=None if parsed.boxes is None else parsed.boxes[rows]
        )

    def explain_label(
        self, parsed: ParsedGuesses, row: int, line: int, *, place: int, token: int, log: FindingLog
    ) -> None:
        """Log that a label is unknown, if it is; a 0 is one unless only zeros follow, or it stands alone."""
        label = parsed.labels[row, place]
        is_guess = parsed.groups[row] == 1 or bool((parsed.labels[row, place:] != PADDING).any())
        if label == UNKNOWN or (label == PADDING and is_guess):
            log.add(self._lookup.unknown(parsed.tokens.text_of(token), line=line))

    def finish(self, log: FindingLog) -> None:
        if self._images.count:
            self._images.finish(log)
            if self._blank_rows:
                log.add(
                    notice("blank-lines", "blank lines are skipped", count=self._blank_rows, advice="leave them out")
                )
        else:
            self._lines.finish(log)
        self._use.finish(log)


def has_wrong_label(labels: npt.NDArray[np.int32], groups: npt.NDArray[np.integer]) -> npt.NDArray[np.bool_]:
    """(lines,) whether a line names a class there is not; zeros may fill up its end, but stand nowhere else.

    A 0 alone on its line fills up nothing: files that count classes from 0 and give one guess have such lines.
    """
    if labels.min(initial=0) >= 0:
        return np.zeros(len(labels), dtype=np.bool_)
    is_padding = labels == PADDING
    is_inner_padding = is_padding[:, :-1] & ~is_padding[:, 1:]
    is_lone_zero = is_padding[:, 0] & (groups == 1)
    return np.asarray((labels == UNKNOWN).any(axis=1) | is_inner_padding.any(axis=1) | is_lone_zero)


def lines_of(tokens: Tokens, is_chosen: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """(lines,) whether a line holds one of the chosen tokens."""
    is_line = np.zeros(tokens.line_count, dtype=np.bool_)
    is_line[np.searchsorted(tokens.line_starts, np.flatnonzero(is_chosen), side="right") - 1] = True
    return is_line
