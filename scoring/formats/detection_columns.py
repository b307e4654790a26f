"""Tokens of detection lines to columns, whatever they were written in; records spelled alike have a faster way."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from scoring.formats.box_use import MAX_COORDINATE, SMALLEST_NORMAL
from scoring.formats.detection_counts import (
    BLANK,
    CLASS,
    COLUMNS,
    COORDINATE,
    COUNTS,
    IDS,
    IMAGE,
    INVERTED,
    NEGATIVE,
    NORMALISED,
    OK,
    ONE_PIXEL,
    TINY,
    TOKEN,
    UNUSUAL,
    WNIDS,
)
from scoring.formats.tokens import NUMBER, WNID

WIDTH = 7

Numbers = npt.NDArray[np.float64]
Positions = npt.NDArray[np.int32]
Found = tuple[npt.NDArray[np.uint8], Positions, Positions, Numbers, Numbers, npt.NDArray[np.int64], Numbers]


def detection_columns(
    values: Numbers, kinds: npt.NDArray[np.uint8], line_starts: Positions, *,
    image_positions: Positions, class_positions: Positions,
    wnids: npt.NDArray[np.int64], wnid_positions: Positions,
) -> Found:  # fmt: skip
    """The lines of a window.

    Args:
        values, kinds: (tokens,) as in Tokens; line_starts: (lines + 1,).
        image_positions, class_positions: dense tables, -1 where there is none.
        wnids, wnid_positions: (wnids,) ascending numbers, and the class position of each.

    Returns:
        faults (lines,) uint8; of the lines that are right: images, classes int32, confidences, boxes (., 4);
        counts; and the least and greatest confidence and class id.
    """
    lengths = np.diff(line_starts)
    whole = np.flatnonzero(lengths == WIDTH)
    is_uniform = len(whole) == len(lengths)
    cells = slice(None) if is_uniform else (line_starts[whole, None] + np.arange(WIDTH)).ravel()
    table, table_kinds = values[cells].reshape(-1, WIDTH), kinds[cells].reshape(-1, WIDTH)
    is_wnid = table_kinds[:, 1] == WNID
    is_known = (table_kinds == NUMBER).sum(axis=1) + is_wnid == WIDTH
    images = dense_positions(image_positions, table[:, 0])
    classes = dense_positions(class_positions, table[:, 1])
    if is_wnid.any():
        classes[is_wnid] = _wnid_positions(table[is_wnid, 1], wnids, wnid_positions)
    corners = table[:, 3:]
    is_far = (np.abs(corners) > MAX_COORDINATE).any(axis=1)
    fault = np.full(len(table), OK, dtype=np.uint8)
    for code, is_faulty in ((COORDINATE, is_far), (CLASS, classes < 0), (IMAGE, images < 0), (TOKEN, ~is_known)):
        fault[is_faulty] = code
    faults = np.where(lengths == 0, BLANK, COLUMNS).astype(np.uint8)
    faults[whole] = fault
    ids = table[is_known & ~is_wnid, 1]
    right = slice(None) if not fault.any() else fault == OK
    boxes = np.ascontiguousarray(corners[right])
    confidences = table[right, 2] + 0.0  # -0.0 becomes 0.0: they tie
    counts = _counts(table[right, 2:], confidences)
    counts[WNIDS], counts[IDS] = int((is_known & is_wnid).sum()), int((ids != 0).sum())
    extremes = [confidences.min(initial=np.inf), confidences.max(initial=-np.inf), ids.min(initial=np.inf),
                ids.max(initial=-np.inf)]  # fmt: skip
    return faults, images[right], classes[right], confidences, boxes, counts, np.array(extremes)


def dense_positions(positions: Positions, numbers: Numbers) -> Positions:
    """(rows,) positions by a dense table; -1 for what has none, fractions included."""
    is_inside = (numbers >= 0) & (numbers < len(positions))
    places = np.where(is_inside, numbers, 0).astype(np.int64)
    found = positions[places]
    found[~is_inside | (places != numbers)] = -1
    return found


def _wnid_positions(numbers: Numbers, wnids: npt.NDArray[np.int64], positions: Positions) -> Positions:
    if not len(wnids):
        return np.full(len(numbers), -1, dtype=np.int32)
    places = np.minimum(np.searchsorted(wnids, numbers), len(wnids) - 1)
    return np.where(wnids[places] == numbers, positions[places], -1).astype(np.int32)


def _counts(numbers: Numbers, confidences: Numbers) -> npt.NDArray[np.int64]:
    """What is odd about (rows, 5) confidences and corners."""
    x1, y1, x2, y2 = numbers[:, 1:].T
    lowest, highest = (
        np.minimum(np.minimum(x1, x2), np.minimum(y1, y2)),
        np.maximum(np.maximum(x1, x2), np.maximum(y1, y2)),
    )
    counts = np.zeros(COUNTS, dtype=np.int64)
    counts[INVERTED] = ((x2 < x1) | (y2 < y1)).sum()
    counts[ONE_PIXEL] = ((x2 == x1) & (y2 == y1)).sum()
    counts[NEGATIVE] = (lowest < 0).sum()
    counts[NORMALISED] = ((lowest >= 0) & (highest <= 1)).sum()
    counts[UNUSUAL] = (~((confidences >= 0) & (confidences <= 1))).sum()
    small = numbers[(np.abs(numbers) < SMALLEST_NORMAL).any(axis=1)]
    counts[TINY] = ((np.abs(small) < SMALLEST_NORMAL) & ((small != 0) | np.signbit(small))).any(axis=1).sum()
    return counts
