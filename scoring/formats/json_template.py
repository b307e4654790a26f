"""What a file's first record looks like but for its numbers: records spelled so are read by a kernel."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from scoring.formats.image_keys import is_index
from scoring.formats.json_records import Shape, make_corners
from scoring.formats.record_template import Template
from scoring.formats.tokens import NUMBER, Tokens
from scoring.formats.windows import Window

_STRING_OR_NUMBER = re.compile(r'"(?:[^"\\]|\\.)*"|(-?[0-9][0-9.eE+-]*)')

# What is neither part of a number nor between tokens, when a token of a record is shown.
_MARKS = bytes.maketrans(b'{}[]":', b"      ")


class JsonText(Window):
    """Records as they stand in the file; a token ends where its number does."""

    def text(self, start: int, end: int) -> bytes:
        return super().text(start, end).translate(_MARKS)


@dataclass(frozen=True, kw_only=True, eq=False)
class AlikeRecords:
    """How a file's records are spelled, and what their numbers mean."""

    cut: bytes  # what stands where a record ends and the next one begins
    template: Template  # its first column is the image's key where records have one; then come those of a line
    is_keyed: bool
    is_sized: bool  # whether the last four are x, y, width and height where corners are due

    def read(self, window: Window) -> Tokens | None:
        """The tokens of a window; None where a record is spelled otherwise, or names its image by no index."""
        template = self.template
        most = template.most_rows(window) * template.width
        cells, cell_places = np.empty(most), np.empty(most, np.int32)
        rows, _ = template.read(window, cells, cell_places)
        if rows < 0:
            return None
        used = slice(rows * template.width)
        values = cells[used].reshape(rows, template.width)[:, : template.columns]
        places = cell_places[used].reshape(rows, template.width)[:, : template.columns]
        keys = None
        if self.is_keyed:
            if not is_index(values[:, 0], np.full(rows, NUMBER, np.uint8)):
                return None
            keys = [f"{index:.0f}" for index in values[:, 0].tolist()]
            values, places = values[:, 1:], places[:, 1:]
        if self.is_sized:
            make_corners(values[:, -4:])
        return Tokens(
            values=values.reshape(-1), kinds=np.full(values.size, NUMBER, np.uint8), offsets=places.reshape(-1),
            line_starts=np.arange(rows + 1, dtype=np.int32) * np.int32(values.shape[1]),
            longest_line=0, separators=0, source=JsonText(data=window.data, size=window.size), keys=keys,
        )  # fmt: skip


def records_like(record: str, between: str, shape: Shape) -> AlikeRecords | None:
    """How a file is spelled whose first record, of numbers alone, is `record`; None where a kernel cannot read it."""
    spans = [found.span(1) for found in _STRING_OR_NUMBER.finditer(record) if found[1]]
    if len(spans) != len(shape.names) or not record.isascii():
        return None
    ends = [0, *(end for _, end in spans)]
    starts = [*(start for start, _ in spans), len(record)]
    pieces = [record[end:start].encode() for end, start in zip(ends, starts, strict=True)]
    header = shape.header
    columns = [*([] if header.key is None else [header.key]), *header.order]
    template = Template.of(
        pieces,
        between=between.encode(),
        ranks=[columns.index(number) if number in columns else -1 for number in range(len(spans))],
    )
    if template is None:
        return None
    return AlikeRecords(
        cut=b"}" + between.encode() + pieces[0],
        template=template,
        is_keyed=header.key is not None,
        is_sized=shape.is_sized,
    )
