"""What formats that name an image beside its guesses have in common: rows in any order, each image once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from scoring.findings import FindingLog
from scoring.formats.complaints import error, notice, of_known_split
from scoring.formats.image_keys import UNKNOWN_IMAGE, ImageKeys
from scoring.formats.unreadable import unreadable
from scoring.images import Images


class KeyedImages:
    """Sees to it that every image of the round is spoken of, and none twice."""

    def __init__(self, images: Images) -> None:
        self._images = images
        self._keys = ImageKeys(images)
        self._lines = np.zeros(len(images), dtype=np.int64)  # where each image stands first, from 1; 0: nowhere
        self._last = UNKNOWN_IMAGE
        self._out_of_order = 0
        self.count = 0  # rows so far

    def accept(self, keys: Sequence[str], *, lines: npt.NDArray[np.int64], log: FindingLog) -> npt.NDArray[np.int32]:
        """(rows,) image positions, UNKNOWN_IMAGE for rows that do not count; `lines` are the rows' lines, from 1."""
        positions = self._keys.positions(keys)
        self.count += len(keys)
        unknown = np.flatnonzero(positions == UNKNOWN_IMAGE)
        for row in _shown("unknown-image", unknown, log):
            log.add(
                error(
                    "unknown-image", int(lines[row]), keys[row], "no image of this round has this name or index",
                    advice="write the image as the round's list does",
                )
            )  # fmt: skip
        known = np.flatnonzero(positions >= 0)
        _, first = np.unique(positions[known], return_index=True)
        is_new = np.zeros(len(keys), dtype=np.bool_)
        is_new[known[first]] = True
        is_new &= self._lines[positions] == 0
        for row in _shown("image-twice", known[~is_new[known]], log):
            position = positions[row]
            before = int(self._lines[position]) or int(lines[known[first]][positions[known[first]] == position][0])
            log.add(
                error(
                    "image-twice", int(lines[row]), keys[row], f"this image stands on line {before} already",
                    advice="write every image once",
                )
            )  # fmt: skip
        self._lines[positions[is_new]] = lines[is_new]
        if len(known):
            ordered = np.concatenate([[self._last], positions[known]])
            self._out_of_order += int((np.diff(ordered) < 0).sum())
            self._last = int(ordered[-1])
        return np.where(is_new, positions, np.int32(UNKNOWN_IMAGE)).astype(np.int32)

    def finish(self, log: FindingLog) -> None:
        if not self.count:
            raise unreadable("empty", "the file has no rows", "send one row per image")
        missing = np.flatnonzero(self._lines == 0)
        if len(missing):
            names = self._images.names
            first = names[missing[0]] if names else str(self._images.indices[missing[0]])
            log.add(
                error(
                    "image-missing", None, first,
                    f"{len(missing):,} of the round's {len(self._images):,} images have no row; this is the first",
                    advice="write one row for every image" + of_known_split(self.count),
                )
            )  # fmt: skip
        if self._out_of_order and not len(missing):
            log.add(
                notice(
                    "rows-shuffled", "rows are not in the order of the images", count=self._out_of_order,
                    advice="this is allowed: every row names its image",
                )
            )  # fmt: skip


def _shown(code: str, rows: npt.NDArray[np.intp], log: FindingLog) -> list[int]:
    """The rows of which findings are still shown; the others are counted."""
    shown: list[int] = rows[: log.wants(code)].tolist()
    if len(rows) > len(shown):
        log.count_more(code, len(rows) - len(shown))
    return shown
