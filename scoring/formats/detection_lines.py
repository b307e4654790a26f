"""The kit's text format of `det` and `vid`: image index, class id, confidence and the four corners a line."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scoring.findings import FindingLog
from scoring.formats import detection_counts as places
from scoring.formats.box_use import MAX_COORDINATE, BoxUse, beyond_coordinates
from scoring.formats.class_ids import ClassIdUse, ClassLookup
from scoring.formats.complaints import bad_token, error, notice
from scoring.formats.confidence_use import ConfidenceUse
from scoring.formats.detection_columns import detection_columns
from scoring.formats.image_lines import LineCount
from scoring.formats.plain_detections import PlainDetections, PlainLines
from scoring.formats.tokens import NUMBER, WNID, Tokens, tokenise
from scoring.formats.unreadable import unreadable
from scoring.formats.windows import Window
from scoring.rounds import PublicRound

_COLUMNS = ("an image index", "a class id", "a confidence", "xmin", "ymin", "xmax", "ymax")

# The kits' own demo has a few dozen detections an image.
CROWD = 10_000

# The code under which faulty lines are counted once they are no longer explained one by one.
_CODES = {
    places.COLUMNS: "column-count",
    places.TOKEN: "not-numeric",
    places.IMAGE: "unknown-image",
    places.CLASS: "unknown-class",
    places.COORDINATE: "coordinate-range",
}


@dataclass(frozen=True, kw_only=True, eq=False)
class DetectionColumns:
    """Some detections, in the order of the file."""

    images: npt.NDArray[np.int32]  # (detections,) image positions
    classes: npt.NDArray[np.int32]  # (detections,) class positions
    confidences: npt.NDArray[np.float64]  # (detections,) finite
    boxes: npt.NDArray[np.float64]  # (detections, 4) corners

    def __len__(self) -> int:
        return len(self.images)


@dataclass(frozen=True, kw_only=True, eq=False)
class ParsedDetections:
    """A window, before its place in the file is known."""

    window: Window
    tokens: Tokens  # of plain lines without values and offsets, which nothing is to be said about
    columns: DetectionColumns
    faults: npt.NDArray[np.uint8]  # (lines,) a code of the kernel, 0 for a good line
    counts: npt.NDArray[np.int64]  # by the kernel's places
    extremes: npt.NDArray[np.float64]  # least and greatest confidence, least and greatest class id


class DetectionLines:
    """Reads `det` and `vid` files."""

    def __init__(self, public: PublicRound) -> None:
        self._image_positions = public.images.position_of_index
        self._lookup = ClassLookup.of(public.classes, ids=public.prediction_ids)
        self._plain = PlainLines(self._image_positions, self._lookup.by_id)
        self._lines = LineCount(public.policy.max_lines)
        self._classes = ClassIdUse(public)
        self._boxes = BoxUse()
        self._last_index = int(public.images.indices[-1])
        self._confidences = ConfidenceUse()
        self._blank = 0
        self._detections = np.zeros(len(public.images), dtype=np.int64)  # by image position
        self.line_count = 0  # detections, right or wrong

    def parse(self, window: Window) -> ParsedDetections:
        plain = self._plain.read(window)
        if plain is None:
            return self._parse_any(window)
        columns = DetectionColumns(
            images=plain.images, classes=plain.classes, confidences=plain.confidences, boxes=plain.boxes
        )
        lines = len(columns)
        return ParsedDetections(
            window=window, tokens=_uniform_tokens(plain), columns=columns,
            faults=np.full(lines, places.OK, np.uint8), counts=plain.counts, extremes=plain.extremes,
        )  # fmt: skip

    def _parse_any(self, window: Window) -> ParsedDetections:
        """As `parse`, of lines that may be faulty, or written in some rarer way."""
        tokens = tokenise(window)
        faults, images, classes, confidences, boxes, counts, extremes = detection_columns(
            tokens.values,
            tokens.kinds,
            tokens.line_starts,
            image_positions=self._image_positions,
            class_positions=self._lookup.by_id,
            wnids=self._lookup.by_wnid,
            wnid_positions=self._lookup.wnid_positions,
        )
        columns = DetectionColumns(images=images, classes=classes, confidences=confidences, boxes=boxes)
        return ParsedDetections(
            window=window, tokens=tokens, columns=columns, faults=faults, counts=counts, extremes=extremes
        )

    def accept(self, parsed: ParsedDetections, log: FindingLog) -> DetectionColumns:
        first = self._lines.accept(parsed.window, parsed.tokens, log)
        self._take_counts(parsed)
        self._detections += np.bincount(parsed.columns.images, minlength=len(self._detections))
        if self._classes.is_newly_mixed:
            tokens = tokenise(parsed.window)
            labels = tokens.line_starts[:-1][tokens.counts == len(_COLUMNS)] + 1
            self._classes.locate_mix(tokens, labels.astype(np.intp), first=first)
        if len(parsed.columns) < len(parsed.faults):
            self._log_faults(parsed, first, log)
        return parsed.columns

    def finish(self, log: FindingLog) -> None:
        if not self.line_count:
            raise unreadable("empty", "the file holds blank lines alone", "send one line per detection")
        if self._blank:
            log.add(notice("blank-lines", "blank lines are skipped", count=self._blank, advice="leave them out"))
        self._classes.finish(log)
        self._boxes.finish(log)
        crowded = int((self._detections > CROWD).sum())
        if crowded:
            log.add(
                notice(
                    "crowded-image", f"images have more than {CROWD:,} detections", count=crowded,
                    advice="this is allowed; a few hundred are the custom",
                )
            )  # fmt: skip
        self._confidences.finish(log)

    def _take_counts(self, parsed: ParsedDetections) -> None:
        counts, (least, greatest, least_id, greatest_id) = parsed.counts, parsed.extremes
        blank = int((parsed.faults == places.BLANK).sum())
        self._blank += blank
        self.line_count += len(parsed.faults) - blank
        self._classes.add(
            ids=int(counts[places.IDS]), wnids=int(counts[places.WNIDS]), smallest=least_id, largest=greatest_id
        )
        self._boxes.boxes += len(parsed.columns)
        self._boxes.inverted += int(counts[places.INVERTED])
        self._boxes.one_pixel += int(counts[places.ONE_PIXEL])
        self._boxes.negative += int(counts[places.NEGATIVE])
        self._boxes.normalised += int(counts[places.NORMALISED])
        self._boxes.tiny += int(counts[places.TINY])
        self._confidences.take(
            count=len(parsed.faults) - blank, unusual=int(counts[places.UNUSUAL]), least=least, greatest=greatest
        )

    def _log_faults(self, parsed: ParsedDetections, first: int, log: FindingLog) -> None:
        faulty = np.flatnonzero(parsed.faults > places.BLANK)
        explained = self._lines.explainable(faulty, parsed.tokens)
        for row in faulty[:explained]:
            self._explain(parsed, int(row), first + int(row) + 1, log)
        for code, count in enumerate(np.bincount(parsed.faults[faulty[explained:]])):
            if count:
                log.count_more(_CODES[code], int(count))

    def _explain(self, parsed: ParsedDetections, row: int, line: int, log: FindingLog) -> None:
        """Log all that is wrong with a line."""
        tokens = parsed.tokens
        first, end = int(tokens.line_starts[row]), int(tokens.line_starts[row + 1])
        if end - first != len(_COLUMNS):
            log.add(
                error(
                    "column-count", line, tokens.line_text(row),
                    f"a line has seven columns, this one has {end - first}",
                    advice="write <image index> <class id> <confidence> <xmin> <ymin> <xmax> <ymax>",
                )
            )  # fmt: skip
            return
        for place, token in enumerate(range(first, end)):
            text = tokens.text_of(token)
            kind, value = tokens.kinds[token], float(tokens.values[token])
            if kind != NUMBER and not (kind == WNID and place == 1):
                log.add(bad_token(text, line=line, due=_COLUMNS[place]))
            elif place == 0:
                self._explain_image(text, value, line, log)
            elif place == 1:
                if self._lookup.positions(tokens.values[token : token + 1], tokens.kinds[token : token + 1])[0] < 0:
                    log.add(self._lookup.unknown(text, line=line))
            elif place > 2 and abs(value) > MAX_COORDINATE:
                log.add(beyond_coordinates(text, line=line))

    def _explain_image(self, text: str, value: float, line: int, log: FindingLog) -> None:
        is_known = 0 <= value < len(self._image_positions) and value == int(value)
        if not is_known or self._image_positions[int(value)] < 0:
            log.add(
                error(
                    "unknown-image", line, text, "no image of this round has this index",
                    advice=f"use the indices of the round's image list, up to {self._last_index:,}",
                )
            )  # fmt: skip


def _uniform_tokens(plain: PlainDetections) -> Tokens:
    """What is known of the tokens of plain lines without looking at each: how many there are, and where lines start."""
    return Tokens(
        values=np.zeros(0), kinds=np.zeros(0, np.uint8), offsets=np.zeros(0, np.int32),
        line_starts=np.arange(0, (len(plain.images) + 1) * len(_COLUMNS), len(_COLUMNS), dtype=np.int32),
        longest_line=plain.longest_line, separators=plain.separators, source=None,
    )  # fmt: skip
