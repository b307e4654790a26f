"""Windows of plain detections, read from bytes to columns at once: nearly every file is made of them alone."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from scoring.formats.buffers import Buffers
from scoring.formats.detection_counts import COUNTS
from scoring.formats.record_template import CODE, Template
from scoring.formats.rows import RowWindow
from scoring.formats.tokens import HAS_COMMAS, HAS_TABS, Tokens
from scoring.formats.windows import WINDOW_BYTES, Window
from scoring.images import Images

_SEPARATORS = {b" ": 0, b"\t": HAS_TABS, b",": HAS_COMMAS}

WIDTH = 7  # columns

# Seven digits, six separators and a line end.
_SHORTEST_LINE = 14


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

    def tokens(self) -> Tokens:
        """What is known of the tokens without looking at each: how many there are, and where lines start."""
        return Tokens(
            values=np.zeros(0), kinds=np.zeros(0, np.uint8), offsets=np.zeros(0, np.int32),
            line_starts=np.arange(0, (len(self.images) + 1) * WIDTH, WIDTH, dtype=np.int32),
            longest_line=self.longest_line, separators=self.separators, source=None,
        )  # fmt: skip


class PlainLines:
    """Reads windows of plain lines or records; columns stay as they are for as long as somebody holds them."""

    def __init__(
        self, image_positions: npt.NDArray[np.int32], class_positions: npt.NDArray[np.int32], *,
        sparse: Images | None = None,
    ) -> None:  # fmt: skip
        """The dense tables of image indices and class ids have -1 where there is none; `sparse` images have no table
        of their indices, only of their positions."""
        self._sparse = sparse
        self._image_positions = image_positions
        self._class_positions = class_positions
        most = 2 * WINDOW_BYTES // _SHORTEST_LINE
        self._positions, self._numbers, self._corners, self._cells = (
            Buffers(most, np.int32),
            Buffers(most, np.float64),
            Buffers(4 * most, np.float64),
            Buffers((WIDTH + 1) * most, np.float64),
        )

    def read(self, window: Window) -> PlainDetections | None:
        """The columns of a window of any format; None where some line is faulty, or not written in the usual way."""
        found = _spelling(window)
        if found is None:
            return None
        template, is_sized, separators = found
        cells = self._cells.take(template.most_rows(window) * template.width)
        lines, longest = template.read(window, cells)
        if lines < 0:
            return None
        if self._sparse is not None:
            named = cells[: lines * template.width : template.width]
            named[:] = self._sparse.positions(named)
        images, classes = self._positions.take(lines), self._positions.take(lines)
        confidences, corners = self._numbers.take(lines), self._corners.take(4 * lines)
        counts, extremes = np.zeros(COUNTS, np.int64), np.empty(4)
        taken = CODE["take_objects"](
            lines, cells, template.width, is_sized,
            self._image_positions, len(self._image_positions), self._class_positions, len(self._class_positions),
            images, classes, confidences, corners, counts, extremes,
        )  # fmt: skip
        if taken < 0:
            return None
        return PlainDetections(
            images=images[:lines],
            classes=classes[:lines],
            confidences=confidences[:lines],
            boxes=corners[: 4 * lines].reshape(lines, 4),
            counts=counts,
            extremes=extremes,
            longest_line=longest,
            separators=separators,
        )


def _spelling(window: Window) -> tuple[Template, bool, int] | None:
    """The template, whether boxes are to be made corners, and the separators as in Tokens."""
    if isinstance(window, RowWindow):
        alike = window.alike
        if alike is None or alike.is_keyed or alike.template.columns != WIDTH:
            return None
        return alike.template, alike.is_sized, 0
    if window.size < _SHORTEST_LINE:
        return None
    first_line = window.text(0, min(window.size, 256)).partition(b"\n")[0]
    separator = next((byte for byte in (b" ", b"\t", b",") if byte in first_line), b" ")
    template = _text_template(separator, b"\r\n" if first_line.endswith(b"\r") else b"\n")
    return template, False, _SEPARATORS[separator]


@lru_cache
def _text_template(separator: bytes, line_end: bytes) -> Template:
    template = Template.of((b"", *[separator] * (WIDTH - 1), line_end), between=b"", ranks=range(WIDTH))
    assert template is not None  # noqa: S101  # for the type checker
    return template
