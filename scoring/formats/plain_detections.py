"""Windows of plain detection lines, read from bytes to columns at once: nearly every file is made of them alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scoring.formats.buffers import Buffers
from scoring.formats.detection_counts import COUNTS
from scoring.formats.rows import RowWindow
from scoring.formats.tokens import HAS_COMMAS, HAS_TABS
from scoring.formats.windows import WINDOW_BYTES, Window
from scoring.machine_code import MachineCode

_SEPARATORS = {ord(" "): 0, ord("\t"): HAS_TABS, ord(","): HAS_COMMAS}

# Seven digits, six separators and a line end.
_SHORTEST_LINE = 14

CODE = MachineCode(
    "scoring.formats.detection_text_kernel",
    {
        "read_detections": "int64(CPointer(uint8), int64, int64, int64, CPointer(int32), int64, CPointer(int32), int64,"
        " CPointer(int32), CPointer(int32), CPointer(float64), CPointer(float64), CPointer(int64), CPointer(float64))"
    },
    ("scoring.formats.token_kernel", "scoring.formats.detection_counts"),
)


@dataclass(frozen=True, kw_only=True, eq=False)
class PlainDetections:
    """The columns of a window in which every line is right and written in the usual way."""

    images: npt.NDArray[np.int32]  # (lines,) positions
    classes: npt.NDArray[np.int32]  # (lines,) positions
    confidences: npt.NDArray[np.float64]  # (lines,)
    boxes: npt.NDArray[np.float64]  # (lines, 4)
    counts: npt.NDArray[np.int64]  # by the places of detection_counts
    extremes: npt.NDArray[np.float64]  # least and greatest confidence, least and greatest class id
    longest_line: int  # in bytes
    separators: int  # as in Tokens


class PlainLines:
    """Reads windows of plain lines; the columns stay as they are for as long as somebody holds them."""

    def __init__(self, image_positions: npt.NDArray[np.int32], class_positions: npt.NDArray[np.int32]) -> None:
        """The dense tables of image indices and class ids have -1 where there is none."""
        self._image_positions = image_positions
        self._class_positions = class_positions
        most = 2 * WINDOW_BYTES // _SHORTEST_LINE
        self._positions, self._numbers, self._corners = (
            Buffers(most, np.int32),
            Buffers(most, np.float64),
            Buffers(4 * most, np.float64),
        )

    def read(self, window: Window) -> PlainDetections | None:
        """The columns of a window of any format; None where some line is faulty, or not written in the usual way."""
        if isinstance(window, RowWindow) or window.size < _SHORTEST_LINE:
            return None
        first_line = window.text(0, min(window.size, 256)).partition(b"\n")[0]
        separator = next((byte for byte in first_line if byte in _SEPARATORS), ord(" "))
        most = window.size // _SHORTEST_LINE + 2
        images, classes = self._positions.take(most), self._positions.take(most)
        confidences, corners = self._numbers.take(most), self._corners.take(4 * most)
        counts, extremes = np.zeros(COUNTS + 1, np.int64), np.empty(4)
        lines = CODE["read_detections"](
            window.data, window.size, separator, 2 if first_line.endswith(b"\r") else 1,
            self._image_positions, len(self._image_positions), self._class_positions, len(self._class_positions),
            images, classes, confidences, corners, counts, extremes,
        )  # fmt: skip
        if lines < 0:
            return None
        return PlainDetections(
            images=images[:lines],
            classes=classes[:lines],
            confidences=confidences[:lines],
            boxes=corners[: 4 * lines].reshape(lines, 4),
            counts=counts[:COUNTS],
            extremes=extremes,
            longest_line=int(counts[COUNTS]),
            separators=_SEPARATORS[separator],
        )
