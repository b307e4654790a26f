"""What a file's first record looks like but for its numbers: records spelled so are read by a kernel."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scoring.formats.image_keys import is_index
from scoring.formats.json_records import Shape, make_corners
from scoring.formats.tokens import HARD, Tokens, parse_token, token_text
from scoring.formats.windows import SPARE_BYTES, Window

_STRING_OR_NUMBER = re.compile(r'"(?:[^"\\]|\\.)*"|(-?[0-9][0-9.eE+-]*)')

# What is neither part of a number nor between tokens, when a token of a record is shown.
_MARKS = bytes.maketrans(b'{}[]":', b"      ")


class JsonText(Window):
    """Records as they stand in the file; a token ends where its number does."""

    def text(self, start: int, end: int) -> bytes:
        return super().text(start, end).translate(_MARKS)


@dataclass(frozen=True, kw_only=True, eq=False)
class Template:
    """How records are spelled, and which of their numbers make a line."""

    cut: bytes  # what stands where a record ends and the next one begins
    pieces: npt.NDArray[np.uint8]  # as the kernel takes them
    piece_starts: npt.NDArray[np.int64]
    ranks: npt.NDArray[np.int64]
    columns: int  # of a line, the image's key in front of them where records have one
    is_keyed: bool
    is_sized: bool

    def read(self, window: Window) -> Tokens | None:
        """The tokens of a window; None where a record is spelled otherwise, or names its image by no index."""
        from scoring.formats.json_kernel import alike_records  # loads the compiler; small files do without

        values, kinds, offsets, taken = alike_records(
            window.data, window.size, self.pieces, self.piece_starts, self.ranks, self.columns,
            window.size // len(self.pieces) + 1,
        )  # fmt: skip
        if taken != window.size:
            return None
        source = JsonText(data=window.data, size=window.size)
        for token in np.flatnonzero(kinds == HARD):
            values[token], kinds[token] = parse_token(token_text(source, int(offsets[token])))
        shape = (-1, self.columns)
        grid, grid_kinds, grid_offsets = values.reshape(shape), kinds.reshape(shape), offsets.reshape(shape)
        keys = None
        if self.is_keyed:
            if not is_index(grid[:, 0], grid_kinds[:, 0]):
                return None
            keys = [f"{index:.0f}" for index in grid[:, 0].tolist()]
            grid, grid_kinds, grid_offsets = grid[:, 1:], grid_kinds[:, 1:], grid_offsets[:, 1:]
        if self.is_sized:
            make_corners(grid[:, -4:])
        return Tokens(
            values=grid.reshape(-1), kinds=grid_kinds.reshape(-1), offsets=grid_offsets.reshape(-1),
            line_starts=np.arange(len(grid) + 1, dtype=np.int32) * np.int32(grid.shape[1]),
            longest_line=0, separators=0, source=source, keys=keys,
        )  # fmt: skip


def template_of(record: str, between: str, shape: Shape) -> Template | None:
    """The template of a file whose first record, of numbers alone, is `record`; None where it is none for a kernel."""
    spans = [found.span(1) for found in _STRING_OR_NUMBER.finditer(record) if found[1]]
    if len(spans) != len(shape.names) or not record.isascii():
        return None
    ends = [0, *(end for _, end in spans)]
    starts = [*(start for start, _ in spans), len(record)]
    pieces = [between, *(record[end:start] for end, start in zip(ends, starts, strict=True))]
    if max(map(len, pieces)) > SPARE_BYTES:
        return None
    header = shape.header
    columns = [*([] if header.key is None else [header.key]), *header.order]
    ranks = np.full(len(spans), -1, dtype=np.int64)
    ranks[columns] = np.arange(len(columns))
    return Template(
        cut=f"}}{between}{pieces[1]}".encode(),
        pieces=np.frombuffer("".join(pieces).encode(), dtype=np.uint8),
        piece_starts=np.cumsum([0, *map(len, pieces)]),
        ranks=ranks,
        columns=len(columns),
        is_keyed=header.key is not None,
        is_sized=shape.is_sized,
    )
