"""`coco-det`: COCO's results, boxes as x, y, width and height. The round has no class table: ids stay as they are."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from scoring.findings import FindingLog
from scoring.formats.complaints import notice
from scoring.formats.detection_columns import dense_positions
from scoring.formats.detection_lines import DetectionLines, ParsedDetections
from scoring.formats.layouts import COCO_DETECTIONS
from scoring.formats.tokens import NUMBER
from scoring.rounds import PublicRound
from scoring.synsets import MAX_CATEGORY_ID

# Every number that can be a category's id stands for itself.
_ANY_CATEGORY = np.arange(MAX_CATEGORY_ID + 1, dtype=np.int32)


class CocoLines(DetectionLines):
    """Reads `coco-det` files; the classes of its columns are category ids, of which the truth may know fewer."""

    layout = COCO_DETECTIONS

    def __init__(self, public: PublicRound) -> None:
        super().__init__(public)
        self._empty = 0  # boxes without an area

    def finish(self, log: FindingLog) -> None:
        super().finish(log)
        if self._empty:
            log.add(
                notice(
                    "box-empty", "boxes have no width or no height; the plain formula is applied to them",
                    count=self._empty, advice="boxes are x y width height, not corners",
                )
            )  # fmt: skip

    def _dense_classes(self) -> npt.NDArray[np.int32]:
        return _ANY_CATEGORY

    def _classes(self, values: npt.NDArray[np.float64], kinds: npt.NDArray[np.uint8]) -> npt.NDArray[np.int32]:
        return np.where(kinds == NUMBER, dense_positions(_ANY_CATEGORY, values), np.int32(-1))

    def _take_classes(self, parsed: ParsedDetections, first: int) -> None:
        """Nothing is known of the categories before the truth is."""

    def _take_boxes(self, parsed: ParsedDetections) -> None:
        """What is odd about corners is not about these: they are widths and heights."""
        boxes = parsed.columns.boxes
        self._empty += int(((boxes[:, 2] <= 0) | (boxes[:, 3] <= 0)).sum())
