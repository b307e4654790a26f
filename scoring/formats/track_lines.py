"""The kit's text format of `vid-track`: frame, class, track id, confidence and the four corners a line."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from scoring.findings import Finding, FindingLog
from scoring.formats.box_use import MAX_COORDINATE, BoxUse, beyond_coordinates
from scoring.formats.complaints import error
from scoring.formats.confidence_use import ConfidenceUse
from scoring.formats.detection_counts import OK
from scoring.formats.layouts import TRACKS
from scoring.formats.object_lines import ObjectColumns, ObjectLines, ParsedObjects
from scoring.rounds import PublicRound
from scoring.tracklets import TrackedColumns, snippets_of, tracklet_faults

# Below it whole numbers are exact in a double, and no two of them the same.
MAX_TRACK_ID = 2**53

_FAULTS = {
    "no-track": ("the track id is -1", "leave boxes out that belong to no track, or give each a track of its own"),
    "track-classes": ("this track has another class before", "give every object a track of its own, of one class"),
    "track-twice": ("this track has a box in this frame already", "give every object one box a frame"),
}


class TrackLines(ObjectLines):
    """Reads `vid-track` files. Tracks are looked at once all lines are in, so what names them is kept until then."""

    layout = TRACKS
    range_code = "coordinate-range"

    def __init__(self, public: PublicRound) -> None:
        super().__init__(public)
        self._boxes = BoxUse()
        self._confidences = ConfidenceUse()
        self._keys: list[tuple[npt.NDArray[np.int32], npt.NDArray[np.int32], npt.NDArray[np.int64]]] = []
        self._numbers: list[npt.NDArray[np.int32]] = []  # the line of each row, from 1

    def is_out_of_range(self, numbers: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
        tracks = numbers[:, 0]
        is_out = np.abs(numbers) > MAX_COORDINATE
        is_out[:, 0] = (tracks < -1) | (tracks >= MAX_TRACK_ID) | (tracks != np.floor(tracks))
        is_out[:, 1] = False  # a confidence may be any finite number
        return is_out

    def range_finding(self, column: str, text: str, *, line: int) -> Finding:
        if column == "track":
            return error(
                "track", line, text, "a track id is a whole number, from 0 to less than 2^53",
                advice="number the tracks of each snippet",
            )  # fmt: skip
        return beyond_coordinates(text, line=line)

    def accept(self, parsed: ParsedObjects, log: FindingLog) -> TrackedColumns:
        objects: ObjectColumns = super().accept(parsed, log)
        columns = TrackedColumns(
            images=objects.images,
            classes=objects.classes,
            tracks=objects.numbers[:, 0].astype(np.int64),
            confidences=objects.numbers[:, 1] + 0.0,  # -0.0 becomes 0.0: they tie
            boxes=objects.numbers[:, 2:],
        )
        first = self._lines.physical - parsed.tokens.line_count
        self._keys.append((columns.images, columns.classes, columns.tracks))
        self._numbers.append((np.flatnonzero(parsed.faults == OK) + first + 1).astype(np.int32))
        self._boxes.add(columns.boxes)
        self._confidences.add(columns.confidences)
        return columns

    def finish(self, log: FindingLog) -> None:
        super().finish(log)
        self._boxes.finish(log)
        self._confidences.finish(log)
        if not self._keys:
            return
        images, classes, tracks = (np.concatenate(columns) for columns in zip(*self._keys, strict=True))
        faults = tracklet_faults(snippets=snippets_of(self._images), images=images, classes=classes, tracks=tracks)
        lines = np.concatenate(self._numbers)
        found = (faults.without_track, faults.of_second_class, faults.of_same_frame)
        for (code, (message, advice)), rows in zip(_FAULTS.items(), found, strict=True):
            shown = rows[: log.wants(code)]
            for row in shown.tolist():
                log.add(error(code, int(lines[row]), str(tracks[row]), message, advice=advice))
            if len(rows) > len(shown):
                log.count_more(code, len(rows) - len(shown))
