"""What a file's boxes look like as a whole: each oddity is scored by the plain formula, and noticed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scoring.findings import Finding, FindingLog
from scoring.formats.complaints import error, notice

# No picture has ten million pixels on a side; areas beyond it start to lose whole pixels in a double.
MAX_COORDINATE = 1e7

# Doubles closer to 0 are denormal: they have fewer digits the smaller they are.
SMALLEST_NORMAL = float(np.finfo(np.float64).smallest_normal)


def beyond_coordinates(text: str, *, line: int) -> Finding:
    return error(
        "coordinate-range", line, text, "a coordinate is a pixel, from -10,000,000 to 10,000,000",
        advice="write pixels of the image, counted from its upper left corner",
    )  # fmt: skip


@dataclass(slots=True)
class BoxUse:
    """Counts over all boxes of a file."""

    boxes: int = 0
    inverted: int = 0  # xmax < xmin or ymax < ymin
    one_pixel: int = 0
    negative: int = 0  # with a coordinate below 0
    normalised: int = 0  # with all coordinates within 0..1
    tiny: int = 0  # lines or boxes with a -0.0, or a number closer to 0 than doubles are precise

    def add(self, corners: npt.NDArray[np.float64]) -> None:
        """Take in (boxes, 4) corners."""
        low, high = corners[:, :2], corners[:, 2:]
        self.boxes += len(corners)
        self.inverted += int((high < low).any(axis=1).sum())
        self.one_pixel += int((high == low).all(axis=1).sum())
        self.negative += int((corners < 0).any(axis=1).sum())
        self.normalised += int(((corners >= 0) & (corners <= 1)).all(axis=1).sum())
        is_tiny = (np.abs(corners) < SMALLEST_NORMAL) & ((corners != 0) | np.signbit(corners))
        self.tiny += int(is_tiny.any(axis=1).sum())

    def finish(self, log: FindingLog) -> None:
        if self.inverted:
            is_most = self.inverted * 2 > self.boxes
            log.add(
                notice(
                    "box-inverted", "boxes have xmax < xmin or ymax < ymin; the plain formula is applied to them",
                    count=self.inverted,
                    advice="are these x y w h? The format is xmin ymin xmax ymax" if is_most
                    else "write the smaller corner first",
                )
            )  # fmt: skip
        if self.one_pixel:
            log.add(notice("box-one-pixel", "boxes of one pixel", count=self.one_pixel, advice="corners are inclusive"))
        if self.negative:
            log.add(
                notice(
                    "coordinate-negative", "boxes have a coordinate below 0; they are scored as they are",
                    count=self.negative, advice="pixels are counted from the upper left corner of the image",
                )
            )  # fmt: skip
        if self.tiny:
            log.add(
                notice(
                    "tiny-numbers", "there are numbers like -0.0 or 1e-320", count=self.tiny,
                    advice="they are taken as they stand, -0.0 as 0; write 0",
                )
            )  # fmt: skip
        if self.boxes and self.normalised == self.boxes:
            log.add(
                notice(
                    "coordinates-normalised", "all coordinates lie within 0..1", count=self.boxes,
                    advice="they look normalised: multiply by the image's width and height",
                )
            )  # fmt: skip
