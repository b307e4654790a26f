"""`coco-det`: COCO's results, boxes as x, y, width and height. The round has no class table: ids stay as they are."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from scoring.findings import Finding, FindingLog
from scoring.formats.box_use import MAX_COORDINATE, beyond_coordinates
from scoring.formats.complaints import notice
from scoring.formats.confidence_use import ConfidenceUse
from scoring.formats.detection_columns import detection_columns
from scoring.formats.detection_lines import DetectionColumns
from scoring.formats.layouts import COCO_DETECTIONS
from scoring.formats.object_lines import ObjectLines, ParsedObjects
from scoring.formats.tokens import tokenise
from scoring.formats.windows import Window
from scoring.rounds import PublicRound
from scoring.synsets import MAX_CATEGORY_ID

# Every number that can be a category's id stands for itself.
_ANY_CATEGORY = np.arange(MAX_CATEGORY_ID + 1, dtype=np.int32)
_NO_NUMBERS = np.zeros(0, dtype=np.int64)


class CocoLines(ObjectLines):
    """Reads `coco-det` files; the classes of its columns are category ids, of which the truth may know fewer."""

    layout = COCO_DETECTIONS

    def __init__(self, public: PublicRound) -> None:
        super().__init__(public)
        self._empty = 0  # boxes without an area
        self._confidences = ConfidenceUse()

    def is_out_of_range(self, numbers: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
        is_out = np.abs(numbers) > MAX_COORDINATE
        is_out[:, 0] = False  # a confidence may be any finite number
        return is_out

    def range_finding(self, column: str, text: str, *, line: int) -> Finding:
        del column
        return beyond_coordinates(text, line=line)

    def parse(self, window: Window) -> ParsedObjects:
        tokens = tokenise(window)
        faults, images, classes, confidences, boxes, _, _ = detection_columns(
            tokens.values, tokens.kinds, tokens.line_starts,
            image_positions=self._image_positions, class_positions=_ANY_CATEGORY,
            wnids=_NO_NUMBERS, wnid_positions=_NO_NUMBERS.astype(np.int32),
        )  # fmt: skip
        return ParsedObjects(
            window=window,
            tokens=tokens,
            columns=DetectionColumns(images=images, classes=classes, confidences=confidences, boxes=boxes),
            faults=faults,
            class_tokens=np.zeros(0, dtype=np.intp),
        )

    def accept(self, parsed: ParsedObjects, log: FindingLog) -> DetectionColumns:
        columns: DetectionColumns = super().accept(parsed, log)
        self._confidences.add(columns.confidences)
        self._empty += int((columns.boxes[:, 2:] <= 0).any(axis=1).sum())
        return columns

    def finish(self, log: FindingLog) -> None:
        super().finish(log)
        self._confidences.finish(log)
        if self._empty:
            log.add(
                notice(
                    "box-empty", "boxes have no width or no height; the plain formula is applied to them",
                    count=self._empty, advice="boxes are x y width height, not corners",
                )
            )  # fmt: skip
