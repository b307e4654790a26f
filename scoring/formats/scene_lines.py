"""The kit's text format of `scene`: a file name and exactly five class ids a line, the most confident first."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from scoring.findings import FindingLog
from scoring.formats.class_ids import ClassIdUse, ClassLookup
from scoring.formats.complaints import bad_token, error, notice
from scoring.formats.image_lines import GUESSES, LineCount, note_repeats, padded
from scoring.formats.keyed_images import KeyedImages
from scoring.formats.label_lines import GuessColumns, lines_of
from scoring.formats.rows import RowWindow
from scoring.formats.tokens import BAD, HAS_RUNS, Tokens, tokenise_plainly
from scoring.formats.windows import Window
from scoring.rounds import PublicRound

_IS_SEPARATOR = np.isin(np.arange(256), list(b"\t\n\r ,"))
_BLANK, _LINE_FEED = 32, 10


@dataclass(frozen=True, kw_only=True, eq=False)
class ParsedScenes:
    """A window, before its place in the file is known."""

    window: Window
    tokens: Tokens  # labels alone
    keys: list[str]  # (lines,) what each line calls its image; empty on a blank line
    labels: npt.NDArray[np.int32]  # (lines, 5) class positions, negative for what is none
    is_written: npt.NDArray[np.bool_]  # (lines,) not blank
    is_faulty: npt.NDArray[np.bool_]  # (lines,)


class SceneLines:
    """Reads `scene` files, and what other formats make of the same columns."""

    def __init__(self, public: PublicRound) -> None:
        self._ids = public.classes.ids
        self._lookup = ClassLookup.of(public.classes, ids=public.prediction_ids)
        self._use = ClassIdUse(public)
        self._lines = LineCount(public.policy.max_lines)
        self._images = KeyedImages(public.images)
        self._blank = 0
        self._least, self._greatest = np.inf, -np.inf  # of all ids

    @property
    def line_count(self) -> int:
        return self._images.count

    def parse(self, window: Window) -> ParsedScenes:
        tokens = tokenise_plainly(window) if isinstance(window, RowWindow) else keyed_tokens(window)
        keys = list(tokens.keys) if tokens.keys is not None else [""] * tokens.line_count
        counts = tokens.counts
        labels = padded(self._lookup.positions(tokens.values, tokens.kinds), tokens.line_starts, width=GUESSES)
        is_written = (counts > 0) | np.array([bool(key) for key in keys], dtype=np.bool_)
        is_wrong = (counts != GUESSES) | (labels < 0).any(axis=1) | lines_of(tokens, tokens.kinds == BAD)
        return ParsedScenes(
            window=window, tokens=tokens, keys=keys, labels=labels, is_written=is_written,
            is_faulty=is_written & is_wrong,
        )  # fmt: skip

    def accept(self, parsed: ParsedScenes, log: FindingLog) -> GuessColumns:
        tokens = parsed.tokens
        first = self._lines.accept(parsed.window, tokens, log)
        self._take_ids(tokens, first)
        self._blank += int((~parsed.is_written).sum())
        self._log_faults(parsed, first, log)
        note_repeats(parsed.labels[~parsed.is_faulty & parsed.is_written], log)
        written = np.flatnonzero(parsed.is_written)
        images = self._images.accept([parsed.keys[row] for row in written.tolist()], lines=written + first + 1, log=log)
        return GuessColumns(images=images[images >= 0], labels=parsed.labels[written[images >= 0]])

    def finish(self, log: FindingLog) -> None:
        self._images.finish(log)
        if self._blank:
            log.add(notice("blank-lines", "blank lines are skipped", count=self._blank, advice="leave them out"))
        self._use.finish(log)
        count = len(self._ids)
        is_zero_to_n = int(self._ids[0]) == 0 and int(self._ids[-1]) == count - 1
        if "unknown-class" in log and is_zero_to_n and self._least == 1 and self._greatest == count:
            log.add(
                error(
                    "one-based", None, None, "the ids look 1-based",
                    advice=f"the file's ids run from 1 to {count}, the round's from 0: subtract 1 from each",
                )
            )  # fmt: skip

    def _take_ids(self, tokens: Tokens, first: int) -> None:
        self._use.add_tokens(tokens.values, tokens.kinds)
        if self._use.is_newly_mixed:
            self._use.locate_mix(tokens, np.arange(len(tokens.values)), first=first)
        ids = tokens.values[tokens.kinds != BAD]
        self._least = min(self._least, float(ids.min(initial=np.inf)))
        self._greatest = max(self._greatest, float(ids.max(initial=-np.inf)))

    def _log_faults(self, parsed: ParsedScenes, first: int, log: FindingLog) -> None:
        tokens = parsed.tokens
        is_short = parsed.is_faulty & (tokens.counts != GUESSES)
        short, wrong = np.flatnonzero(is_short), np.flatnonzero(parsed.is_faulty & ~is_short)
        shown = short[: log.wants("column-count")]
        for row in shown.tolist():
            count = int(tokens.counts[row])
            log.add(
                error(
                    "column-count", first + row + 1, f"{parsed.keys[row]} {tokens.line_text(row) if count else ''}",
                    f"a line has five labels behind the file name, this one has {count}",
                    advice="write <file name> <id> <id> <id> <id> <id>",
                )
            )  # fmt: skip
        if len(short) > len(shown):
            log.count_more("column-count", len(short) - len(shown))
        explained = self._lines.explainable(wrong, tokens)
        for row in wrong[:explained].tolist():
            self._explain(parsed, row, first + row + 1, log)
        if explained < len(wrong):
            log.count_more("unknown-class" if "unknown-class" in log else "not-numeric", len(wrong) - explained)

    def _explain(self, parsed: ParsedScenes, row: int, line: int, log: FindingLog) -> None:
        """Log all that is wrong with the labels of a line."""
        tokens = parsed.tokens
        for place, token in enumerate(range(tokens.line_starts[row], tokens.line_starts[row + 1])):
            if tokens.kinds[token] == BAD:
                log.add(bad_token(tokens.text_of(token), line=line, due="a class id"))
            elif parsed.labels[row, place] < 0:
                log.add(self._lookup.unknown(tokens.text_of(token), line=line))


def keyed_tokens(window: Window) -> Tokens:
    """The tokens of a text whose lines begin with a name; the names are its keys, and no tokens."""
    data = window.data[: window.size]
    edges = np.flatnonzero(np.diff(_IS_SEPARATOR[data], prepend=True, append=True))
    starts, ends = edges[::2], edges[1::2]  # of tokens, names included
    line_ends = np.flatnonzero(data == _LINE_FEED)
    line_begins = np.concatenate([[0], line_ends[:-1] + 1])
    places = np.searchsorted(starts, line_begins)  # of each line's first token, where it has one
    is_written = places < np.searchsorted(starts, line_ends)
    names = places[is_written]
    text = data.tobytes()
    keys = [""] * len(line_ends)
    spans = zip(np.flatnonzero(is_written).tolist(), starts[names].tolist(), ends[names].tolist(), strict=True)
    for row, start, end in spans:
        keys[row] = text[start:end].decode("utf-8", "backslashreplace")
    tokens = tokenise_plainly(_without(window, starts[names], ends[names]))
    is_other = np.ones(len(starts) - 1 if len(starts) else 0, dtype=np.bool_)
    is_other[names[1:] - 1] = False  # between a line's last token and the next line's name there may be any gap
    has_runs = ((starts[1:] - ends[:-1] > 1) & is_other).any() or (starts[names] > line_begins[is_written]).any()
    return replace(
        tokens,
        separators=tokens.separators & ~HAS_RUNS | HAS_RUNS * bool(has_runs),
        source=window,
        keys=keys,
    )


def _without(window: Window, starts: npt.NDArray[np.intp], ends: npt.NDArray[np.intp]) -> Window:
    """The window with blanks in place of some spans."""
    steps = np.zeros(len(window.data) + 1, dtype=np.int8)
    steps[starts] += 1
    steps[ends] -= 1
    return Window(
        data=np.where(np.cumsum(steps[:-1], dtype=np.int8) > 0, np.uint8(_BLANK), window.data), size=window.size
    )
