"""The kit's text format of `det` and `vid`: image index, class id, confidence and the four corners a line."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from scoring.findings import Finding, FindingLog
from scoring.formats import detection_counts as places
from scoring.formats.box_use import MAX_COORDINATE, BoxUse, beyond_coordinates
from scoring.formats.confidence_use import ConfidenceUse
from scoring.formats.detection_columns import detection_columns
from scoring.formats.layouts import DETECTIONS
from scoring.formats.object_lines import ObjectLines
from scoring.formats.plain_detections import WIDTH, PlainLines
from scoring.formats.tokens import Tokens, tokenise
from scoring.formats.windows import Window
from scoring.rounds import PublicRound

_NONE = np.zeros(0, dtype=np.int64)


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
    faults: npt.NDArray[np.uint8]  # (lines,) a code of detection_counts, 0 for a good line
    counts: npt.NDArray[np.int64]  # by the places of detection_counts
    extremes: npt.NDArray[np.float64]  # least and greatest confidence, least and greatest class id


class DetectionLines(ObjectLines):
    """Reads `det` and `vid` files."""

    layout = DETECTIONS
    range_code = "coordinate-range"

    def __init__(self, public: PublicRound) -> None:
        super().__init__(public)
        self._class_positions = self._dense_classes()
        self._plain = PlainLines(
            self._image_positions, self._class_positions, sparse=self._images if self._images.is_sparse else None
        )
        self._boxes = BoxUse()
        self._confidences = ConfidenceUse()

    def is_out_of_range(self, numbers: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
        is_out = np.abs(numbers) > MAX_COORDINATE
        is_out[:, 0] = False  # a confidence may be any finite number
        return is_out

    def range_finding(self, column: str, text: str, *, line: int) -> Finding:
        del column
        return beyond_coordinates(text, line=line)

    def parse(self, window: Window) -> ParsedDetections:
        plain = self._plain.read(window)
        if plain is None:
            return self._parse_any(window)
        columns = DetectionColumns(
            images=plain.images, classes=plain.classes, confidences=plain.confidences, boxes=plain.boxes
        )
        lines = len(columns)
        return ParsedDetections(
            window=window, tokens=plain.tokens(), columns=columns,
            faults=np.full(lines, places.OK, np.uint8), counts=plain.counts, extremes=plain.extremes,
        )  # fmt: skip

    def _parse_any(self, window: Window) -> ParsedDetections:
        """As `parse`, of lines that may be faulty, or written in some rarer way."""
        tokens = tokenise(window)
        if self._images.is_sparse:
            tokens = self._with_positions(tokens)
        faults, images, classes, confidences, boxes, counts, extremes = detection_columns(
            tokens.values,
            tokens.kinds,
            tokens.line_starts,
            image_positions=self._image_positions,
            class_positions=self._class_positions,
            wnids=_NONE if self._lookup is None else self._lookup.by_wnid,
            wnid_positions=_NONE.astype(np.int32) if self._lookup is None else self._lookup.wnid_positions,
        )
        columns = DetectionColumns(images=images, classes=classes, confidences=confidences, boxes=boxes)
        return ParsedDetections(
            window=window, tokens=tokens, columns=columns, faults=faults, counts=counts, extremes=extremes
        )

    def _with_positions(self, tokens: Tokens) -> Tokens:
        """The tokens, image indices that no dense table holds made positions."""
        values = tokens.values.copy()
        named = tokens.line_starts[:-1][tokens.counts > 0]
        values[named] = self._images.positions(values[named])
        return replace(tokens, values=values)

    def accept(self, parsed: ParsedDetections, log: FindingLog) -> DetectionColumns:
        columns: DetectionColumns = super().accept(parsed, log)
        least, greatest, *_ = parsed.extremes
        self._confidences.take(
            count=len(columns), unusual=int(parsed.counts[places.UNUSUAL]), least=least, greatest=greatest
        )
        self._take_boxes(parsed)
        return columns

    def finish(self, log: FindingLog) -> None:
        super().finish(log)
        self._boxes.finish(log)
        self._confidences.finish(log)

    def _dense_classes(self) -> npt.NDArray[np.int32]:
        """(largest id + 1,) the position of each class id, -1 where there is none."""
        assert self._lookup is not None  # noqa: S101  # for the type checker: these rounds have classes
        return self._lookup.by_id

    def _take_classes(self, parsed: ParsedDetections, first: int) -> None:
        counts, (_, _, least, greatest) = parsed.counts, parsed.extremes
        self._use.add(ids=int(counts[places.IDS]), wnids=int(counts[places.WNIDS]), smallest=least, largest=greatest)
        if self._use.is_newly_mixed:
            tokens = tokenise(parsed.window)
            labels = tokens.line_starts[:-1][tokens.counts == WIDTH] + 1
            self._use.locate_mix(tokens, labels.astype(np.intp), first=first)

    def _take_boxes(self, parsed: ParsedDetections) -> None:
        counts = parsed.counts
        self._boxes.boxes += len(parsed.columns)
        self._boxes.inverted += int(counts[places.INVERTED])
        self._boxes.one_pixel += int(counts[places.ONE_PIXEL])
        self._boxes.negative += int(counts[places.NEGATIVE])
        self._boxes.normalised += int(counts[places.NORMALISED])
        self._boxes.tiny += int(counts[places.TINY])
