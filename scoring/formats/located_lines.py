"""The kit's text format of `cls-loc`: one line per image, up to five groups `<label> <xmin> <ymin> <xmax> <ymax>`."""

from __future__ import annotations

import numpy as np

from scoring.findings import FindingLog
from scoring.formats.box_use import MAX_COORDINATE, BoxUse, beyond_coordinates
from scoring.formats.class_ids import PADDING, ClassLookup
from scoring.formats.complaints import bad_token, error
from scoring.formats.image_lines import GUESSES, padded
from scoring.formats.label_lines import GuessColumns, GuessFile, ParsedGuesses, has_wrong_label, lines_of
from scoring.formats.tokens import BAD, NUMBER, WNID, tokenise
from scoring.formats.windows import Window
from scoring.rounds import PublicRound

GROUP = 5  # a label and four corners


class LocatedLines:
    """Reads `cls-loc` files."""

    def __init__(self, public: PublicRound) -> None:
        self._lookup = ClassLookup.of(public.classes, ids=public.prediction_ids)
        self._file = GuessFile(public, self._lookup)
        self._boxes = BoxUse()

    @property
    def line_count(self) -> int:
        return self._file.line_count

    def parse(self, window: Window) -> ParsedGuesses:
        tokens = tokenise(window)
        counts = tokens.counts
        groups = -(-counts // GROUP)
        places = np.arange(len(tokens.values)) - np.repeat(tokens.line_starts[:-1], counts)
        is_label = places % GROUP == 0
        width = GUESSES * GROUP
        values = padded(tokens.values, tokens.line_starts, width=width).reshape(-1, GUESSES, GROUP)
        positions = self._lookup.positions(tokens.values, np.where(is_label, tokens.kinds, NUMBER))
        labels = padded(positions, tokens.line_starts, width=width).reshape(-1, GUESSES, GROUP)[..., 0]
        is_given = np.arange(GUESSES) < groups[:, None]
        labels = np.where(is_given, labels, PADDING).astype(np.int32)
        boxes = np.ascontiguousarray(values[..., 1:])
        is_far = (np.abs(boxes) > MAX_COORDINATE).any(axis=2) & is_given
        is_odd = lines_of(tokens, (tokens.kinds == BAD) | (~is_label & (tokens.kinds == WNID)))
        return ParsedGuesses(
            window=window,
            tokens=tokens,
            labels=labels,
            label_tokens=is_label,
            is_faulty=has_wrong_label(labels, groups) | is_odd | is_far.any(axis=1) | (counts % GROUP != 0),
            groups=groups,
            boxes=boxes,
        )

    def accept(self, parsed: ParsedGuesses, log: FindingLog) -> GuessColumns:
        columns = self._file.accept(parsed, self._explain, log)
        if columns.boxes is not None:
            self._boxes.add(columns.boxes[columns.labels >= 0])
        return columns

    def finish(self, log: FindingLog) -> None:
        self._file.finish(log)
        self._boxes.finish(log)

    def _explain(self, parsed: ParsedGuesses, row: int, line: int, log: FindingLog) -> None:
        """Log all that is wrong with a line."""
        tokens = parsed.tokens
        first, end = int(tokens.line_starts[row]), int(tokens.line_starts[row + 1])
        if (end - first) % GROUP:
            log.add(
                error(
                    "column-count", line, f"{end - first} numbers",
                    "a line is groups of five numbers: label, xmin, ymin, xmax, ymax",
                    advice="write all four corners behind each label",
                )
            )  # fmt: skip
        for token in range(first, end):
            text = tokens.text_of(token)
            place = token - first
            if parsed.label_tokens[token] and tokens.kinds[token] != BAD:
                if place // GROUP < GUESSES:
                    self._file.explain_label(parsed, row, line, place=place // GROUP, token=token, log=log)
            elif tokens.kinds[token] != NUMBER:
                log.add(bad_token(text, line=line, due="a coordinate" if place % GROUP else "a class id"))
            elif abs(tokens.values[token]) > MAX_COORDINATE and place % GROUP:
                log.add(beyond_coordinates(text, line=line))
